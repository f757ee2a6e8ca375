/** The figures of a case as gauges, for programs that watch. In base units, as Prometheus and OpenTelemetry want them. Pure. */
import { groupBy, smallestOf } from '../../base/groups.ts'
import { CELL_FIELDS, cellOf } from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { OUTCOMES } from '../schema/outcome.ts'
import { onTimeShare } from '../statistics/frames.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known, refusedShare, summarize } from '../statistics/summary.ts'

export interface Gauge {
  /** `bench_goodput_bytes_per_second` */
  readonly name: string
  /** Unit as UCUM writes it; `1` for shares, and braces around what is counted. */
  readonly unit: string
  readonly help: string
  /** Of a case: one value, or one for each outcome; none if it is unknown. */
  readonly values: (summary: CaseSummary) => readonly Value[]
}

interface Value {
  readonly value: number | undefined
  readonly labels?: Readonly<Record<string, string>>
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const RATE = { suffix: 'bytes_per_second', unit: 'By/s' }
const SECONDS = { suffix: 'seconds', unit: 's' }
const RATIO = { suffix: 'ratio', unit: '1' }

export const GAUGES: readonly Gauge[] = [
  gauge('goodput', RATE, 'Median goodput', ({ goodput }) => inBytes(goodput?.medianBps)),
  gauge('goodput_low', RATE, 'Lower end of the 95 % interval of the median goodput', ({ goodput }) =>
    inBytes(goodput?.interval?.low),
  ),
  gauge('goodput_high', RATE, 'Upper end of the 95 % interval of the median goodput', ({ goodput }) =>
    inBytes(goodput?.interval?.high),
  ),
  gauge('loss', RATIO, 'Datagrams lost of those that the system accepted', ({ loss }) => loss?.ratio),
  gauge('refused', RATIO, 'Datagrams that the system refused', refusedShare),
  gauge('total', SECONDS, 'Median total time of a trial', ({ totalMs }) => seconds(totalMs?.p50)),
  gauge('total_max', SECONDS, 'Longest total time of a trial', ({ totalMs }) => seconds(totalMs?.max)),
  gauge('rtt', SECONDS, 'Median round trip of requests', ({ exchange }) => seconds(exchange?.rtt?.medianMs)),
  gauge('rtt_p99', SECONDS, '99th percentile of the round trips, where ten are beyond it', ({ exchange }) =>
    exchange?.trips.has(0.99) ? seconds(exchange.trips.quantile(0.99)) : undefined,
  ),
  gauge('responsiveness', { suffix: 'rpm', unit: '{round trip}/min' }, 'Round trips per minute', each =>
    median(known(each.records, ({ rpm }) => rpm)),
  ),
  gauge('pictures_on_time', RATIO, 'Pictures that were there before they were due', ({ frames }) =>
    frames ? onTimeShare(frames) : undefined,
  ),
  gauge('start_timestamp', SECONDS, 'When the first trial began, in seconds since 1970', ({ records }) =>
    seconds(smallestOf(records, each => Date.parse(each.started_at))),
  ),
  {
    name: 'bench_trials',
    unit: '{trial}',
    help: 'Trials, by how they ended',
    values: ({ outcomes }) => OUTCOMES.map(outcome => ({ value: outcomes[outcome], labels: { outcome } })),
  },
]

function gauge(
  what: string,
  { suffix, unit }: { readonly suffix: string; readonly unit: string },
  help: string,
  value: (summary: CaseSummary) => number | undefined,
): Gauge {
  return { name: `bench_${what}_${suffix}`, unit, help, values: summary => [{ value: value(summary) }] }
}

/** The cases of all rows; those of scenarios apart, also where their settings are the same. */
export function casesOf(records: readonly TrialRecord[]): readonly CaseSummary[] {
  return [...groupBy(records, each => each.scenario).values()].flatMap(summarize)
}

/** What is known of the cases, a value a case or more. @param labels of a row of a case */
export function samplesOf(
  { values }: Gauge,
  summaries: readonly CaseSummary[],
  labelsFor = labelsOf,
): readonly Sample[] {
  return summaries.flatMap(summary =>
    values(summary).flatMap(({ value, labels }) =>
      value === undefined ? [] : [{ value, labels: { ...labelsFor(summary.records[0]), ...labels } }],
    ),
  )
}

/** What a trial is a repeat of, whatever else was measured beside it: so a case has the same labels in each run, and those of two hosts do not. */
const LABELS = ['scenario', ...CELL_FIELDS, 'sender_host', 'receiver_host'] as const

/** Those that are known. */
export function labelsOf(record: TrialRecord | undefined): Readonly<Record<string, string>> {
  if (!record) return {}
  const values: Partial<TrialRecord> = { ...record, ...cellOf(record) }
  return Object.fromEntries(
    LABELS.flatMap(name => (values[name] === undefined ? [] : [[name, String(values[name])]])),
  )
}

function inBytes(bits: number | undefined): number | undefined {
  return bits === undefined ? undefined : bits / 8
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
