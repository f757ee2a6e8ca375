/** Responsiveness as a table: a line a direction, or a case, with the parts that make it. Pure. */
import { formatCount } from '../../base/units.ts'
import { CONFIDENCES } from '../schema/columns/responsiveness.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { median } from '../statistics/quantiles.ts'
import { classOf } from '../statistics/responsiveness.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { tableOfCases, unitColumn } from './case-rows.ts'
import { type Column, column, figureCell, type Layout, NONE, tableOfColumns } from './figures.ts'
import type { Block, Table, TableCell, Tone } from './model.ts'

const TONES: Readonly<Record<ReturnType<typeof classOf>, Tone>> = {
  poor: 'bad',
  fair: 'caution',
  good: 'good',
  excellent: 'good',
}

const FIGURES = [
  'rpm',
  'rpm_idle_ms',
  'rpm_connect_ms',
  'rpm_request_ms',
  'rpm_loaded_ms',
  'goodput_bps',
  'rpm_connections',
] as const
type Figures = Pick<TrialRecord, (typeof FIGURES)[number] | 'rpm_confidence'>

/** Columns by title. */
const MEASURES: readonly (readonly [title: string, columnOf: (all: readonly Figures[]) => Column])[] = [
  cells('RPM', rpmOfFigures),
  cells('class', classOfFigures),
  cells('confidence', ({ rpm, rpm_confidence: text }) => (rpm === undefined || !text ? NONE : { text })),
  figures('idle', 'ms', 'rpm_idle_ms'),
  figures('connect', 'ms', 'rpm_connect_ms'),
  figures('request', 'ms', 'rpm_request_ms'),
  figures('behind load', 'ms', 'rpm_loaded_ms'),
  figures('goodput', 'rate', 'goodput_bps'),
  cells('connections', record => figureCell(record.rpm_connections, formatCount)),
]

function cells(title: string, cell: (record: Figures) => TableCell): (typeof MEASURES)[number] {
  return [title, all => column(title, 'right', all, cell)]
}

function figures(
  title: string,
  unit: 'ms' | 'rate',
  name: 'goodput_bps' | (`rpm_${string}_ms` & keyof Figures),
): (typeof MEASURES)[number] {
  return [title, all => unitColumn(title, all, unit, record => record[name])]
}

/** @param rows a record of each direction, by its name @param notes what to know of them */
export function responsivenessBlocks(
  rows: readonly (readonly [name: string, record: TrialRecord])[],
  notes: readonly string[],
): readonly Block[] {
  const heading = 'round trips per minute (RPM) while connections are full'
  const records = rows.map(([, record]) => record)
  const measures = MEASURES.map(([, columnOf]) => columnOf(records))
  const columns = [column('', 'left', rows, ([text]) => ({ text })), ...measures]
  const inWords = rows.map(([name], row) => ({
    name,
    lines: measures.map(({ title, cells }) => ({
      figures: [`${title.replace('\n', ' ')} ${cells[row]?.text}`],
    })),
  }))
  const problems = rows.filter(([, { outcome }]) => outcome !== 'completed')
  return [
    { kind: 'heading', text: [heading] },
    { kind: 'table', table: { ...tableOfColumns(heading, columns), inWords } },
    {
      kind: 'findings',
      items: [
        ...problems.map(([name, record]) => ({
          text: [`${name}: ${problemOf(record)}`],
          tone: 'bad' as const,
        })),
        ...notes.map(text => ({ text: [text], tone: 'dim' as const })),
      ],
    },
  ]
}

/** Medians over the trials of each case, and the lowest confidence. */
export function responsivenessTable(summaries: readonly CaseSummary[], layout: Layout): Table {
  const rows = summaries.map(({ records }) => mediansOf(records))
  const shown = layout.short ? MEASURES.filter(([title]) => !PARTS.has(title)) : MEASURES
  const measures = shown.map(([, columnOf]) => columnOf(rows))
  return tableOfCases(summaries, measures, layout)
}

const PARTS: ReadonlySet<string> = new Set(['idle', 'connect', 'request', 'connections'])

/** Round trips per minute, the median over the trials of a case; and what that is called. */
export function rpmCell({ records }: CaseSummary): TableCell {
  return rpmOfFigures(mediansOf(records))
}

export function classCell({ records }: CaseSummary): TableCell {
  return classOfFigures(mediansOf(records))
}

function mediansOf(records: readonly TrialRecord[]): Figures {
  const medians = FIGURES.map(name => [name, median(records.flatMap(each => each[name] ?? []))])
  return {
    ...Object.fromEntries(medians),
    rpm_confidence: CONFIDENCES.find(word => records.some(each => each.rpm_confidence === word)),
  }
}

function rpmOfFigures({ rpm }: Figures): TableCell {
  return figureCell(rpm, value => formatCount(Math.round(value)))
}

function classOfFigures({ rpm }: Figures): TableCell {
  if (rpm === undefined) return NONE
  const text = classOf(rpm)
  return { text, tone: TONES[text] }
}

function problemOf({ outcome, error_message: message }: TrialRecord): string {
  return (
    message ??
    (outcome === 'incomplete' ? 'no probe was answered under load; give it a longer --max-time' : outcome)
  )
}
