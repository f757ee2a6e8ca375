/** `bench ab`: measures two variants as interleaved pairs in one run, and compares B with A. */
import type { SetupError } from '../../../base/errors.ts'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import { renderComparison } from '../../../results/compare/document.ts'
import { DELTA } from '../../../results/compare/judge.ts'
import { wrapWords } from '../../../results/document/text.ts'
import type { Gate } from '../../../results/gate/check.ts'
import { renderGate } from '../../../results/gate/document.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { findWarnings, renderWarnings } from '../../../results/warnings/warnings.ts'
import { alignSides } from '../../pairs/alignment.ts'
import { describeProcesses } from '../../pairs/describe-processes.ts'
import { deltaByNoise, noiseLookup } from '../../pairs/noise.ts'
import { noiseNotes } from '../../pairs/noise-notes.ts'
import { readNoise } from '../../pairs/read-noise.ts'
import type { Extended } from '../../workloads/catalog.ts'
import {
  githubEnvironment,
  type OutputArguments,
  Outputs,
  reportToGithub,
  reportUnwritten,
} from '../check/outputs.ts'
import type { Session } from '../session.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { gateOf, type Rule } from './ab-gate.ts'
import { describeSides } from './describe-sides.ts'
import { announcePairs, metricOf, openPaired, type PairedArguments, warningsOfRows } from './paired-run.ts'
import { checkDifferent, prepareSides } from './sides.ts'

export interface AbArguments extends PairedArguments {
  /** Result file of an A/A run. */
  readonly noise: string | undefined
  readonly gate: boolean
  readonly strict: boolean
  /** Files of the gate. */
  readonly outputs: Pick<OutputArguments, 'junit' | 'json' | 'benchmarkJson'>
}

export async function ab(
  terminal: Terminal,
  args: AbArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { common, gate: gated, strict } = args
  await using sides = await prepareSides(args.sides, catalog, signal)
  checkDifferent(sides)
  const metric = metricOf(args, sides)
  const noise = args.noise === undefined ? undefined : await readNoise(args.noise, metric)
  const delta = args.delta ?? DELTA
  const noiseOf = noise && noiseLookup(noise.cells)
  const rule: Rule = { metric, delta: noiseOf ? deltaByNoise(delta, noiseOf) : delta }
  using outputs = new Outputs({ ...args.outputs, force: common.force })
  await using session = openPaired(terminal, common, sides, catalog, signal, 'ab')
  const heading = describeSides(args.sides, sides)
  const startedAt = new Date().toISOString()
  for (const problem of noise?.problems ?? []) session.say(`${problem}\n`)
  announcePairs(session, sides, heading)
  const unwritten: SetupError[] = []
  const records = await session.measure()
  const judged = gated ? await gateOf(session, records, { rule, heading, strict }, signal) : undefined
  const found = findWarnings(summarize(session.records))
  await session.close(found)
  const warnings = warningsOfRows(found)
  if (records.length > 0) {
    const options = { width: terminal.width, color: terminal.color }
    const { sets, fields, unlike } = alignSides(records, comparedColumns(metric))
    const comparison = compareSets(sets, { ...rule, by: 'side', fields, unlike })
    const charts = common.chart && !common.quiet
    const cells = comparison.rows.map(each => each.cell)
    const notes = noiseOf ? noiseNotes(cells, noiseOf, delta, args.noise ?? '') : []
    const gate = judged && { ...judged, notes: [...judged.notes, ...notes] }
    const processes = describeProcesses(records)
    const texts = [
      `${heading}\n`,
      renderComparison(comparison, { ...options, charts }),
      ...(processes === undefined ? [] : wrapWords(processes, terminal.width).map(line => `${line}\n`)),
      renderWarnings([...warnings, ...(gate ? [] : notes)], options),
      gate ? renderGate(gate, options) : '',
    ]
    session.show(texts.filter(text => text !== '').join('\n'))
    if (gate) {
      tellCi(gate, session)
      // The verdict has been shown: a full disk cannot lose it.
      unwritten.push(...outputs.write(gate, sets[1], startedAt))
    }
  }
  const unjudged = gated ? `; ${judged ? 'what looked worse was not confirmed' : 'nothing was judged'}` : ''
  const code = session.end({ proven: judged?.verdict === 'failed', unjudged })
  return reportUnwritten(terminal, unwritten, code)
}

function tellCi(gate: Gate, session: Session): void {
  const github = githubEnvironment(process.env)
  if (!github) return
  reportToGithub(
    gate,
    github,
    text => session.show(text),
    text => session.say(text),
  )
}
