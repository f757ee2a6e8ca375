/** What adds up: the phases of the total time, and what became of datagrams that did not arrive. */
import { formatMs, formatPercent } from '../../../bench/units.ts'
import type { TrialRecord } from '../../columns.ts'
import { median } from '../../statistics/quantiles.ts'
import { known } from '../../summary.ts'
import type { StackSpec } from '../charts/spec.ts'
import type { Chart, Text } from '../model.ts'
import { brief, type Case, type Colors, figuresTable, namedCases } from './case.ts'
import { MOST_ROWS, rowsNote } from './sweep.ts'

const PHASES = [
  ['connect', 'connect_ms'],
  ['handshake', 'handshake_ms'],
  ['transfer', 'transfer_ms'],
  ['acknowledgement', 'ack_ms'],
] as const satisfies readonly (readonly [string, keyof TrialRecord])[]

/** Medians of the phases; none where no trial tells of any. */
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

/** Others than those that transports mostly have. */
const PART_COLORS = [4, 3, 5, 1]

const FATES = [
  'lost in the receive buffer',
  'lost elsewhere',
  'lost, nobody knows where',
  'refused by the system',
] as const

/** Shares of the datagrams offered, by what became of them; none where all arrived. */
export function causesChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const rows = namedCases(cases, colors).flatMap(({ name, summary: { records } }) => {
    const counts = [0, 0, 0, 0]
    let offered = 0
    for (const record of records) {
      if (record.datagrams_lost === undefined && !record.datagrams_refused) continue
      offered += record.datagrams_offered ?? 0
      const fate = fateOf(record)
      counts[fate] = (counts[fate] ?? 0) + (record.datagrams_lost ?? 0)
      counts[3] = (counts[3] ?? 0) + (record.datagrams_refused ?? 0)
    }
    return offered > 0 && counts.some(count => count > 0)
      ? [{ name, values: counts.map(count => brief(count / offered)) }]
      : []
  })
  return stackChart('causes', 'What did not arrive, and why', 'share', FATES, rows, [
    [
      'Shares of all datagrams offered, by the cause of each trial: the drop counter of the receiving socket, or none. Cases where everything arrived have no bar.',
    ],
  ])
}

function fateOf({ loss_cause: cause }: TrialRecord): 0 | 1 | 2 {
  if (cause === 'receive buffer') return 0
  return cause === 'elsewhere' ? 1 : 2
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

/** Bars so unlike in length that the parts of short ones are not seen. */
function spansFar(rows: StackSpec['rows']): boolean {
  const sums = rows.map(({ values }) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0))
  return Math.max(...sums) > 30 * Math.min(...sums)
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : brief(value)
}
