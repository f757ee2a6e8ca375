/** The columns that a gate needs. */

import { comparedColumns } from '../compare/compare-sets.ts'
import { METRICS } from '../compare/metrics.ts'
import type { ColumnName } from '../schema/columns.ts'
import { COUNT_NUMBERS, COUNT_TEXTS } from './threshold-value.ts'

/** Columns for checks by any metric and any threshold, and those that say how cells were measured. */
export function gateColumns(): {
  readonly numbers: readonly ColumnName[]
  readonly texts: readonly ColumnName[]
} {
  const compared = comparedColumns(...METRICS)
  return {
    numbers: [...new Set([...COUNT_NUMBERS, ...compared.numbers, ...(['seed', 'nodelay'] as const)])],
    texts: [...new Set([...compared.texts, ...COUNT_TEXTS, 'pinned_cpus' as const])],
  }
}
