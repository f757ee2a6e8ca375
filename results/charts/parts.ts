/** Charts of parts that add up: the phases of the total time, and the fates of datagrams that did not arrive. */
import { maximum, minimum, sumOf } from '../../base/groups.ts'
import { formatCount } from '../../base/units.ts'
import type { StackSpec } from '../document/chart-spec.ts'
import { figureCell } from '../document/figures.ts'
import { columnFormat } from '../document/format.ts'
import type { Chart } from '../document/model.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { LossCause } from '../schema/outcome.ts'
import { median } from '../statistics/quantiles.ts'
import { causesOf, known } from '../statistics/summary.ts'
import { brief, type Case, type Colors, figuresTable, namedCases, sampled } from './case.ts'

const PHASES = [
  ['connect', 'connect_ms'],
  ['TLS', 'tls_ms'],
  ['handshake', 'handshake_ms'],
  ['transfer', 'transfer_ms'],
  ['acknowledgement', 'ack_ms'],
] as const satisfies readonly (readonly [string, keyof TrialRecord])[]

/** Medians of the phases; none if no trial has any. */
export function phasesChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const rows = namedCases(cases, colors).map(({ name, records }) => ({
    name,
    values: PHASES.map(([, column]) => {
      const value = median(known(records, each => each[column]))
      return value === undefined ? null : brief(value)
    }),
  }))
  return stackChart(
    {
      kind: 'phases',
      title: 'Where the time goes',
      value: { title: 'time', unit: 'ms' },
      parts: PHASES.map(([name]) => name),
      note: 'Medians of each phase on the sender’s clock; their sum is close to the median total, not always equal. A transport without a phase has no part for it: UDP does not connect, and udp-marker is not answered.',
    },
    rows.filter(({ values }) => values.some(value => value !== null)),
  )
}

/** Fates of datagrams that do not arrive, with the causes that they sum up; a fate without causes is loss of unknown cause. */
const FATES: readonly (readonly [string, ...LossCause[]])[] = [
  ['lost in the receive buffer', 'receive buffer'],
  ['lost elsewhere', 'elsewhere'],
  ['lost, place unknown'],
  ['refused by the system', 'refused by the system'],
  ['lost in the send queue', 'send queue'],
  ['came late or damaged', 'late', 'damaged'],
  ['lost on the emulated way', 'emulated way'],
]

/** Shares of the datagrams offered, by fate; none if all arrived. */
export function causesChart(cases: readonly Case[], colors: Colors): readonly Chart[] {
  const rows = namedCases(cases, colors).map(({ name, records }) => {
    const counted = records.filter(each => each.datagrams_lost !== undefined || each.datagrams_refused)
    const offered = sumOf(counted, each => each.datagrams_offered)
    const fates = counted.map(fatesOf)
    const shareOf = (fate: number) => brief(sumOf(fates, counts => counts[fate]) / offered)
    return { name, values: FATES.map((_, fate) => (offered > 0 ? shareOf(fate) : 0)) }
  })
  return stackChart(
    {
      kind: 'causes',
      title: 'What did not arrive, and why',
      value: { title: 'share', unit: 'share', ceiling: 1 },
      parts: FATES.map(([name]) => name),
      note: 'Shares of all datagrams offered, by what became of them: the drop counters of the receiving socket and of the sender’s host, or neither. Cases where everything arrived have no bar.',
    },
    rows.filter(({ values }) => values.some(value => value > 0)),
  )
}

/** Datagrams of a trial, in the order of FATES. */
function fatesOf(record: TrialRecord): readonly number[] {
  const causes = causesOf(record)
  const { 'refused by the system': _, ...lost } = causes
  const unknown = Math.max(0, (record.datagrams_lost ?? 0) - sumOf(Object.values(lost), Number))
  return FATES.map(([, ...of]) => (of.length === 0 ? unknown : sumOf(of, cause => causes[cause])))
}

interface Stack {
  readonly kind: 'phases' | 'causes'
  readonly title: string
  readonly value: StackSpec['value']
  readonly parts: readonly string[]
  readonly note: string
}

/** More bars would be a page of their own. */
const MOST_BARS = 12

/** Only parts of which there are any. */
function stackChart(
  { kind, title, value, parts: all, note }: Stack,
  cases: StackSpec['rows'],
): readonly Chart[] {
  if (cases.length === 0) return []
  const used = all.map((_, part) => cases.some(({ values }) => (values[part] ?? 0) > 0))
  const pick = <T>(items: readonly T[]) => items.filter((_, part) => used[part])
  const rows = cases.map(({ name, values }) => ({ name, values: pick(values) }))
  const drawn = sampled(rows, MOST_BARS, ({ values }) => sumOf(values, Number))
  const format = columnFormat(
    value.unit,
    rows.flatMap(({ values }) => values),
  )
  const left = rows.length > drawn.length
  const parts = pick(all.map((name, part) => ({ name, color: part })))
  const shares = value.ceiling === undefined && spansFar(drawn) ? { shares: true } : {}
  return [
    {
      id: kind,
      kind,
      title,
      spec: { kind: 'stack', value, ...shares, parts, rows: drawn },
      notes: [
        [note],
        ...(left
          ? [
              [
                `${drawn.length} of ${formatCount(rows.length)} cases, evenly chosen, with the shortest and the longest bar; the figures of this chart have more.`,
              ],
            ]
          : []),
      ],
      table: figuresTable(
        `${title}, in figures`,
        ['case', ...parts.map(({ name }) => name)],
        rows.map(({ name, values }) => [name, ...values.map(each => figureCell(each, format))]),
      ),
    },
  ]
}

/** Whether bars differ so much in length that the parts of short ones cannot be seen. */
function spansFar(rows: StackSpec['rows']): boolean {
  const sums = rows.map(({ values }) => sumOf(values, Number))
  return maximum(sums) > 30 * minimum(sums)
}
