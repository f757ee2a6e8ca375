/** A comparison as CSV (RFC 4180), for other programs: a row a cell and set, numbers as they are. */
import { harmlessName } from '../../base/foreign-text.ts'
import { shaped } from '../document/json.ts'
import { CELL_FIELDS, type CellField } from '../schema/cells.ts'
import { type CsvDialect, csvLine, csvMark } from '../store/csv.ts'
import type { Comparison } from './comparison.ts'
import { figuresOf, figuresSchema } from './json.ts'

/** The columns before the figures. */
const HEADS = ['metric', 'set', 'is_base'] as const

/** Columns, and where `figuresOf` has their values. */
export const FIGURES = {
  trials: ['trials'],
  n: ['estimate', 'n'],
  median: ['estimate', 'median'],
  median_low: ['estimate', 'interval', 'low'],
  median_high: ['estimate', 'interval', 'high'],
  ratio: ['change', 'ratio'],
  ratio_low: ['change', 'interval', 'low'],
  ratio_high: ['change', 'interval', 'high'],
  basis: ['change', 'basis'],
  pairs: ['change', 'n'],
  left_out: ['change', 'left_out'],
  p: ['change', 'p'],
  p_holm: ['change', 'p_holm'],
  delta: ['change', 'delta'],
  verdict: ['change', 'verdict'],
  datagrams_accepted: ['loss', 'accepted'],
  datagrams_lost: ['loss', 'lost'],
  loss: ['loss', 'ratio'],
  loss_low: ['loss', 'interval', 'low'],
  loss_high: ['loss', 'interval', 'high'],
  loss_difference: ['loss', 'change', 'difference'],
  loss_difference_low: ['loss', 'change', 'interval', 'low'],
  loss_difference_high: ['loss', 'change', 'interval', 'high'],
  loss_p_holm: ['loss', 'change', 'p_holm'],
  loss_delta: ['loss', 'change', 'delta'],
  loss_verdict: ['loss', 'change', 'verdict'],
  datagrams_offered: ['refusals', 'offered'],
  datagrams_refused: ['refusals', 'refused'],
  largest_accepted_bytes: ['refusals', 'largest_accepted_bytes'],
  smallest_refused_bytes: ['refusals', 'smallest_refused_bytes'],
  failed: ['failed'],
  timed_out: ['timed_out'],
  damaged: ['damaged'],
  not_begun: ['not_begun'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** The fields of a cell, empty where they do not distinguish cells; then the figures. */
export const CSV_COLUMNS: readonly string[] = [...CELL_FIELDS, ...HEADS, ...Object.keys(FIGURES)]

export function comparisonCsv(comparison: Comparison, dialect?: CsvDialect): string {
  const { metric, base, sets } = comparison
  const rows = comparison.rows.flatMap(row =>
    sets.map(({ label }, set) => {
      const [model] = figuresOf(row, set)
      const figures = model && shaped(figuresSchema, model)
      return [
        ...CELL_FIELDS.map(field => (isShown(field, comparison) ? row.cell[field] : undefined)),
        ...[metric.column, label, set === base],
        ...Object.values(FIGURES).map(path => valueAt(figures, path)),
      ].map(plain)
    }),
  )
  return csvMark(dialect) + [CSV_COLUMNS, ...rows].map(each => csvLine(each, dialect)).join('')
}

function valueAt(figures: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    figures,
  )
}

function plain(value: unknown): unknown {
  return typeof value === 'string' ? harmlessName(value) : value
}

function isShown(field: CellField, { fields, common }: Comparison): boolean {
  return fields.includes(field) || common.includes(field)
}
