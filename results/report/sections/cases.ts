/** Every case in a row: what a person sorts and filters. */
import { formatCount, formatMs } from '../../../base/units.ts'
import type { Case } from '../../charts/case.ts'
import type { Section, Table, TableCell, TableColumn } from '../../document/model.ts'
import { goodputCell, lossCell, refusedCell } from '../../document/table.ts'
import { type CellField, fieldValue, tellingFields, titleOfField, wholeName } from '../../schema/cells.ts'
import { OUTCOMES } from '../../schema/outcome.ts'

/** Rows that a page still handles with ease. */
const MOST_ROWS = 1000

/** Fields that are numbers: they stand on the right and sort by what they are. */
const NUMBERS = [
  'size_bytes',
  'chunk_bytes',
  'rate_bps',
  'max_datagram_bytes',
  'rcvbuf_asked_bytes',
  'sndbuf_asked_bytes',
  'mss_asked_bytes',
  'max_pacing_asked_bps',
  'dscp_asked',
] as const

export function casesSection(cases: readonly Case[]): Section {
  const left = cases.length - MOST_ROWS
  return {
    id: 'cases',
    title: 'All cases',
    blocks: [
      ...(left > 0
        ? [
            {
              kind: 'text',
              text: [
                `The first ${formatCount(MOST_ROWS)} of ${formatCount(cases.length)} cases; choose others with --filter.`,
              ],
            } as const,
          ]
        : []),
      { kind: 'table', table: tableOf(cases.slice(0, MOST_ROWS)) },
    ],
  }
}

interface CaseColumn extends TableColumn {
  readonly cell: (each: Case) => TableCell
}

function tableOf(cases: readonly Case[]): Table {
  const fields = tellingFields(cases.map(each => each.cell)).filter(field => field !== 'transport')
  const columns = [
    TRANSPORT,
    ...(cases.some(each => each.file !== undefined) ? [FILE] : []),
    ...fields.map(fieldColumn),
    ...MEASURES.filter(({ cell }) => cases.some(each => cell(each).text !== NONE.text)),
  ]
  return {
    caption: 'Median goodput with its 95 % interval, total time, loss and refusals of each case',
    interactive: true,
    columns: columns.map(({ cell: _, ...column }) => column),
    rows: cases.map(each => columns.map(({ cell }) => cell(each))),
  }
}

const NONE: TableCell = { text: '–' }

const TRANSPORT: CaseColumn = {
  title: 'transport',
  align: 'left',
  choices: true,
  cell: each => ({ text: each.cell.transport }),
}
const FILE: CaseColumn = {
  title: 'file',
  align: 'left',
  choices: true,
  cell: each => ({ text: wholeName(each.file ?? '') }),
}

function fieldColumn(field: CellField): CaseColumn {
  const number = NUMBERS.find(each => each === field)
  return {
    // Beside the results file there is the file that was sent.
    title: field === 'file' ? 'payload' : titleOfField(field),
    align: number ? 'right' : 'left',
    choices: true,
    cell: ({ cell }) => {
      const value = number && cell[number]
      return { text: fieldValue(cell, field), ...(value === undefined ? {} : { value }) }
    },
  }
}

const MEASURES: readonly CaseColumn[] = [
  { title: 'goodput', align: 'right', cell: each => goodputCell(each.summary) },
  time('median total', 'p50'),
  time('longest total', 'max'),
  time('p99 total', 'p99'),
  { title: 'loss', align: 'right', cell: each => lossCell(each.summary) },
  { title: 'refused', align: 'right', cell: each => refusedCell(each.summary) },
  {
    title: 'trials',
    align: 'right',
    cell: ({ summary: { records } }) => ({ text: formatCount(records.length), value: records.length }),
  },
  {
    title: 'outcomes',
    align: 'left',
    choices: true,
    cell: ({ summary: { outcomes } }) => {
      const kinds = OUTCOMES.filter(kind => outcomes[kind] > 0)
      const bad = outcomes.failed + outcomes['timed-out'] > 0
      const [only] = kinds
      return {
        text:
          kinds.length === 1 && only
            ? only
            : kinds.map(kind => `${formatCount(outcomes[kind])} ${kind}`).join(', '),
        ...(bad ? { tone: 'bad' as const } : {}),
      }
    },
  },
]

function time(title: string, part: 'p50' | 'p99' | 'max'): CaseColumn {
  return {
    title,
    align: 'right',
    cell: ({ summary: { totalMs } }) => {
      const value = totalMs?.[part]
      return value === undefined ? NONE : { text: formatMs(value), value }
    },
  }
}
