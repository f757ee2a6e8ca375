/** Sets of trials to compare, for tests: the same at every call. */

import { type CompareOptions, comparedColumns, compareSets } from '../../results/compare/compare-sets.ts'
import type { Comparison } from '../../results/compare/comparison.ts'
import { METRICS, type Metric } from '../../results/compare/metrics.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'

/** The metric of this name. */
export function metric(name = 'goodput'): Metric {
  const found = METRICS.find(each => each.name === name)
  if (!found) throw new Error(`no metric ${name}`)
  return found
}

/** A set as the reader gives it. */
export function setOf(label: string, records: readonly TrialRecord[], name = 'goodput'): TrialSet {
  return trialSet(label, records, comparedColumns(metric(name)))
}

/** Records of each label, compared by goodput unless the options say otherwise. */
export function compared(
  records: Readonly<Record<string, readonly TrialRecord[]>>,
  options: Partial<CompareOptions> = {},
): Comparison {
  const chosen = options.metric ?? metric()
  const sets = Object.entries(records).map(([label, each]) => setOf(label, each, chosen.name))
  return compareSets(sets, { ...options, metric: chosen })
}

/** The same records as another run has them. */
export function otherRun(
  records: readonly TrialRecord[],
  id: string,
  change: (record: TrialRecord) => Partial<TrialRecord> = () => ({}),
): readonly TrialRecord[] {
  return records.map(record => ({ ...record, run_id: id, ...change(record) }))
}

/** A record whose trial was quicker by this factor. */
export function faster(record: TrialRecord, factor: number): Partial<TrialRecord> {
  const { goodput_bps, delivery_ms, total_ms } = record
  return {
    ...(goodput_bps === undefined ? {} : { goodput_bps: goodput_bps * factor }),
    ...(delivery_ms === undefined ? {} : { delivery_ms: delivery_ms / factor }),
    ...(total_ms === undefined ? {} : { total_ms: total_ms / factor }),
  }
}
