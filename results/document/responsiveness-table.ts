/** Responsiveness as a table: a line a direction, or a case, with the parts that make it. Pure. */
import { formatCount, formatMs, formatRate } from '../../base/units.ts'
import { CONFIDENCES } from '../schema/columns/responsiveness.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { median } from '../statistics/quantiles.ts'
import { classOf } from '../statistics/responsiveness.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { tableOfCases } from './case-rows.ts'
import type { Layout } from './figures.ts'
import { column, figureCell, NONE, tableOfColumns } from './figures.ts'
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

const MEASURES: readonly (readonly [title: string, cell: (figures: Figures) => TableCell])[] = [
  ['RPM', rpmOfFigures],
  ['class', classOfFigures],
  ['confidence', ({ rpm, rpm_confidence: text }) => (rpm === undefined || !text ? NONE : { text })],
  ['idle', record => figureCell(record.rpm_idle_ms, formatMs)],
  ['connect', record => figureCell(record.rpm_connect_ms, formatMs)],
  ['request', record => figureCell(record.rpm_request_ms, formatMs)],
  ['behind load', record => figureCell(record.rpm_loaded_ms, formatMs)],
  ['goodput', record => figureCell(record.goodput_bps, formatRate)],
  ['connections', record => figureCell(record.rpm_connections, formatCount)],
]

/** @param rows a record of each direction, by its name @param notes what to know of them */
export function responsivenessBlocks(
  rows: readonly (readonly [name: string, record: TrialRecord])[],
  notes: readonly string[],
): readonly Block[] {
  const heading = 'round trips per minute (RPM) while connections are full'
  const columns = [
    column('', 'left', rows, ([text]) => ({ text })),
    ...MEASURES.map(([title, cell]) => column(title, 'right', rows, ([, record]) => cell(record))),
  ]
  const inWords = rows.map(([name, record]) => ({
    name,
    lines: MEASURES.map(([title, cell]) => ({ figures: [`${title} ${cell(record).text}`] })),
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
  const measures = shown.map(([title, cell]) => column(title, 'right', rows, cell))
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
