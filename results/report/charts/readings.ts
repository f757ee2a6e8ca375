/** Describes a chart at one of its places: for the pointer, for arrow keys, and for screen readers. Pure. */
import { formatCount } from '../../../base/units.ts'
import type { CasesSpec, ChartSpec, CourseSpec, StackSpec, SweepSpec } from '../../document/chart-spec.ts'
import { estimateText, formatValue } from '../../document/chart-units.ts'

export interface Reading {
  readonly title: string
  readonly entries: readonly Entry[]
}

interface Entry {
  readonly name: string
  /** Number of its colour. */
  readonly color: number
  readonly text: string
}

/** The number of places that can be read: steps, rows or trials. */
export function placesOf(spec: ChartSpec, hidden: ReadonlySet<string>): number {
  switch (spec.kind) {
    case 'sweep':
      return spec.x.values.length
    case 'cases':
    case 'stack':
      return spec.rows.length
    case 'course':
      return trialsOf(spec, hidden).length
  }
}

/** Undefined if there is no such place. */
export function readingAt(spec: ChartSpec, place: number, hidden: ReadonlySet<string>): Reading | undefined {
  switch (spec.kind) {
    case 'sweep':
      return sweepReading(spec, place, hidden)
    case 'cases':
      return caseReading(spec, place)
    case 'stack':
      return stackReading(spec, place, hidden)
    case 'course':
      return courseReading(spec, place, hidden)
  }
}

/** The trials of a course that are drawn, in their order. */
export function trialsOf(spec: CourseSpec, hidden: ReadonlySet<string>) {
  return spec.lines
    .filter(line => !hidden.has(line.name))
    .flatMap(({ name, color, trials }) =>
      trials.map(([order, value, round]) => ({ name, color, order, value, round })),
    )
    .sort((a, b) => a.order - b.order)
}

function sweepReading({ x, y, lines }: SweepSpec, place: number, hidden: ReadonlySet<string>) {
  const value = x.values[place]
  if (value === undefined) return undefined
  const entries = lines
    .filter(line => !hidden.has(line.name))
    .flatMap(({ name, color, points, refused }): readonly Entry[] => {
      const point = points.find(each => each.x === value)
      const parts = [
        ...(point ? [estimateText(point.y, point, y.unit)] : []),
        ...(refused.includes(value) ? ['refused'] : []),
      ]
      return parts.length > 0 ? [{ name, color, text: parts.join(', ') }] : []
    })
  return { title: `${x.title} ${x.labels[place]}`, entries }
}

function caseReading({ rows, value }: CasesSpec, place: number): Reading | undefined {
  const row = rows[place]
  if (!row) return undefined
  const { color, median, n } = row
  const text = `${estimateText(median, row, value.unit)}, ${formatCount(n)} ${n === 1 ? 'trial' : 'trials'}`
  return { title: row.name, entries: [{ name: value.title, color, text }] }
}

function stackReading({ rows, parts, value }: StackSpec, place: number, hidden: ReadonlySet<string>) {
  const row = rows[place]
  if (!row) return undefined
  const entries = parts.flatMap(({ name, color }, part): readonly Entry[] => {
    const length = row.values[part] ?? null
    return length === null || hidden.has(name) ? [] : [{ name, color, text: formatValue(length, value.unit) }]
  })
  return { title: row.name, entries }
}

function courseReading(spec: CourseSpec, place: number, hidden: ReadonlySet<string>): Reading | undefined {
  const trial = trialsOf(spec, hidden)[place]
  if (!trial) return undefined
  const { name, color, order, value, round } = trial
  return {
    title: `trial ${formatCount(order)}, round ${formatCount(round)}`,
    entries: [{ name, color, text: formatValue(value, spec.y.unit) }],
  }
}
