/** `bench ab --gate`: a B that is worse has to be worse again in fresh pairs; gives the verdict. */

import { counted } from '../../../base/units.ts'
import type { CompareOptions } from '../../../results/compare/compare-sets.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { type Check, type Gate, isSuspicious, verdictOfChecks } from '../../../results/gate/check.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { confirm, unconfirmed } from '../../../results/gate/confirm.ts'
import type { Measured } from '../../measure/run.ts'
import { alignSides } from '../../pairs/alignment.ts'
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
  const { checks, pairOf } = checksOf(records, rule)
  const suspicious = checks.filter(isSuspicious).flatMap(({ cell }) => (cell && pairOf(cell)) ?? [])
  if (suspicious.length === 0) return checks
  if (session.trouble !== undefined) return unconfirmed(checks, ENDED)
  const pairs = new Set(suspicious)
  session.say(`looks worse in ${counted(pairs.size, 'case')}: measured again with twice as many pairs\n`)
  const fresh = await session.measure(session.again((_, pair) => pairs.has(pair)))
  return signal.aborted || fresh.length === 0
    ? unconfirmed(checks, ENDED)
    : confirm(checks, checksOf(fresh, rule, records).checks, ENDED)
}

const ENDED = 'the run ended before that'

function checksOf(records: readonly Measured[], { metric, delta }: Rule, all = records) {
  const { sets, pairOf } = alignSides(records, gateColumns([metric]), all)
  return { ...checkChanges(sets[0], sets[1], { metrics: [metric], delta, bySide: true }), pairOf }
}
