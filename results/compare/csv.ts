/** A comparison as CSV (RFC 4180), for other programs: a row a cell and set, numbers as they are. */
import { stringify } from 'csv-stringify/sync'
import { harmlessName } from '../../base/foreign-text.ts'
import { CELL_FIELDS, type CellField } from '../schema/cells.ts'
import { COLUMNS } from '../schema/columns.ts'
import { guardFormula } from '../schema/formula.ts'
import type { ComparedRow, Comparison } from './comparison.ts'

/** What a column holds of one cell in one set. */
interface CsvColumn {
  readonly name: string
  readonly meaning: string
  readonly value: (row: ComparedRow, set: number, comparison: Comparison) => unknown
}

const FIGURES: readonly CsvColumn[] = [
  {
    name: 'metric',
    meaning: 'The compared column of the results, with its unit in its name.',
    value: (_, __, { metric }) => metric.column,
  },
  {
    name: 'set',
    meaning: 'File, or value of the `--by` column.',
    value: (_, set, { sets }) => sets[set]?.label,
  },
  {
    name: 'is_base',
    meaning: '`true` for the set that the others are compared with.',
    value: (_, set, { base }) => set === base,
  },
  {
    name: 'trials',
    meaning: 'Trials of the cell in the set.',
    value: (row, set) => row.troubles[set]?.trials,
  },
  {
    name: 'n',
    meaning: 'Trials that have a value of the metric.',
    value: (row, set) => row.estimates[set]?.n,
  },
  { name: 'median', meaning: 'Their median.', value: (row, set) => row.estimates[set]?.median },
  {
    name: 'median_low',
    meaning: 'Lower end of its 95 % interval.',
    value: (row, set) => row.estimates[set]?.interval?.low,
  },
  { name: 'median_high', meaning: 'Upper end.', value: (row, set) => row.estimates[set]?.interval?.high },
  {
    name: 'ratio',
    meaning: 'Set / base: over 1 is more. `Infinity` where the base is 0.',
    value: (row, set) => row.changes[set]?.ratio,
  },
  {
    name: 'ratio_low',
    meaning: 'Lower end of its 95 % interval.',
    value: (row, set) => row.changes[set]?.interval?.low,
  },
  { name: 'ratio_high', meaning: 'Upper end.', value: (row, set) => row.changes[set]?.interval?.high },
  {
    name: 'basis',
    meaning:
      '`pairs`: trials of one run and round; `processes`: medians of processes, for pairs whose sides do not share them or where they differ; `runs`: five or more runs of one side, whose variance is in the interval; `single`: unpaired samples of fewer runs.',
    value: (row, set) => row.changes[set]?.basis,
  },
  {
    name: 'pairs',
    meaning:
      'Pairs; unpaired: the smaller number of trials; `runs`: runs; `processes`: the smaller number of processes.',
    value: (row, set) => row.changes[set]?.n,
  },
  { name: 'left_out', meaning: 'Values without a partner.', value: (row, set) => row.changes[set]?.leftOut },
  { name: 'p', meaning: 'p of the test, two-sided.', value: (row, set) => row.changes[set]?.p },
  {
    name: 'p_holm',
    meaning: 'After Holm’s correction over all cells and sets.',
    value: (row, set) => row.changes[set]?.pHolm,
  },
  {
    name: 'delta',
    meaning: 'The smallest effect that counts, as a share.',
    value: (row, set) => row.changes[set]?.delta,
  },
  {
    name: 'verdict',
    meaning: '`better`, `worse`, `same`, `no evidence`, `inconclusive`.',
    value: (row, set) => row.changes[set]?.verdict,
  },
  {
    name: 'datagrams_accepted',
    meaning: 'Over all trials whose loss is known.',
    value: (row, set) => row.losses[set]?.accepted,
  },
  {
    name: 'datagrams_lost',
    meaning: 'How many of these were lost.',
    value: (row, set) => row.losses[set]?.lost,
  },
  { name: 'loss', meaning: 'Lost / accepted.', value: (row, set) => row.losses[set]?.ratio },
  {
    name: 'loss_low',
    meaning: 'Lower end of its 95 % interval.',
    value: (row, set) => row.losses[set]?.interval.low,
  },
  { name: 'loss_high', meaning: 'Upper end.', value: (row, set) => row.losses[set]?.interval.high },
  {
    name: 'loss_difference',
    meaning: 'Set - base.',
    value: (row, set) => row.losses[set]?.change?.difference,
  },
  {
    name: 'loss_difference_low',
    meaning: 'Lower end of its 95 % interval.',
    value: (row, set) => row.losses[set]?.change?.interval.low,
  },
  {
    name: 'loss_difference_high',
    meaning: 'Upper end.',
    value: (row, set) => row.losses[set]?.change?.interval.high,
  },
  {
    name: 'loss_p_holm',
    meaning: 'After Holm’s correction over all losses.',
    value: (row, set) => row.losses[set]?.change?.pHolm,
  },
  {
    name: 'loss_delta',
    meaning: 'The smallest difference that counts.',
    value: (row, set) => row.losses[set]?.change?.delta,
  },
  { name: 'loss_verdict', meaning: 'As `verdict`.', value: (row, set) => row.losses[set]?.change?.verdict },
  {
    name: 'datagrams_offered',
    meaning: 'Offered to the system.',
    value: (row, set) => row.refusals[set]?.offered,
  },
  { name: 'datagrams_refused', meaning: 'Refused by it.', value: (row, set) => row.refusals[set]?.refused },
  {
    name: 'largest_accepted_bytes',
    meaning: 'The largest datagram of a trial in which none was refused for its size.',
    value: (row, set) => row.refusals[set]?.largestAcceptedBytes,
  },
  {
    name: 'smallest_refused_bytes',
    meaning: 'The smallest that was (EMSGSIZE).',
    value: (row, set) => row.refusals[set]?.smallestRefusedBytes,
  },
  { name: 'failed', meaning: 'Trials that failed.', value: (row, set) => row.troubles[set]?.failed },
  { name: 'timed_out', meaning: 'Trials that timed out.', value: (row, set) => row.troubles[set]?.timedOut },
  {
    name: 'damaged',
    meaning: 'Trials in which damaged bytes arrived.',
    value: (row, set) => row.troubles[set]?.damaged,
  },
  {
    name: 'not_begun',
    meaning: 'Trials whose header or marker before the payload was refused or lost.',
    value: (row, set) => row.troubles[set]?.notBegun,
  },
]

/** The fields of a cell, empty where they do not tell cells apart; then the figures. */
export const CSV_COLUMNS: readonly CsvColumn[] = [
  ...CELL_FIELDS.map(field => ({
    name: field,
    meaning: COLUMNS.find(column => column.name === field)?.meaning ?? '',
    value: (row: ComparedRow, _: number, comparison: Comparison) =>
      isTold(field, comparison) ? row.cell[field] : undefined,
  })),
  ...FIGURES,
]

export function comparisonCsv(comparison: Comparison): string {
  const rows = comparison.rows.flatMap(row =>
    comparison.sets.map((_, set) => CSV_COLUMNS.map(column => plain(column.value(row, set, comparison)))),
  )
  return stringify([CSV_COLUMNS.map(column => column.name), ...rows], {
    record_delimiter: 'windows',
    quote_record_delimiter: true,
    cast: { boolean: value => String(value), number: value => String(value), string: guardFormula },
  })
}

function plain(value: unknown): unknown {
  return typeof value === 'string' ? harmlessName(value) : value
}

function isTold(field: CellField, { fields, common }: Comparison): boolean {
  return fields.includes(field) || common.includes(field)
}
