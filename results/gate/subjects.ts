/** What a threshold can be about: the metrics of comparisons, loss, and counts of trials and datagrams. */

import { METRICS } from '../compare/metrics.ts'
import { type ColumnName, columnOf } from '../schema/columns.ts'

/**
 * `rate`, `time` and `share` have samples, one a trial; so have loss and unanswered requests, as a share. Counts are of trials, or of datagrams.
 * `trips`: percentiles of all requests, whose median alone is that of the trials, as in tables.
 */
export type Subject =
  | { readonly kind: 'rate' | 'time' | 'share' | 'trips'; readonly name: string; readonly column: ColumnName }
  | { readonly kind: 'loss' | 'unanswered'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string }
  | { readonly kind: 'trials'; readonly name: string; readonly counts: TrialCount }

/** What is counted of trials; `failed` includes those that timed out. */
export type TrialCount = 'completed' | 'incomplete' | 'failed' | 'damaged'

export const SUBJECTS: readonly Subject[] = [
  ...METRICS.map(({ name, column }) => ({ kind: kindOf(column), name, column })),
  { kind: 'loss', name: 'loss' },
  { kind: 'unanswered', name: 'unanswered' },
  { kind: 'refused', name: 'refused' },
  ...(['completed', 'incomplete', 'failed', 'damaged'] as const).map(counts => ({
    kind: 'trials' as const,
    name: counts,
    counts,
  })),
]

function kindOf(column: ColumnName): 'rate' | 'time' | 'share' | 'trips' {
  if (column === 'rtt_p50_ms') return 'trips'
  const { unit } = columnOf(column)
  return unit === 'bit/s' ? 'rate' : unit === '0 to 1' ? 'share' : 'time'
}
