/** Turns the records of two sides into two sets whose rows correspond, whatever the sides differ in. Pure. */

import { groupBy } from '../../base/groups.ts'
import {
  type AlignedSides,
  commonName,
  differencesOfPairs,
  fieldsOfPairs,
  type PairedCells,
  partOf,
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
  const pairs = pairsOf(run)
  const unlike = differencesOfPairs([...pairs.values()])
  const renamed = records.map(each => ({
    pair: each.pair,
    record: { ...each.record, ...commonName(pairs.get(keyOf(each)) ?? NOBODY, unlike) },
  }))
  const setOf = (side: SideName) => {
    const ofSide = renamed.flatMap(({ record }) => (record.side === side ? [record] : []))
    return trialSet(side.toUpperCase(), ofSide, columns)
  }
  const sets = [setOf('a'), setOf('b')] as const
  const numbers = new Map(renamed.map(({ record, pair }) => [cellKey(record), pair]))
  return {
    sets,
    fields: fieldsOfPairs(sets, unlike),
    unlike,
    pairOf: cell => numbers.get(cellKey(cell)),
  }
}

const NOBODY: PairedCells = { a: undefined, b: undefined }

/** The first cell on each side of each part of a pair. */
function pairsOf(records: readonly Measured[]): ReadonlyMap<string, PairedCells> {
  return new Map(
    [...groupBy(records, keyOf)].map(([key, part]) => {
      const cellAt = (side: SideName) => part.find(({ record }) => record.side === side)
      const [a, b] = [cellAt('a'), cellAt('b')]
      return [key, { a: a && cellOf(a.record), b: b && cellOf(b.record) }]
    }),
  )
}

function keyOf({ record, pair }: Measured): string {
  return `${pair} ${partOf(record)}`
}
