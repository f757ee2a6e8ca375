/** The cases of charts: each has the same name and colour in all charts of a report. */
import { harmless } from '../../base/foreign-text.ts'
import { groupBy } from '../../base/groups.ts'
import { formatCount } from '../../base/units.ts'
import { MOST_LINES } from '../document/chart-spec.ts'
import { figures, names } from '../document/figures.ts'
import type { Table, TableCell } from '../document/model.ts'
import { type CellField, cellKey, wholeName } from '../schema/cells.ts'
import type { OverTime } from '../statistics/over-time.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { type Line, linesOf, sweptFields } from './sweep.ts'

export interface Case extends CaseSummary {
  /** Its file, if there are several. */
  readonly file?: string | undefined
  /** The intervals of the streams of its file, where they are known. */
  readonly overTime?: OverTime | undefined
}

export interface NamedLine {
  readonly name: string
  readonly color: number
  readonly cases: readonly Case[]
}

/** The number of a case's colour. */
export type Colors = (each: Case) => number

/** A colour for all cases that differ only in what was swept, which they keep in all charts. */
export function colorBook(cases: readonly Case[]): Colors {
  const colors = new Map(
    families(cases).flatMap((line, color) => line.cases.map(each => [keyOf(each), color])),
  )
  return each => colors.get(keyOf(each)) ?? 0
}

function keyOf({ file = '', cell }: Case): string {
  return file + cellKey(cell)
}

/** Cases that differ only in what was swept, as lines. */
export function families(cases: readonly Case[], colors?: Colors): readonly NamedLine[] {
  const { along } = sweptFields(cases.map(each => each.cell))
  return namedLines(cases, ['size_bytes', 'chunk_bytes', ...along], colors)
}

/** Cases that differ only in `swept`, as lines. Those of one colour have other symbols. */
export function namedLines(
  cases: readonly Case[],
  swept: readonly CellField[],
  colors: Colors = () => 0,
): readonly NamedLine[] {
  const taken = new Map<number, number>()
  return linesByFile(cases, swept).map(({ name, items }) => {
    const color = items[0] ? colors(items[0]) : 0
    const before = taken.get(color) ?? 0
    taken.set(color, before + 1)
    return { name, color: color + before * MOST_LINES, cases: items }
  })
}

/** Each case with its own name. */
export function namedCases(cases: readonly Case[], colors?: Colors) {
  return namedLines(cases, [], colors).flatMap(({ name, color, cases }) =>
    cases.map(each => ({ ...each, name, color })),
  )
}

/** Names cases by what distinguishes them within their file and side; files and sides differ as a whole. */
function linesByFile(cases: readonly Case[], swept: readonly CellField[]): readonly Line<Case>[] {
  const wholes = groupBy(cases, ({ file, cell }) =>
    [file && wholeName(file), cell.side?.toUpperCase()].filter(Boolean).join(' '),
  )
  return [...wholes].flatMap(([whole, items]) =>
    linesOf(items, swept).map(line => ({
      ...line,
      name: [whole, harmless(line.name)].filter(Boolean).join(': '),
    })),
  )
}

/** A chart draws at most so many points: more could not be seen, and would make the page large. */
const MOST_POINTS = 3000
/** Points of each case, however many cases there are. */
const LEAST_POINTS = 12

export function pointsEach(cases: number): number {
  return Math.max(LEAST_POINTS, Math.floor(MOST_POINTS / Math.max(1, cases)))
}

/** Picks at most `most` of them, evenly from first to last, and always those of the least and the largest value. */
export function sampled<T>(items: readonly T[], most: number, value: (item: T) => number): readonly T[] {
  if (items.length <= most) return items
  const values = items.map(value)
  const chosen = new Set([
    values.indexOf(values.reduce((a, b) => Math.min(a, b))),
    values.indexOf(values.reduce((a, b) => Math.max(a, b))),
  ])
  for (let i = 0; i < most - 2; i++) chosen.add(Math.round((i * (items.length - 1)) / Math.max(1, most - 3)))
  return items.filter((_, index) => chosen.has(index))
}

/** Rows of the table behind a chart; the table of all cases has the rest. */
const MOST_FIGURES = 200

/** The figures behind a chart. @param heads that of the names, and those of the figures */
export function figuresTable(
  caption: string,
  [head = '', ...heads]: readonly string[],
  rows: readonly (readonly [name: string, ...cells: readonly TableCell[]])[],
): Table {
  const left = rows.length > MOST_FIGURES
  return {
    caption: left ? `${caption} (the first ${MOST_FIGURES} of ${formatCount(rows.length)} rows)` : caption,
    columns: [...names(head), ...figures(...heads)],
    rows: rows.slice(0, MOST_FIGURES).map(([text, ...cells]) => [{ text }, ...cells]),
  }
}

/** Whether its loss is meaningful: if every trial was refused, only a few short datagrams were sent, or none. */
export function hasLoss({ loss, outcomes, records }: CaseSummary): boolean {
  return loss !== undefined && outcomes.refused < records.length
}

/** Rounds to five digits: a chart cannot show more. */
export function brief(value: number): number {
  return Number(value.toPrecision(5))
}
