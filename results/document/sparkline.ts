/** Series as lines of small bars. Pure. */
import { median } from '../statistics/quantiles.ts'
import type { Table } from './model.ts'

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
/** The whole height stands for this share of the largest value or more, so that noise does not look like a cliff. */
const LEAST_SPAN = 0.25

interface Bar {
  readonly glyph: string
  /** Indexes of its values: from, and the one behind its last. */
  readonly from: number
  readonly to: number
}

/**
 * Bars for values, `width` of them at most: of more values each bar is the median of its share. From the least value, or a quarter below
 * the largest, to the largest. A blank where there is no value.
 */
export function sparkline(values: readonly (number | undefined)[], width: number): readonly Bar[] {
  const count = Math.min(width, values.length)
  const shares = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * values.length) / count)
    const to = Math.floor(((index + 1) * values.length) / count)
    const known = values.slice(from, to).filter(value => value !== undefined)
    return { from, to, value: median(known) }
  })
  const known = shares.flatMap(({ value }) => value ?? [])
  const top = Math.max(...known)
  const bottom = Math.min(...known, top * (1 - LEAST_SPAN))
  return shares.map(({ from, to, value }) => {
    if (value === undefined) return { glyph: ' ', from, to }
    const height = top > bottom ? (value - bottom) / (top - bottom) : 0
    return { glyph: BARS[Math.round(height * (BARS.length - 1))] ?? ' ', from, to }
  })
}

/** Bars that a table on a page has room for. */
const PAGE_BARS = 30

/** The table of a page: its bars are a column. */
export function withBars({ bars, ...table }: Table): Table {
  if (!bars) return table
  const texts = bars.rows.map(({ values }) =>
    sparkline(values, PAGE_BARS)
      .map(({ glyph }) => (glyph === ' ' ? '·' : glyph))
      .join(''),
  )
  return {
    ...table,
    columns: [...table.columns, { title: bars.title, align: 'left' }],
    rows: table.rows.map((row, index) => [...row, { text: texts[index] ?? '' }]),
  }
}
