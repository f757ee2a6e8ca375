/** Every case in a row: what a person sorts and filters. */
import { formatCount, formatMs } from '../../../base/units.ts'
import type { Case } from '../../charts/case.ts'
import { rttCell, rttTailCell, unansweredCell } from '../../document/exchange-table.ts'
import { figureCell, NONE } from '../../document/figures.ts'
import { delayCell, droppedCell, onTimeCell } from '../../document/frames-table.ts'
import type { Section, Table, TableCell, TableColumn } from '../../document/model.ts'
import { outcomesOf } from '../../document/outcomes.ts'
import { classCell, rpmCell } from '../../document/responsiveness-table.ts'
import { fairnessCell, goodputCell, lossCell, refusedCell } from '../../document/table.ts'
import { type CellField, fieldValue, tellingFields, titleOfField, wholeName } from '../../schema/cells.ts'
import { columnOf } from '../../schema/columns.ts'

/** Rows that a page still handles with ease. */
const MOST_ROWS = 1000

export function casesSection(cases: readonly Case[]): Section {
  const text = `The first ${formatCount(MOST_ROWS)} of ${formatCount(cases.length)} cases; choose others with --filter.`
  return {
    id: 'cases',
    title: 'All cases',
    blocks: [
      ...(cases.length > MOST_ROWS ? [{ kind: 'text', text: [text] } as const] : []),
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
    nameColumn('transport', each => each.cell.transport),
    ...(cases.some(({ file }) => file !== undefined)
      ? [nameColumn('file', ({ file = '' }) => wholeName(file))]
      : []),
    ...fields.map(fieldColumn),
    ...MEASURES.filter(({ cell }) => cases.some(each => cell(each).text !== NONE.text)),
  ]
  const figure = [
    ...(cases.some(each => rpmCell(each) !== NONE) ? ['RPM'] : []),
    ...(cases.some(each => goodputCell(each) !== NONE) ? ['goodput'] : []),
    ...(cases.some(({ exchange }) => exchange) ? ['round trip'] : []),
    ...(cases.some(({ frames }) => frames) ? ['delay of pictures'] : []),
  ].join(' or ')
  return {
    caption: `Median ${figure} with its 95 % interval (or the range, of few trials or processes), total time, loss and refusals of each case`,
    interactive: true,
    columns: columns.map(({ cell: _, ...column }) => column),
    rows: cases.map(each => columns.map(({ cell }) => cell(each))),
  }
}

function nameColumn(title: string, text: (each: Case) => string): CaseColumn {
  return { title, align: 'left', choices: true, cell: each => ({ text: text(each) }) }
}

/** Numbers stand on the right, and sort by what they are. */
function fieldColumn(field: CellField): CaseColumn {
  // Beside the results file there is the file that was sent.
  const title = field === 'file' ? 'file sent' : titleOfField(field)
  if (/string|boolean/.test(columnOf(field).type))
    return nameColumn(title, ({ cell }) => fieldValue(cell, field))
  return {
    title,
    align: 'right',
    choices: true,
    cell: ({ cell }) => {
      const value = cell[field]
      return { text: fieldValue(cell, field), value: typeof value === 'number' ? value : undefined }
    },
  }
}

const MEASURES: readonly CaseColumn[] = [
  { title: 'RPM', align: 'right', cell: rpmCell },
  { title: 'class', align: 'left', choices: true, cell: classCell },
  { title: 'goodput', align: 'right', cell: each => goodputCell(each) },
  { title: 'RTT', align: 'right', cell: each => rttCell(each) },
  { title: 'RTT p99', align: 'right', cell: rttTailCell },
  { title: 'unanswered', align: 'right', cell: unansweredCell },
  { title: 'pictures on time', align: 'right', cell: onTimeCell },
  { title: 'pictures dropped', align: 'right', cell: each => droppedCell(each) },
  { title: 'delay of pictures', align: 'right', cell: each => delayCell(each) },
  time('median total', 'p50'),
  time('longest total', 'max'),
  time('p99 total', 'p99'),
  { title: 'loss', align: 'right', cell: lossCell },
  { title: 'fairness', align: 'right', cell: fairnessCell },
  { title: 'refused', align: 'right', cell: refusedCell },
  { title: 'trials', align: 'right', cell: ({ records }) => figureCell(records.length, formatCount) },
  {
    title: 'outcomes',
    align: 'left',
    choices: true,
    cell: summary => {
      const [first = '', ...others] = outcomesOf(summary)
      const { failed, 'timed-out': timedOut } = summary.outcomes
      return {
        // Where all ended alike, their number is in the column before.
        text: others.length > 0 ? [first, ...others].join(', ') : first.replace(/^\S+ /, ''),
        ...(failed + timedOut > 0 ? { tone: 'bad' } : {}),
      }
    },
  },
]

function time(title: string, part: 'p50' | 'p99' | 'max'): CaseColumn {
  return { title, align: 'right', cell: ({ totalMs }) => figureCell(totalMs?.[part], formatMs) }
}
