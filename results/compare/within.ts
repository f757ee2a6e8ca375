/** Chooses what is compared where nobody says it: files with each other; in one file its sides, or else its transports, which ran in the same rounds. */

import { ascending, groupBy } from '../../base/groups.ts'
import { trialSet } from '../read/trial-set-builder.ts'
import type { ColumnName, TrialRecord } from '../schema/columns.ts'
import { isOfDatagrams } from '../schema/datagrams.ts'
import { systemOf } from '../schema/systems.ts'
import { comparedColumns, compareSets } from './compare-sets.ts'
import type { Comparison } from './comparison.ts'
import { RPM, usualMetric } from './metrics.ts'
import { alignReadSides } from './sides.ts'

/** More columns than this nobody reads on a page. */
export const MOST_COMPARED = 8

interface Named {
  readonly label: string
  readonly records: readonly TrialRecord[]
}

/** Sets of several files, against the one at this index; undefined for a single one, and for more than fit. */
export function compareFiles(files: readonly Named[], base = 0): Comparison | undefined {
  return compared(files, undefined, base)
}

/** Sides of a run of two variants; undefined where there are none. */
export function compareSides({ records }: Pick<Named, 'records'>, base = 0): Comparison | undefined {
  return compared(
    groups(records, each => each.side),
    'side',
    base,
  )
}

/** Transports of one file, streams first, against the one at this index. Undefined for a single one. */
export function compareTransports({ records }: Pick<Named, 'records'>, base = 0): Comparison | undefined {
  const ofDatagrams = ({ records }: Named) => Number(records.some(isOfDatagrams))
  // Over a way that was not applied to them, they did something else.
  const applied = records.filter(each => each.impair_left_out === undefined)
  const parts = groups(applied, each => each.transport)
  return compared(
    parts.toSorted((a, b) => ofDatagrams(a) - ofDatagrams(b)),
    'transport',
    base,
  )
}

/** Systems of one file, such as those of both directions between two hosts. Undefined for a single one. */
export function compareSystems({ records }: Pick<Named, 'records'>): Comparison | undefined {
  const nameOf = (each: TrialRecord) =>
    systemOf(column => (each[column] === undefined ? [] : [`${each[column]}`])).name
  return compared(groups(records, nameOf), undefined, 0)
}

/** Sorted by label; records without one are in none. */
function groups(
  records: readonly TrialRecord[],
  key: (record: TrialRecord) => string | undefined,
): readonly Named[] {
  return [...groupBy(records, key)]
    .flatMap(([label, group]) => (label === undefined ? [] : [{ label, records: group }]))
    .sort((a, b) => ascending(a.label, b.label))
}

function compared(parts: readonly Named[], by: ColumnName | undefined, base: number): Comparison | undefined {
  if (parts.length < 2 || parts.length > MOST_COMPARED) return undefined
  const records = parts.flatMap(each => each.records)
  const isKnown = (column: ColumnName) => records.some(each => each[column] !== undefined)
  const isOfRpm = records.every(each => each.rpm !== undefined || each.goodput_bps === undefined)
  const metric = isOfRpm && isKnown(RPM.column) ? RPM : usualMetric(isKnown)
  const wanted = comparedColumns(metric)
  const { sets, ...aligned } = alignReadSides(
    parts.map(({ label, records }) => trialSet(label, records, wanted)),
  )
  return compareSets(sets, { metric, by, base, ...aligned })
}
