/** A matrix on a terminal: the first of several layouts that fits its width. */
import picocolors from 'picocolors'
import stringWidth from 'string-width'
import { shortenAll } from '../schema/cells.ts'
import { type GridColumn, gridWidth, layOutGrid, ruledGrid, ruleUnder } from './grid.ts'
import { rangeOf } from './matrix.ts'
import type { ChangeEntry, Entry, Matrix, MatrixRow, RenderOptions } from './model.ts'
import { holdWords, wrapWords } from './text.ts'
import { type Colors, paint } from './tones.ts'

/** Lines of at most `width` columns; the title is not among them. */
export function matrixLines(matrix: Matrix, { width, color }: RenderOptions): readonly string[] {
  const colors = picocolors.createColors(color)
  for (const layout of LAYOUTS) {
    const columns = besideEachOther(matrix, layout, colors)
    if (gridWidth(columns, GAP) <= width) return ruledGrid(columns, GAP, colors.dim)
  }
  if (matrix.changeTitle !== undefined) {
    for (const [layout, gap] of GROUPED) {
      const columns = belowEachOther(matrix, layout, colors)
      if (gridWidth(columns, gap) <= width) return withNames(matrix, columns, gap, width, colors)
    }
  }
  return paragraphs(matrix, width, colors)
}

const GAP = 2

interface Layout {
  /** The word for a verdict stands behind p; its colour says it too. */
  readonly word: boolean
  /** What surrounds a figure stands below it. */
  readonly stacked: boolean
}

const WIDE: Layout = { word: true, stacked: false }
const WORDLESS: Layout = { word: false, stacked: false }
const LAYOUTS: readonly Layout[] = [WIDE, WORDLESS, { word: true, stacked: true }]
/** Of sets below each other, with the blanks between columns. */
const GROUPED: readonly (readonly [Layout, number])[] = [
  [WIDE, GAP],
  [WORDLESS, GAP],
  [WORDLESS, 1],
]

/** How wide the parts of entries are, so that they stand below each other. */
interface Words {
  readonly spread: number
  readonly note: number
  readonly low: number
  readonly high: number
}

function wordsOf(entries: readonly (Entry | undefined)[]): Words {
  const widest = (pick: (entry: Entry) => string | undefined) =>
    entries.reduce((most, entry) => Math.max(most, stringWidth((entry && pick(entry)) ?? '')), 0)
  return {
    spread: widest(each => each.spread),
    note: widest(each => each.note),
    low: widest(each => each.change?.ends?.low),
    high: widest(each => each.change?.ends?.high),
  }
}

/** Sets as columns. */
function besideEachOther(matrix: Matrix, layout: Layout, colors: Colors): readonly GridColumn[] {
  const { labels, rows } = matrix
  return [
    ...nameColumns(matrix, colors),
    ...labels.flatMap((label, set) => {
      const entries = rows.map(row => row.entries[set])
      const words = wordsOf(entries)
      const values: GridColumn = {
        title: label,
        align: matrix.align,
        cells: entries.map(entry => valueText(entry, layout, words, colors)),
      }
      return [values, ...changeColumns(matrix, entries, layout, words, colors)]
    }),
  ]
}

/** Sets as lines; names of rows stand above them. What a set has nothing to say of has no line. */
function belowEachOther(matrix: Matrix, layout: Layout, colors: Colors): readonly GridColumn[] {
  const lines = matrix.rows.flatMap(row => linesOf(row, matrix))
  const entries = lines.map(line => line.entry)
  const words = wordsOf(entries)
  return [
    { title: '', align: 'left', cells: lines.map(({ label }) => `  ${label}`) },
    {
      title: '',
      align: matrix.align,
      cells: entries.map(entry => valueText(entry, layout, words, colors)),
    },
    ...changeColumns(matrix, entries, layout, words, colors),
  ]
}

function linesOf({ entries }: MatrixRow, { labels }: Matrix) {
  return entries.flatMap((entry, set) =>
    entry.value === '' && !entry.change ? [] : [{ label: labels[set] ?? '', entry }],
  )
}

function nameColumns({ fields, rows }: Matrix, colors: Colors): readonly GridColumn[] {
  return fields.map(({ title, align }, index) => {
    const names = shortenAll(rows.map(row => row.fields[index] ?? ''))
    return { title, align, cells: index === 0 ? names.map(name => colors.bold(name)) : names }
  })
}

function changeColumns(
  { changeTitle }: Matrix,
  entries: readonly (Entry | undefined)[],
  { word, stacked }: Layout,
  words: Words,
  colors: Colors,
): readonly GridColumn[] {
  if (changeTitle === undefined || entries.every(entry => !entry?.change)) return []
  const column = (title: string, align: GridColumn['align'], text: (change: ChangeEntry) => string) => ({
    title,
    align,
    cells: entries.map(entry => (entry?.change ? paint(text(entry.change), entry.change.tone, colors) : '')),
  })
  const range = (change: ChangeEntry) => rangeOf(change.ends, [words.low, words.high])
  const blank = words.low + words.high > 0 ? ' '.repeat(words.low + words.high + 7) : ''
  const changes = stacked
    ? column(`${changeTitle}\n(95 %)`, 'right', each =>
        each.ends ? `${each.value}\n${range(each)}` : each.value,
      )
    : column(
        `${changeTitle} (95 %)`,
        'right',
        each => `${each.value}${each.ends ? ` ${range(each)}` : blank}`,
      )
  const wordColumn =
    word && entries.some(entry => entry?.change?.word) ? [column('', 'left', each => each.word)] : []
  return [changes, column('p', 'right', each => each.p), ...wordColumn]
}

function valueText(entry: Entry | undefined, { stacked }: Layout, words: Words, colors: Colors): string {
  if (!entry) return ''
  const { value, spread = '', note = '', tone } = entry
  const painted = paint(value, tone, colors)
  if (stacked) return [painted, spread, note].filter(Boolean).join('\n')
  const behind = [
    ...(words.spread > 0 ? [spread.padStart(words.spread)] : []),
    ...(words.note > 0 ? [note.padEnd(words.note)] : []),
  ]
  return [painted, ...behind].join(' ')
}

/** Each row's name above its lines. */
function withNames(
  matrix: Matrix,
  columns: readonly GridColumn[],
  gap: number,
  width: number,
  colors: Colors,
): readonly string[] {
  const { head, body } = layOutGrid(columns, gap)
  const titled = head.some(line => line !== '') ? [...head, ruleUnder([...head, ...body])] : []
  const lines = titled.map(line => colors.dim(line))
  let at = 0
  for (const row of matrix.rows) {
    const next = at + linesOf(row, matrix).length
    lines.push(...nameLines(row.name, width, colors), ...body.slice(at, next))
    at = next
  }
  return lines
}

function nameLines(name: string, width: number, colors: Colors): readonly string[] {
  return name === '' ? [] : wrapWords(name, width, '  ').map(line => colors.bold(line))
}

/** Each entry a sentence: for a terminal that no table fits. */
function paragraphs({ rows, labels }: Matrix, width: number, colors: Colors): readonly string[] {
  return rows.flatMap(({ name, entries }) => [
    ...nameLines(name, width, colors),
    ...entries.flatMap((entry, set) => {
      // A figure and what belongs to it stay on one line.
      const text = entryWords(entry)
        .map(part => holdWords(part, width))
        .join(', ')
      return text === '' ? [] : wrapWords(`  ${labels[set]}: ${text}`, width, '    ')
    }),
  ])
}

/** `2.92 ± 3 %`, `+96.0 % (+88.1 to +104 %)`, `p <0.001`, `better` */
function entryWords({ value, spread, note, change }: Entry): readonly string[] {
  const figure = [value, spread].filter(Boolean).join(' ')
  const changed = change && [change.value, rangeOf(change.ends)].filter(Boolean).join(' ')
  return [figure, note, changed, change?.p && `p ${change.p}`, change?.word].flatMap(part => part || [])
}
