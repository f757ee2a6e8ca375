/** Finds what was swept: groups that share a chart, and their lines. Pure; for anything that has a cell. */
import { groupBy } from '../../base/groups.ts'
import { formatCount, formatSize } from '../../base/units.ts'
import {
  type Cell,
  type CellField,
  describeCell,
  distinguishingFields,
  varyingFields,
} from '../schema/cells.ts'

export type SweepField = 'chunk_bytes' | 'size_bytes'

interface HasCell {
  readonly cell: Cell
}

export interface Group<T> {
  readonly items: readonly T[]
  /** On the x axis; undefined if neither chunk nor size was swept. */
  readonly field: SweepField | undefined
  /** What distinguishes this group from the others, `, size 800 KiB`; empty if it is the only one. */
  readonly title: string
}

export interface Line<T> {
  readonly name: string
  readonly items: readonly T[]
}

/** One group, or one for each size if both chunk and size vary. */
export function groupBySweep<T extends HasCell>(items: readonly T[]): readonly Group<T>[] {
  const streams = items.filter(each => each.cell.size_bytes === undefined)
  if (streams.length > 0 && streams.length < items.length) {
    const others = items.filter(each => !streams.includes(each))
    return [
      ...groupBySweep(others),
      ...groupBySweep(streams).map(group => ({ ...group, title: `, streams${group.title}` })),
    ]
  }
  const varying = varyingFields(items.map(each => each.cell))
  if (!varying.includes('chunk_bytes')) {
    return [{ items, field: varying.includes('size_bytes') ? 'size_bytes' : undefined, title: '' }]
  }
  const sizes = [...new Set(items.map(each => each.cell.size_bytes))]
  const groups = sizes.map(size => items.filter(each => each.cell.size_bytes === size))
  // One chunk for each size (a datagram each, say) is a sweep over the size.
  if (sizes.length > 1 && groups.every(group => sweptValues(group, 'chunk_bytes').length === 1)) {
    return [{ items, field: 'size_bytes', title: '' }]
  }
  return groups.map((group, index) => ({
    items: group,
    field: 'chunk_bytes',
    title: sizes.length > 1 ? `, size ${formatSize(sizes[index] ?? 0)}` : '',
  }))
}

/** The lines of a chart: cells that differ only in `swept`. */
export function linesOf<T extends HasCell>(
  items: readonly T[],
  swept: readonly CellField[],
): readonly Line<T>[] {
  const cells = items.map(each => each.cell)
  const telling = new Map(
    [...groupBy(cells, each => each.transport)].map(([transport, [cell]]) => [
      transport,
      distinguishingFields(cell, cells).filter(field => !swept.includes(field)),
    ]),
  )
  const nameOf = ({ cell }: T) => describeCell(cell, telling.get(cell.transport) ?? [])
  return [...groupBy(items, nameOf)].map(([name, group]) => ({ name, items: group }))
}

function sweptValues(items: readonly HasCell[], field: SweepField): readonly number[] {
  return [...new Set(items.map(each => sweptValue(each.cell, field)))].sort((a, b) => a - b)
}

/** Only a group without streams is swept over sizes. */
export function sweptValue(cell: HasCell['cell'], field: SweepField): number {
  return cell[field] ?? 0
}

/**
 * The axis of a sweep: its name (`chunk`), its title (`chunk (B)`), its values from small to large, and how each is written: `1,024`, or
 * `64 MiB` if plain bytes would be long.
 */
export function sweepAxis(items: readonly HasCell[], field: SweepField) {
  const values = sweptValues(items, field)
  const sizes = values.map(formatSize)
  const name = nameOfSweep(field)
  return Math.max(...values) >= 1024 ** 2 && sizes.every(size => !size.endsWith(' B'))
    ? { name, title: name, values, labels: sizes }
    : { name, title: `${name} (B)`, values, labels: values.map(formatCount) }
}

export function nameOfSweep(field: SweepField): string {
  return field === 'chunk_bytes' ? 'chunk' : 'size'
}
