/** Matrices as tables: sets as columns or, on a terminal with less room, as lines below the name of their row. */
import stringWidth from 'string-width'
import { shortenAll } from '../schema/cells.ts'
import { type Column, column, tableOfColumns } from './figures.ts'
import type { ChangeEntry, Entry, Matrix, MatrixRow, RowWords, Table } from './model.ts'

export function tableOfMatrix(matrix: Matrix): Table {
  return {
    ...onPage(matrix),
    captioned: true,
    forms: [
      ...LAYOUTS.map(layout => () => besideEachOther(matrix, layout)),
      ...(matrix.changeTitle === undefined
        ? []
        : GROUPED.map(layout => () => belowEachOther(matrix, layout))),
    ],
    inWords: matrix.rows.map(row => wordsOfRow(row, matrix)),
  }
}

type Entries = readonly (Entry | undefined)[]

/** The names of rows, and whatever columns each set has. */
function setsAsColumns(
  { labels, rows, title }: Matrix,
  names: readonly Column[],
  columnsOf: (label: string, entries: Entries) => readonly Column[],
): Table {
  const sets = labels.map((label, set) =>
    columnsOf(
      label,
      rows.map(row => row.entries[set]),
    ),
  )
  return tableOfColumns(title, [...names, ...sets.flat()])
}

function onPage(matrix: Matrix): Table {
  const { fields, align, rows, changeTitle } = matrix
  // A row needs a name, even where it is the only one.
  const names =
    fields.length > 0
      ? fields.map((field, index) => ({
          ...field,
          title: field.title || 'what',
          cells: rows.map(row => ({ text: row.fields[index] ?? '' })),
        }))
      : [column('case', 'left', rows, () => ({ text: 'all' }))]
  return setsAsColumns(matrix, names, (title, entries) => {
    const changes = entries.map(entry => entry?.change)
    const values = column(title, align, entries, entry => {
      const { value: text, spread, note: detail, tone } = entry ?? { value: '' }
      return { text, spread, detail, tone }
    })
    if (changeTitle === undefined || !changes.some(Boolean)) return [values]
    return [
      values,
      column(`${changeTitle} (95 %)`, 'right', changes, changeCell),
      column('p', 'right', changes, each => ({ text: each?.p ?? '' })),
    ]
  })
}

function changeCell(change: ChangeEntry | undefined) {
  if (!change) return { text: '' }
  const { value, word, ends, tone } = change
  return { text: [value, word].filter(Boolean).join(' '), spread: rangeOf(ends), tone }
}

interface Layout {
  /** The word for a verdict stands behind p; its colour says it too. */
  readonly word?: boolean
  /** Spreads and notes stand below their figures. */
  readonly stacked?: boolean
  /** Blanks between columns, instead of 2. */
  readonly gap?: number | undefined
}

const LAYOUTS: readonly Layout[] = [{ word: true }, {}, { word: true, stacked: true }]
/** For sets below each other. */
const GROUPED: readonly Layout[] = [{ word: true }, {}, { gap: 1 }]

function besideEachOther(matrix: Matrix, layout: Layout): Table {
  const { fields, rows, align } = matrix
  const names = fields.map((field, index) => ({
    ...field,
    cells: shortenAll(rows.map(row => row.fields[index] ?? '')).map(text => ({ text })),
  }))
  return setsAsColumns(matrix, names, (title, entries) => [
    { title, align, cells: valueCells(entries, layout) },
    ...changeColumns(matrix, entries, layout),
  ])
}

/** Sets as lines; names of rows stand above them. What a set has nothing to say of has no line. */
function belowEachOther(matrix: Matrix, layout: Layout): Table {
  const lines = matrix.rows.flatMap(({ name, entries }) =>
    entries
      .map((entry, set) => ({ label: matrix.labels[set] ?? '', entry }))
      .filter(({ entry }) => entry.value !== '' || entry.change)
      .map((line, index) => ({ ...line, above: index === 0 ? name : '' })),
  )
  const entries = lines.map(line => line.entry)
  const columns: readonly Column[] = [
    column('', 'left', lines, ({ label }) => ({ text: `  ${label}` })),
    { title: '', align: matrix.align, cells: valueCells(entries, layout) },
    ...changeColumns(matrix, entries, layout),
  ]
  const above = lines.map(each => each.above)
  return { ...tableOfColumns(matrix.title, columns), gap: layout.gap, above }
}

function changeColumns(
  { changeTitle }: Matrix,
  entries: Entries,
  { word, stacked }: Layout,
): readonly Column[] {
  if (changeTitle === undefined || !entries.some(entry => entry?.change)) return []
  const ofChanges = (title: string, align: Column['align'], text: (change: ChangeEntry) => string) =>
    column(title, align, entries, entry =>
      entry?.change ? { text: text(entry.change), tone: entry.change.tone } : { text: '' },
    )
  const low = widest(entries, each => each.change?.ends?.low)
  const high = widest(entries, each => each.change?.ends?.high)
  const blank = low + high > 0 ? ' '.repeat(low + high + 7) : ''
  const range = ({ ends }: ChangeEntry) => rangeOf(ends, low, high)
  const changes = stacked
    ? ofChanges(`${changeTitle}\n(95 %)`, 'right', each =>
        [each.value, range(each)].filter(Boolean).join('\n'),
      )
    : ofChanges(
        `${changeTitle} (95 %)`,
        'right',
        each => each.value + (each.ends ? ` ${range(each)}` : blank),
      )
  const words = word && entries.some(entry => entry?.change?.word)
  return [
    changes,
    ofChanges('p', 'right', each => each.p),
    ...(words ? [ofChanges('', 'left', each => each.word)] : []),
  ]
}

/** Figures, and behind or below each what surrounds it; so that all of a column stand below each other. */
function valueCells(entries: Entries, { stacked }: Layout): Column['cells'] {
  const [spreads, notes] = [widest(entries, each => each.spread), widest(entries, each => each.note)]
  return entries.map(entry => {
    if (!entry) return { text: '' }
    const { value, spread = '', note = '', tone } = entry
    const behind = [
      ...(spreads > 0 ? [spread.padStart(spreads)] : []),
      ...(notes > 0 ? [note.padEnd(notes)] : []),
    ]
    const text = stacked ? [value, spread, note].filter(Boolean).join('\n') : [value, ...behind].join(' ')
    return { text, tone }
  })
}

function widest(entries: Entries, pick: (entry: Entry) => string | undefined): number {
  return entries.reduce((most, entry) => Math.max(most, stringWidth((entry && pick(entry)) ?? '')), 0)
}

/** A line a set: `a.csv: 2.92 ± 3 %, +96.0 % (+88.1 to +104 %), p <0.001, better` */
function wordsOfRow({ name, entries }: MatrixRow, { labels }: Matrix): RowWords {
  const lines = entries.map(({ value, spread, note, change }, set) => {
    const figure = [value, spread].filter(Boolean).join(' ')
    const changed = change && [change.value, rangeOf(change.ends)].filter(Boolean).join(' ')
    const all = [figure, note, changed, change?.p && `p ${change.p}`, change?.word]
    return { of: labels[set] ?? '', figures: all.flatMap(each => each || []) }
  })
  return { name, lines: lines.filter(({ figures }) => figures.length > 0) }
}

/** `(+88.1 to +104 %)`, its ends padded to these widths; empty without ends. */
function rangeOf(ends: ChangeEntry['ends'], low = 0, high = 0): string {
  return ends ? `(${ends.low.padStart(low)} to ${ends.high.padStart(high)})` : ''
}
