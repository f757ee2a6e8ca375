/** The sides of one run whose cases differ on purpose: which belong together, and the names that they have in common. Pure. */
import { given } from '../../base/given.ts'
import type { TrialSet } from '../read/trial-set.ts'
import {
  type Cell,
  type CellField,
  cellKey,
  compareCells,
  describeField,
  fieldValue,
} from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { CompareOptions } from './compare-sets.ts'
import type { Difference } from './comparison.ts'
import { identityFields, KNOWN_BY } from './fields.ts'

/** A case of A and the case of B that is measured in turn with it; one of them may be missing. */
export interface PairedCells {
  readonly a: Cell | undefined
  readonly b: Cell | undefined
}

/** What a case is called by; beside another load it is another case. */
const CALLED_BY: readonly CellField[] = [...KNOWN_BY, 'beside']

/** In which of these fields pairs differ all the same, and the values of each side. */
export function differencesOfPairs(unsorted: readonly PairedCells[]): readonly Difference[] {
  const pairs = unsorted.toSorted(byCell).flatMap(({ a, b }) => (a && b ? [{ a, b }] : []))
  return CALLED_BY.flatMap(column => {
    const differing = pairs.filter(({ a, b }) => a[column] !== b[column])
    const valuesOf = (side: 'a' | 'b') => [...new Set(differing.map(pair => fieldValue(pair[side], column)))]
    return differing.length === 0 ? [] : [{ column, values: [valuesOf('a'), valuesOf('b')] }]
  })
}

/**
 * What both cases of a pair are called by, such as `tcp | udp-header`, so that they meet in one row; nothing where they are called the
 * same already.
 */
export function commonName({ a, b }: PairedCells, unlike: readonly Difference[]): Partial<Cell> {
  const [one, other] = [a ?? b, b ?? a]
  if (!one || !other || unlike.length === 0) return {}
  if (onlyTransports(unlike))
    return {
      transport: joined(one.transport, other.transport),
      ...(one.beside && other.beside && { beside: joined(one.beside, other.beside) }),
    }
  const { transport, size_bytes, chunk_bytes, file, payload, beside } = one
  const fields = CALLED_BY.filter(field => isAmong(field, unlike))
  const of = (cell: Cell) => fields.map(field => describeField(cell, field)).join(', ')
  const variant = [...(one.variant === undefined ? [] : [one.variant]), joined(of(one), of(other))].join(', ')
  return { variant, transport, size_bytes, chunk_bytes, file, payload, beside }
}

/** What distinguishes rows where pairs share a name; that of `compareSets` where they need none. */
export function fieldsOfPairs(
  sets: readonly TrialSet[],
  unlike: readonly Difference[],
): CompareOptions['fields'] {
  if (unlike.length === 0 || onlyTransports(unlike)) return undefined
  const fields = identityFields(sets, 'side').filter(field => !isAmong(field, unlike))
  return fields.includes('variant') ? fields : ['variant', ...fields]
}

/** Two sides for `compareSets`: where the cases of a pair differ on purpose, under the name that they have in common. */
export interface AlignedSides {
  readonly sets: readonly TrialSet[]
  readonly fields: CompareOptions['fields']
  /** In what their cases differ on purpose. */
  readonly unlike: readonly Difference[]
}

/** A and B with common names for their pairs; as they are where their cases are called the same, or where rows do not say what is a pair. */
export function alignReadSides(sets: readonly TrialSet[]): AlignedSides {
  const [a, b] = sets
  const pairs = a && b && sets.length === 2 && isSide(a, 'a') && isSide(b, 'b') ? pairsOf(a, b) : []
  const unlike = differencesOfPairs(pairs)
  if (unlike.length === 0) return { sets, fields: undefined, unlike }
  const names = new Map(
    pairs.flatMap(pair =>
      given(pair.a, pair.b).map(cell => [cellKey(cell), commonName(pair, unlike)] as const),
    ),
  )
  const renamed = sets.map(set => ({
    ...set,
    cells: set.cells.map(trials => ({
      ...trials,
      cell: { ...trials.cell, ...names.get(cellKey(trials.cell)) },
    })),
  }))
  return { sets: renamed, fields: fieldsOfPairs(renamed, unlike), unlike }
}

function isSide({ cells }: TrialSet, side: Cell['side']): boolean {
  return cells.every(({ cell }) => cell.side === side)
}

/**
 * Trials of a run of two sides are numbered from 1, and both of a pair directly after one another: 1 and 2, 3 and 4. None where a case
 * was measured in turn with several others, as in files of several runs.
 */
function pairsOf(a: TrialSet, b: TrialSet): readonly PairedCells[] {
  const partners = new Map<string, Cell>()
  for (const { key, cell } of trialsOf(a)) partners.set(key, cell)
  const pairs = new Map<Cell, Cell>()
  for (const { key, cell } of trialsOf(b)) {
    const partner = partners.get(key)
    if (!partner) continue
    if ((pairs.get(partner) ?? cell) !== cell) return []
    pairs.set(partner, cell)
  }
  if (new Set(pairs.values()).size < pairs.size) return []
  return [...pairs].map(([ofA, ofB]) => ({ a: ofA, b: ofB }))
}

function* trialsOf({ runs, cells }: TrialSet): Generator<{ readonly key: string; readonly cell: Cell }> {
  for (const { cell, count, runs: ofRuns, trials } of cells) {
    const part = partOf(cell)
    for (let i = 0; i < count; i++) {
      const pair = Math.ceil((trials[i] ?? 0) / 2)
      yield { key: `${runs[ofRuns[i] ?? 0]?.id} ${pair} ${part}`, cell }
    }
  }
}

/** Which of the rows of a trial it is: a way of both at once, a load, or the requests beside it. Other sides may differ in the direction. */
export function partOf({
  direction,
  beside,
  size_bytes,
}: Pick<Cell, 'direction' | 'beside' | 'size_bytes'>): string {
  const way = direction.startsWith('bidir') ? direction : ''
  return beside === undefined ? way : `${way} ${size_bytes === undefined ? 'load' : 'requests'}`
}

/** As A's cells are sorted in tables: the n-th value of B is beside the n-th of A. */
function byCell(one: PairedCells, other: PairedCells): number {
  const [x, y] = [one.a ?? one.b, other.a ?? other.b]
  return x && y ? compareCells(x, y, []) : 0
}

/** Nothing else than the transport, and so what it is to the requests beside it. */
function onlyTransports(unlike: readonly Difference[]): boolean {
  return unlike.every(({ column }) => column === 'transport' || column === 'beside')
}

function isAmong(field: ColumnName, unlike: readonly Difference[]): boolean {
  return unlike.some(({ column }) => column === field)
}

/** `chunk 1,024 B | chunk 8,192 B`; of what is the same on both sides only one. */
function joined(one: string, other: string): string {
  return one === other ? one : `${one} | ${other}`
}
