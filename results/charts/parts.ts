/** Charts of parts that add up: the phases of the total time, and the fates of datagrams that did not arrive. */
import { formatMs, formatPercent } from '../../base/units.ts'
import type { StackSpec } from '../document/chart-spec.ts'
import type { Chart, Text } from '../document/model.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { LossCause } from '../schema/outcome.ts'
import { median } from '../statistics/quantiles.ts'
import { causesOf, known } from '../statistics/summary.ts'
import { brief, type Case, type Colors, figuresTable, namedCases } from './case.ts'
import { MOST_ROWS, rowsNote } from './measures.ts'

const PHASES = [
  ['connect', 'connect_ms'],
  ['handshake', 'handshake_ms'],
  ['transfer', 'transfer_ms'],
  ['acknowledgement', 'ack_ms'],
] as const satisfies readonly (readonly [string, keyof TrialRecord])[]

/** Medians of the phases; none if no trial has any. */
export function phasesChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const rows = namedCases(cases, colors).flatMap(({ name, summary: { records } }) => {
    const values = PHASES.map(([, column]) => median(known(records, each => each[column])) ?? null)
    return values.some(value => value !== null) ? [{ name, values: values.map(roundedOrNull) }] : []
  })
  return stackChart(
    'phases',
    'Where the time goes',
    'ms',
    PHASES.map(([name]) => name),
    rows,
    [
      [
        'Medians of each phase on the sender’s clock; their sum is close to the median total, not always equal. A transport without a phase has no part for it: UDP does not connect, and udp-marker is not answered.',
      ],
    ],
  )
}

/** Unlike the colours that transports usually have. */
const PART_COLORS = [4, 3, 5, 1, 2, 0]

/** Fates of datagrams that do not arrive, with the causes that they sum up; a fate without causes is loss of unknown cause. */
const FATES: readonly (readonly [string, ...LossCause[]])[] = [
  ['lost in the receive buffer', 'receive buffer'],
  ['lost elsewhere', 'elsewhere'],
  ['lost, nobody knows where'],
  ['refused by the system', 'refused by the system'],
  ['lost in the send queue', 'send queue'],
  ['came late or damaged', 'late', 'damaged'],
]

/** Shares of the datagrams offered, by fate; none if all arrived. */
export function causesChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const rows = namedCases(cases, colors).flatMap(({ name, summary: { records } }) => {
    const counts = FATES.map(() => 0)
    let offered = 0
    for (const record of records) {
      if (record.datagrams_lost === undefined && !record.datagrams_refused) continue
      offered += record.datagrams_offered ?? 0
      fatesOf(record).forEach((count, fate) => {
        counts[fate] = (counts[fate] ?? 0) + count
      })
    }
    return offered > 0 && counts.some(count => count > 0)
      ? [{ name, values: counts.map(count => brief(count / offered)) }]
      : []
  })
  return stackChart(
    'causes',
    'What did not arrive, and why',
    'share',
    FATES.map(([name]) => name),
    rows,
    [
      [
        'Shares of all datagrams offered, by what became of them: the drop counters of the receiving socket and of the sender’s host, or neither. Cases where everything arrived have no bar.',
      ],
    ],
  )
}

/** Datagrams of a trial, in the order of FATES. */
function fatesOf(record: TrialRecord): readonly number[] {
  const causes = causesOf(record)
  const { 'refused by the system': _, ...lost } = causes
  const explained = Object.values(lost).reduce((sum, count) => sum + count, 0)
  const unknown = Math.max(0, (record.datagrams_lost ?? 0) - explained)
  return FATES.map(([, ...of]) =>
    of.length === 0 ? unknown : of.reduce((sum, cause) => sum + causes[cause], 0),
  )
}

function stackChart(
  kind: 'phases' | 'causes',
  title: string,
  unit: 'ms' | 'share',
  names: readonly string[],
  all: StackSpec['rows'],
  notes: readonly Text[],
): readonly Chart[] {
  const used = names.map((_, part) => all.some(row => (row.values[part] ?? 0) > 0))
  const pick = <T>(items: readonly T[]) => items.filter((_, part) => used[part])
  const rows = all.slice(0, MOST_ROWS).map(row => ({ name: row.name, values: pick(row.values) }))
  if (rows.length === 0) return []
  const parts = pick(names.map((name, part) => ({ name, color: PART_COLORS[part] ?? 0 })))
  const format = unit === 'ms' ? formatMs : formatPercent
  return [
    {
      id: kind,
      kind,
      title,
      spec: {
        kind: 'stack',
        value: { title: unit === 'ms' ? 'time' : 'share', unit, ...(unit === 'share' ? { ceiling: 1 } : {}) },
        ...(unit === 'ms' && spansFar(rows) ? { shares: true } : {}),
        parts,
        rows,
      },
      notes: [...notes, ...rowsNote(all.length)],
      table: figuresTable({
        caption: `${title}, in figures`,
        columns: [
          { title: 'case', align: 'left' },
          ...parts.map(({ name }) => ({ title: name, align: 'right' as const })),
        ],
        rows: all.map(row => [
          { text: row.name },
          ...pick(row.values).map(value => (value === null ? { text: '–' } : { text: format(value), value })),
        ]),
      }),
    },
  ]
}

/** Whether bars differ so much in length that the parts of short ones cannot be seen. */
function spansFar(rows: StackSpec['rows']): boolean {
  const sums = rows.map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0))
  return Math.max(...sums) > 30 * Math.min(...sums)
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : brief(value)
}
