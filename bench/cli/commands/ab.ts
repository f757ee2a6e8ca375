/** `bench ab`: measures two variants as interleaved pairs in one run, and compares B with A. */
import { type SetupError, UsageError } from '../../../base/errors.ts'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import { renderComparison } from '../../../results/compare/document.ts'
import { DELTA } from '../../../results/compare/judge.ts'
import { wrapWords } from '../../../results/document/text.ts'
import { renderGate } from '../../../results/gate/document.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import { alignSides } from '../../pairs/alignment.ts'
import { describeProcesses } from '../../pairs/describe-processes.ts'
import { deltaByNoise, noiseLookup } from '../../pairs/noise.ts'
import { noiseNotes } from '../../pairs/noise-notes.ts'
import { readNoise } from '../../pairs/read-noise.ts'
import { Outputs, reportToGithub } from '../check/outputs.ts'
import type { Command, Given } from '../command.ts'
import { needed, readFlags, text, yes } from '../flags.ts'
import { GATE_FILES, METRIC_FLAGS } from '../metric-flags.ts'
import { describeSides } from '../paired/describe-sides.ts'
import { gateOf, type Rule } from '../paired/gate.ts'
import { metricOf, openPaired, PAIRED_FLAGS, warningsOfRows } from '../paired/paired.ts'
import { sideArguments } from '../paired/side.ts'
import { checkDifferent, prepareSides } from '../paired/sides.ts'
import { reportUnwritten } from '../terminal.ts'

const FLAGS = {
  a: {
    ...needed(text('options of side A, as a string: engine=node, or --engine node --rate 400M', String)),
    dashed: true,
  },
  b: { ...needed(text('options of side B', String)), dashed: true },
  noise: text("rows of bench aa: count only differences of three times the case's noise or more", String),
  gate: yes('measure again where B is worse, and exit with 3 if it is worse again'),
  strict: yes('with --gate: exit with 3 if the result is inconclusive, too'),
  ...GATE_FILES,
  ...METRIC_FLAGS,
} as const

export const ab: Command = {
  flags: { ...FLAGS, ...PAIRED_FLAGS },
  examples: [
    ["$0 ab --a 'engine=node' --b 'engine=native'", 'compare two engines'],
    ["$0 ab --a '' --b cli=../other-build --gate", 'gate another build of this tool against this one'],
    ["$0 ab --a '' --b node=/opt/node24/bin/node", 'compare with another Node'],
  ],
  epilogue:
    'A side takes options of bench run (size, transport, engine, rate, rcvbuf, host …), quoted as in a shell, and: node=PATH, the Node to run its agents on; cli=PATH, another build of this tool, as its folder or its dist/bench/cli.js. Agents send and receive, so the transports, the engines and their speed are those of that build; scheduling, accounting and statistics stay those of the bench that you call.',
  before: 'anything was measured',
  async run(given, context) {
    const { terminal, catalog, signal } = context
    const asked = abArguments(given)
    const { gate: gated, strict, delta = DELTA } = asked
    const { run: common } = asked.sides.a
    await using sides = await prepareSides(asked.sides, catalog, signal)
    checkDifferent(sides)
    const metric = asked.metric ?? metricOf(sides)
    const noise = asked.noise === undefined ? undefined : await readNoise(asked.noise, metric)
    const noiseOf = noise && noiseLookup(noise.cells)
    const rule: Rule = { metric, delta: noiseOf ? deltaByNoise(delta, noiseOf) : delta }
    const { junit, json } = asked
    using outputs = new Outputs({ junit, json }, common.force)
    const heading = describeSides(asked.sides, sides)
    const startedAt = new Date().toISOString()
    await using session = await openPaired(common, sides, 'ab', heading, context)
    for (const problem of noise?.problems ?? []) session.say(`${problem}\n`)
    const unwritten: SetupError[] = []
    const records = await session.measure()
    const judged = gated ? await gateOf(session, records, { rule, heading, strict }, signal) : undefined
    const warnings = warningsOfRows((await session.finish()).warnings)
    if (records.length > 0) {
      const { sets, fields, unlike } = alignSides(records, comparedColumns(metric))
      const comparison = compareSets(sets, { ...rule, by: 'side', fields, unlike })
      const charts = common.chart && !common.quiet
      const cells = comparison.rows.map(each => each.cell)
      const notes = noiseOf ? noiseNotes(cells, noiseOf, delta, asked.noise ?? '') : []
      const gate = judged && { ...judged, notes: [...judged.notes, ...notes] }
      const processes = describeProcesses(records)
      const texts = [
        `${heading}\n`,
        renderComparison(comparison, { ...terminal, charts }),
        ...(processes === undefined ? [] : wrapWords(processes, terminal.width).map(line => `${line}\n`)),
        renderWarnings([...warnings, ...(gate ? [] : notes)], terminal),
        gate ? renderGate(gate, terminal) : '',
      ]
      session.show(texts.filter(text => text !== '').join('\n'))
      if (gate) {
        reportToGithub(gate, { data: text => session.show(text), err: text => session.say(text) })
        // The verdict has been shown: a full disk cannot lose it.
        unwritten.push(...outputs.write(gate, sets[1], startedAt))
      }
    }
    const unjudged = gated ? `; ${judged ? 'what looked worse was not confirmed' : 'nothing was judged'}` : ''
    const code = session.end({ proven: judged?.verdict === 'failed', unjudged })
    return reportUnwritten(terminal, unwritten, code)
  },
}

function abArguments({ operands, flags: { a: _a, b: _b, ...common }, flags }: Given) {
  const { a, b, ...asked } = readFlags(FLAGS, flags)
  const side = (name: 'a' | 'b', written: string) =>
    sideArguments(name, written, { operands, flags: common }, Object.keys(FLAGS))
  const { strict, junit, json } = asked
  const idle = Object.entries({ strict, junit, json }).find(([, value]) => (value ?? false) !== false)?.[0]
  if (idle && !asked.gate) throw new UsageError(`--${idle} needs --gate; add it`)
  return { ...asked, sides: { a: side('a', a), b: side('b', b) } }
}
