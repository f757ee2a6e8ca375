/** Chooses what a report compares: files with each other; in one file its sides, or else its transports, which ran in the same rounds. */

import { ascending, groupBy } from '../../../base/groups.ts'
import { comparedColumns, compareSets } from '../../compare/compare-sets.ts'
import type { Comparison } from '../../compare/comparison.ts'
import { usualMetric } from '../../compare/metrics.ts'
import { alignReadSides } from '../../compare/sides.ts'
import { trialSet } from '../../read/trial-set-builder.ts'
import type { ColumnName, TrialRecord } from '../../schema/columns.ts'
import { isOfDatagrams } from '../../schema/datagrams.ts'
import type { Source } from './source.ts'

/** More columns than this nobody reads on a page. */
export const MOST_COMPARED = 8

/** Sets of several files; undefined for a single one, and for more than fit. */
export function compareFiles(sources: readonly Source[]): Comparison | undefined {
  return compared(sources, undefined)
}

/** Sides of a run of two variants; undefined where there are none. */
export function compareSides({ records }: Source): Comparison | undefined {
  return compared(
    groups(records, each => each.side),
    'side',
  )
}

/** Transports of one file, with streams first, as the base of the others. Undefined for a single one. */
export function compareTransports({ records }: Source): Comparison | undefined {
  const ofDatagrams = ({ records }: Group) => Number(records.some(isOfDatagrams))
  const parts = groups(records, each => each.transport)
  return compared(
    parts.toSorted((a, b) => ofDatagrams(a) - ofDatagrams(b)),
    'transport',
  )
}

type Group = Pick<Source, 'label' | 'records'>

/** Sorted by label; records without one are in none. */
function groups(
  records: readonly TrialRecord[],
  key: (record: TrialRecord) => string | undefined,
): readonly Group[] {
  return [...groupBy(records, key)]
    .flatMap(([label, group]) => (label === undefined ? [] : [{ label, records: group }]))
    .sort((a, b) => ascending(a.label, b.label))
}

function compared(parts: readonly Group[], by: ColumnName | undefined): Comparison | undefined {
  if (parts.length < 2 || parts.length > MOST_COMPARED) return undefined
  const isKnown = (column: ColumnName) =>
    parts.some(({ records }) => records.some(each => each[column] !== undefined))
  const metric = usualMetric(isKnown)
  const wanted = comparedColumns(metric)
  const { sets, ...aligned } = alignReadSides(
    parts.map(({ label, records }) => trialSet(label, records, wanted)),
  )
  return compareSets(sets, { metric, by, ...aligned })
}
