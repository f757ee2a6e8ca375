/** Finds what was swept: groups that share a chart, and their lines. Pure; for anything that has a cell. */
import { groupBy, maximum, minimum } from '../../base/groups.ts'
import { formatCount, formatSize } from '../../base/units.ts'
import { MOST_LINES, type SweptAxis } from '../document/chart-spec.ts'
import { axisUnit } from '../document/format.ts'
import {
  type Cell,
  type CellField,
  describeCell,
  describeField,
  fieldValue,
  tellingByTransport,
  tellingFields,
  titleOfField,
} from '../schema/cells.ts'
import { columnOf } from '../schema/columns.ts'

interface HasCell {
  readonly cell: Cell
}

interface Items<T> {
  readonly items: readonly T[]
  /** What distinguishes this group from the others, `, size 800 KiB`; empty if it is the only one. */
  readonly title: string
}

export interface Sweep<T> extends Items<T> {
  /** On the x axis. */
  readonly field: CellField
  /** What varies along the axis: `field`, and what follows from it. */
  readonly along: readonly CellField[]
  /** Swept too, and too long for lines: a heat map has it across. */
  readonly across?: CellField
}

/** Without a field nothing that has numbers was swept, or several things. */
export type Group<T> = Sweep<T> | (Items<T> & { readonly field?: undefined })

export interface Line<T> {
  readonly name: string
  readonly items: readonly T[]
}

/** So many values in both directions are a heat map where lines would be too many. */
const LEAST_ACROSS = 4

/**
 * One group if lines, or heat maps, can show all of it; else one for each value of what was swept less. Size and chunk come first; where
 * neither varies, any other number.
 */
export function groupBySweep<T extends HasCell>(items: readonly T[]): readonly Group<T>[] {
  const streams = items.filter(each => each.cell.size_bytes === undefined)
  if (streams.length > 0 && streams.length < items.length) {
    const others = items.filter(each => !streams.includes(each))
    return [
      ...groupBySweep(others),
      ...groupBySweep(streams).map(group => ({ ...group, title: `, streams${group.title}` })),
    ]
  }
  const cells = items.map(each => each.cell)
  const { fields, along } = sweptFields(cells)
  const [field, across] = fields
  if (field === undefined) return [{ items, title: '' }]
  const whole = { items, field, along, title: '' }
  if (across === undefined || linesOf(items, along).length <= MOST_LINES) return [whole]
  if (valuesOf(cells, across).length >= LEAST_ACROSS) return [{ ...whole, across }]
  return [...groupBy(items, ({ cell }) => cell[across]).values()].map(group => ({
    ...whole,
    items: group,
    title: `, ${describeField(group[0].cell, across)}`,
  }))
}

/** What was swept, the longest first, and the fields that vary along that. */
export function sweptFields(cells: readonly Cell[]) {
  const numbers = tellingFields(cells).filter(isNumeric)
  const follows = (field: CellField, other: CellField) =>
    [...groupBy(cells, cell => cell[other]).values()].every(group => valuesOf(group, field).length === 1)
  // One chunk for each size (a datagram each, say) is a sweep over the size.
  const free = numbers.filter(
    (field, index) =>
      !numbers.some(
        (other, before) =>
          other !== field && follows(field, other) && (before < index || !follows(other, field)),
      ),
  )
  const main = free.filter(field => field === 'chunk_bytes' || field === 'size_bytes').reverse()
  const count = (field: CellField) => valuesOf(cells, field).length
  const fields = main.length > 0 ? main.sort((a, b) => count(b) - count(a)) : free.length === 1 ? free : []
  const [first] = fields
  return {
    fields,
    along:
      first === undefined
        ? []
        : [first, ...numbers.filter(each => !free.includes(each) && follows(each, first))],
  }
}

/** 4 and 6 are names of IP families. */
function isNumeric(field: CellField): boolean {
  const { type, numbers } = columnOf(field)
  return (type === 'integer' || type === 'number') && numbers === undefined
}

/** The lines of a chart: cells that differ only in `swept`. */
export function linesOf<T extends HasCell>(
  items: readonly T[],
  swept: readonly CellField[],
): readonly Line<T>[] {
  const telling = tellingByTransport(items.map(each => each.cell))
  const nameOf = ({ cell }: T) =>
    describeCell(
      cell,
      (telling.get(cell.transport) ?? []).filter(field => !swept.includes(field)),
    )
  return [...groupBy(items, nameOf)].map(([name, group]) => ({ name, items: group }))
}

/** Stands for a field that was not set and has no number of its own, such as an unpaced rate: behind all numbers. */
const UNSET = Number.MAX_SAFE_INTEGER

/** The place of a cell on the axis of a field. */
export function sweptValue(cell: Cell, field: CellField): number {
  const value = Number(cell[field] ?? fieldValue(cell, field))
  return Number.isNaN(value) ? UNSET : value
}

function valuesOf(cells: readonly Cell[], field: CellField): readonly number[] {
  return [...new Set(cells.map(cell => sweptValue(cell, field)))].sort((a, b) => a - b)
}

/** The axis of a sweep, with the unit of its values in its title. */
export function sweepAxis(items: readonly HasCell[], field: CellField): SweptAxis {
  const values = valuesOf(
    items.map(each => each.cell),
    field,
  )
  const numbers = values.filter(value => value !== UNSET)
  const { unit, format } = formatOf(field, numbers)
  const unset = items.find(({ cell }) => sweptValue(cell, field) === UNSET)
  const isEven = numbers.every((value, at) => isNext(value, numbers[at - 1], numbers[at - 2]))
  const scale = !unset && !isEven && fitsLogarithm(values) ? 'log' : 'steps'
  return {
    title: `${titleOfField(field)}${unit && ` (${unit})`}`,
    scale,
    uneven: scale === 'steps' && !isEven,
    values,
    labels: [...numbers.map(format), ...(unset ? [fieldValue(unset.cell, field)] : [])],
  }
}

/** `1,024` and B, or `64 MiB` if plain bytes would be long; rates and times all in the unit of the largest. */
function formatOf(field: CellField, numbers: readonly number[]) {
  const { unit = '' } = columnOf(field)
  const top = maximum(numbers)
  if (unit === 'B') {
    const sizes = numbers.map(formatSize)
    const short = top >= 1024 ** 2 && sizes.every(size => !size.endsWith(' B'))
    return short ? { unit: '', format: formatSize } : { unit, format: formatCount }
  }
  const { name, factor } =
    unit === 'bit/s' ? axisUnit('rate', top) : unit === 'ms' ? axisUnit('ms', top) : { name: unit, factor: 1 }
  return { unit: name, format: (value: number) => String(Number((value / factor).toPrecision(6))) }
}

/** As far from the one before as that from the one before it. */
function isNext(value: number, before: number | undefined, first: number | undefined): boolean {
  return before === undefined || first === undefined || Math.abs(value - 2 * before + first) < 0.01 * value
}

/** A logarithmic scale helps if values span two doublings, and none are so close that they would overlap. */
function fitsLogarithm(values: readonly number[]): boolean {
  const [first = 0, last = 0] = [values[0], values.at(-1)]
  const apart = values.every((value, index) => index === 0 || value / (values[index - 1] ?? value) >= 1.15)
  return values.length > 2 && first > 0 && last / first >= 4 && apart
}

/** Whether medians span two decades without a zero, which a logarithm cannot show. */
export function spansDecades(
  lines: readonly { readonly points: readonly { readonly y: number }[] }[],
): boolean {
  const values = lines.flatMap(line => line.points.map(point => point.y))
  return minimum(values) > 0 && maximum(values) / minimum(values) >= 100
}
