/** Records of two sides -> two sets whose rows stand beside each other, whatever the sides differ in. Pure. */

import type { CompareOptions } from '../../results/compare/compare-sets.ts'
import { identityFields } from '../../results/compare/fields.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import { type Cell, type CellField, cellKey, cellOf, describeField } from '../../results/schema/cells.ts'
import type { ColumnName, TrialRecord } from '../../results/schema/columns.ts'
import type { PairedRecord } from './pairs.ts'
import type { SideName } from './side-names.ts'

/** Two sets for `compareSets`, and what tells their rows apart. */
export interface AlignedSets {
  readonly sets: readonly [TrialSet, TrialSet]
  readonly fields: CompareOptions['fields']
  /** The pair that a cell of either set is of. */
  readonly pairOf: (cell: Cell) => number | undefined
}

/** What a case is known by, and may differ between the cases of a pair all the same. */
const OF_A_PAIR: readonly CellField[] = ['transport', 'size_bytes', 'chunk_bytes', 'file']

/**
 * A and B as sets. Where the two cases of a pair differ in transport, size, chunk or file, they get a name in common, such as
 * `tcp | udp-header`, by which they meet in one row.
 * @param run all records of the run, where `records` are of some of its pairs measured again: names have to be the same then
 */
export function alignSides(
  records: readonly PairedRecord[],
  columns: { readonly numbers: readonly ColumnName[]; readonly texts?: readonly ColumnName[] },
  run: readonly PairedRecord[] = records,
): AlignedSets {
  const cells = cellsByPair(run)
  const differing = OF_A_PAIR.filter(field =>
    [...cells.values()].some(({ a, b }) => a && b && a[field] !== b[field]),
  )
  const rename = differing.length === 0 ? undefined : renaming(cells, differing)
  const renamed = records.map(({ record, pair }) => ({
    record: rename ? { ...record, ...rename(pair) } : record,
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
    fields: rename && !onlyTransport(differing) ? fieldsWithout(sets, differing) : undefined,
    pairOf: cell => pairs.get(cellKey(cell)),
  }
}

function fieldsWithout(sets: AlignedSets['sets'], differing: readonly CellField[]): readonly CellField[] {
  const fields = identityFields(sets, 'side').filter(field => !differing.includes(field))
  return fields.includes('variant') ? fields : ['variant', ...fields]
}

type PairCells = Readonly<Record<SideName, Cell | undefined>>

/** Of each pair its first cell on each side. */
function cellsByPair(records: readonly PairedRecord[]): ReadonlyMap<number, PairCells> {
  const cells = new Map<number, PairCells>()
  for (const { record, pair } of records) {
    const known = cells.get(pair) ?? { a: undefined, b: undefined }
    if (record.side && !known[record.side]) cells.set(pair, { ...known, [record.side]: cellOf(record) })
  }
  return cells
}

function renaming(
  cells: ReadonlyMap<number, PairCells>,
  differing: readonly CellField[],
): (pair: number) => Partial<TrialRecord> {
  return pair => {
    const { a, b } = cells.get(pair) ?? {}
    const [one, other] = [a ?? b, b ?? a]
    if (!one || !other) return {}
    const name = nameOf(one, other, differing)
    if (onlyTransport(differing)) return { transport: name }
    const { transport, size_bytes, chunk_bytes, file } = one
    const variant = one.variant === undefined ? name : `${one.variant}, ${name}`
    return { variant, transport, size_bytes, chunk_bytes, file }
  }
}

function onlyTransport(differing: readonly CellField[]): boolean {
  return differing.every(field => field === 'transport')
}

/** `chunk 1,024 B | chunk 8,192 B`; of what is the same on both sides only one. */
function nameOf(one: Cell, other: Cell, differing: readonly CellField[]): string {
  const of = (cell: Cell) => differing.map(field => describeField(cell, field)).join(', ')
  return of(one) === of(other) ? of(one) : `${of(one)} | ${of(other)}`
}
