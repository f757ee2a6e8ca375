/** `bench ab`: two variants as interleaved pairs in one run, and what B is against A. */
import { type CompareOptions, comparedColumns, compareSets } from '../../results/compare/compare-sets.ts'
import { DELTA } from '../../results/compare/judge.ts'
import type { Metric } from '../../results/compare/metrics.ts'
import { renderComparison } from '../../results/compare/text.ts'
import { type Check, type Gate, isSuspicious, verdictOfChecks } from '../../results/gate/check.ts'
import { checkChanges } from '../../results/gate/check-changes.ts'
import { confirm, unconfirmed } from '../../results/gate/confirm.ts'
import { renderGate } from '../../results/gate/render.ts'
import { renderWarnings } from '../../results/warnings.ts'
import { alignSides } from '../pairs/alignment.ts'
import { deltaByNoise, noiseLookup } from '../pairs/noise.ts'
import type { PairedRecord } from '../pairs/pairs.ts'
import { readNoise } from '../pairs/read-noise.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { formatCount } from '../units.ts'
import type { AbArguments } from './ab-flags.ts'
import { describeSides } from './describe-sides.ts'
import { counted } from './output.ts'
import { metricOf, PairedRun } from './paired-run.ts'
import { checkDifferent, prepareSides } from './sides.ts'

/** What counts as a difference. */
interface Rule {
  readonly metric: Metric
  readonly delta: NonNullable<CompareOptions['delta']>
}

export async function ab(terminal: Terminal, args: AbArguments, signal: AbortSignal): Promise<ExitCode> {
  const metric = metricOf(args)
  const noise = args.noise === undefined ? undefined : await readNoise(args.noise, metric)
  const delta = args.delta ?? DELTA
  const rule = { metric, delta: noise ? deltaByNoise(delta, noiseLookup(noise.cells)) : delta }
  await using sides = await prepareSides(args.sides, signal)
  checkDifferent(sides, args.sides)
  using run = new PairedRun(terminal, args.common, sides, 'ab')
  const heading = describeSides(args.sides, sides)
  for (const problem of noise?.problems ?? []) run.say(`${problem}\n`)
  run.announce(heading)
  const records = await run.measure(signal)
  const checks = args.gate ? await judge(run, records, rule, signal) : []
  const warnings = run.close()
  const options = { width: terminal.width, color: terminal.color }
  const gate = args.gate ? gateOf(checks, heading, records, args.strict) : undefined
  if (records.length > 0) {
    const { sets, fields } = alignSides(records, comparedColumns(metric))
    const comparison = compareSets(sets, { ...rule, by: 'side', fields })
    const texts = [
      `${heading}\n`,
      renderComparison(comparison, options),
      renderWarnings(warnings, options),
      ...(gate ? [renderGate(gate, options)] : []),
    ]
    run.show(`${texts.filter(text => text !== '').join('\n')}`)
  }
  return run.end(signal, gate?.verdict === 'failed')
}

/** What the pairs prove; where B is worse it is measured again with fresh pairs, and has to be worse again. */
async function judge(
  run: PairedRun,
  records: readonly PairedRecord[],
  rule: Rule,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  if (records.length === 0) return []
  const { checks, pairOf } = checksOf(records, rule)
  const suspicious = checks
    .filter(isSuspicious)
    .flatMap(({ cell }) => (cell ? pairOf(cell) : undefined) ?? [])
  if (suspicious.length === 0) return checks
  if (signal.aborted || run.trouble !== undefined) return unconfirmed(checks, 'the run was ended before')
  const pairs = new Set(suspicious)
  run.say(`worse in ${counted(pairs.size, 'case')}: measured again with fresh pairs\n`)
  const fresh = await run.measure(signal, pairs)
  if (fresh.length === 0) return unconfirmed(checks, 'the run was ended before')
  return confirm(checks, checksOf(fresh, rule).checks)
}

function checksOf(records: readonly PairedRecord[], { metric, delta }: Rule) {
  const { sets, pairOf } = alignSides(records, comparedColumns(metric))
  return { ...checkChanges(sets[0], sets[1], { metrics: [metric], delta, bySide: true }), pairOf }
}

function gateOf(
  checks: readonly Check[],
  heading: string,
  records: readonly PairedRecord[],
  strict: boolean,
): Gate {
  const rounds = new Set(records.map(({ record }) => `${record.scenario} ${record.round}`)).size
  return {
    verdict: verdictOfChecks(checks, strict),
    strict,
    heading: [heading, `B against A, in pairs of ${formatCount(rounds)} rounds`],
    checks,
    notes: [],
  }
}
