/** What a threshold can be about: the metrics of comparisons, loss, and counts of trials and datagrams. */

import { METRICS } from '../compare/metrics.ts'
import { type ColumnName, columnOf } from '../schema/columns.ts'

/** `rate` and `time` have samples, one a trial; so has loss, as a share. Counts are of trials, or of datagrams. */
export type Subject =
  | { readonly kind: 'rate' | 'time'; readonly name: string; readonly column: ColumnName }
  | { readonly kind: 'loss'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string }
  | { readonly kind: 'trials'; readonly name: string; readonly counts: TrialCount }

/** What is counted of trials; `failed` includes those that timed out. */
export type TrialCount = 'completed' | 'incomplete' | 'failed' | 'damaged'

export const SUBJECTS: readonly Subject[] = [
  ...METRICS.map(({ name, column }) => ({ kind: kindOf(column), name, column })),
  { kind: 'loss', name: 'loss' },
  { kind: 'refused', name: 'refused' },
  ...(['completed', 'incomplete', 'failed', 'damaged'] as const).map(counts => ({
    kind: 'trials' as const,
    name: counts,
    counts,
  })),
]

function kindOf(column: ColumnName): 'rate' | 'time' {
  return columnOf(column).unit === 'bit/s' ? 'rate' : 'time'
}
