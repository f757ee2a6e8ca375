/** `bench ab --gate`: a B that is worse has to be worse again in fresh pairs; gives the verdict. */

import { counted } from '../../../base/units.ts'
import type { CompareOptions } from '../../../results/compare/compare-sets.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { type Check, type Gate, isSuspicious, verdictOfChecks } from '../../../results/gate/check.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { unconfirmed } from '../../../results/gate/confirm.ts'
import type { Measured } from '../../measure/run.ts'
import { alignSides } from '../../pairs/alignment.ts'
import { ENDED, lookAgain } from '../check/second-look.ts'
import type { Session } from '../session.ts'

/** What counts as a difference. */
export interface Rule {
  readonly metric: Metric
  readonly delta: NonNullable<CompareOptions['delta']>
}

export interface GateOptions {
  readonly rule: Rule
  /** How the sides differ. */
  readonly heading: string
  readonly strict: boolean
}

/**
 * Judges the pairs of a run; measures suspicious cases again with fresh pairs, as a separate run. Undefined if the run was interrupted:
 * half of the pairs are not enough to judge by.
 */
export async function gateOf(
  session: Session,
  records: readonly Measured[],
  { rule, heading, strict }: GateOptions,
  signal: AbortSignal,
): Promise<Gate | undefined> {
  if (signal.aborted) return undefined
  const checks = records.length === 0 ? [] : await judge(session, records, rule, signal)
  const rounds = new Set(records.map(({ record }) => `${record.scenario} ${record.round}`)).size
  return {
    verdict: verdictOfChecks(checks, strict),
    strict,
    heading: [heading, `B against A, in pairs of ${counted(rounds, 'round')}`],
    checks,
    notes: [],
  }
}

async function judge(
  session: Session,
  records: readonly Measured[],
  rule: Rule,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const first = judged(records, rule)
  const { checks, pairOf } = first
  const pairs = new Set(checks.filter(isSuspicious).flatMap(({ cell }) => (cell && pairOf(cell)) ?? []))
  if (pairs.size === 0) return checks
  if (session.trouble !== undefined) return unconfirmed(checks, ENDED)
  session.say(`looks worse in ${counted(pairs.size, 'case')}: measured again with twice as many pairs\n`)
  const measure = () => session.measure(session.again((_, pair) => pairs.has(pair)))
  return lookAgain(first, measure, fresh => judged(fresh, rule, records), ENDED, signal)
}

function judged(records: readonly Measured[], { metric, delta }: Rule, all = records) {
  const { sets, pairOf } = alignSides(records, gateColumns(), all)
  const [a, b] = sets
  return { ...checkChanges(a, b, { metrics: [metric], delta, bySide: true }), set: b, pairOf }
}
