/** Turns the records of two sides into two sets whose rows correspond, whatever the sides differ in. Pure. */

import {
  type AlignedSides,
  commonName,
  differencesOfPairs,
  fieldsOfPairs,
  type PairedCells,
} from '../../results/compare/sides.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import { type Cell, cellKey, cellOf } from '../../results/schema/cells.ts'
import type { ColumnName } from '../../results/schema/columns.ts'
import type { Measured } from '../measure/run.ts'
import type { SideName } from './side-names.ts'

/** Two sets for `compareSets`, and the fields that distinguish their rows. */
export interface AlignedSets extends AlignedSides {
  readonly sets: readonly [TrialSet, TrialSet]
  /** The pair to which a cell of either set belongs. */
  readonly pairOf: (cell: Cell) => number | undefined
}

/**
 * A and B as sets. If the two cases of a pair differ in transport, size, chunk or file, they get a common name, such as
 * `tcp | udp-header`, under which they share a row.
 * @param run all records of the run, if `records` repeat only some of its pairs: their names must stay the same
 */
export function alignSides(
  records: readonly Measured[],
  columns: { readonly numbers: readonly ColumnName[]; readonly texts?: readonly ColumnName[] },
  run: readonly Measured[] = records,
): AlignedSets {
  const cells = cellsByPair(run)
  const unlike = differencesOfPairs([...cells.values()])
  const renamed = records.map(({ record, pair }) => ({
    record: { ...record, ...commonName(cells.get(pair) ?? { a: undefined, b: undefined }, unlike) },
    pair,
  }))
  const setOf = (side: SideName) => {
    const ofSide = renamed.flatMap(({ record }) => (record.side === side ? [record] : []))
    return trialSet(side.toUpperCase(), ofSide, columns)
  }
  const sets = [setOf('a'), setOf('b')] as const
  const pairs = new Map(renamed.map(({ record, pair }) => [cellKey(cellOf(record)), pair]))
  return {
    sets,
    fields: fieldsOfPairs(sets, unlike),
    unlike,
    pairOf: cell => pairs.get(cellKey(cell)),
  }
}

/** The first cell of each pair on each side. */
function cellsByPair(records: readonly Measured[]): ReadonlyMap<number, PairedCells> {
  const cells = new Map<number, PairedCells>()
  for (const { record, pair } of records) {
    const known = cells.get(pair) ?? { a: undefined, b: undefined }
    if (record.side && !known[record.side]) cells.set(pair, { ...known, [record.side]: cellOf(record) })
  }
  return cells
}
