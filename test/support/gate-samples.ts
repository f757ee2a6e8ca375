/** Sets of trials as a gate reads them, for its tests. */

import { METRICS } from '../../results/compare/metrics.ts'
import type { Check } from '../../results/gate/check.ts'
import { checkChanges } from '../../results/gate/check-changes.ts'
import { gateColumns } from '../../results/gate/columns.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { datagrams, rounds, stream } from './results-samples.ts'

export function gateSet(records: readonly TrialRecord[], label = 'results'): TrialSet {
  return trialSet(label, records, gateColumns())
}

/** One run: 20 rounds of each of `makes`, at `day` of November 2026. */
export function runOf(
  day: number,
  makes: readonly ((round: number, noise: number) => TrialRecord)[],
  count = 20,
): readonly TrialRecord[] {
  const date = `202611${String(day).padStart(2, '0')}`
  return makes.flatMap(make =>
    rounds(count, make).map(each => ({
      ...each,
      run_id: `${date}T120000Z-abcd`,
      started_at: `2026-11-${date.slice(6)}T12:00:00.000Z`,
    })),
  )
}

/** The checks of these kinds, each as `status: sentence`. */
export function told(checks: readonly Check[], ...kinds: readonly Check['kind'][]): readonly string[] {
  return checks.filter(each => kinds.includes(each.kind)).map(each => `${each.status}: ${each.sentence}`)
}

export const GOODPUT = METRICS.filter(each => each.name === 'goodput')

/** Checks of goodput against a baseline. */
export function changes(base: readonly TrialRecord[], results: readonly TrialRecord[], bySide = false) {
  return checkChanges(gateSet(base, 'baseline'), gateSet(results), { metrics: GOODPUT, bySide })
}

export const tcp = (bps: number) => (_: number, noise: number) => stream(bps * noise)
export const udp =
  (bps: number, lost: number, values: Partial<TrialRecord> = {}) =>
  (_: number, noise: number) =>
    datagrams(bps * noise, lost, values)
