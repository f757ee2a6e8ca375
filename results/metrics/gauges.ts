/** The figures of a case as gauges, for programs that watch. In base units, as Prometheus and OpenTelemetry want them. Pure. */
import { CELL_FIELDS, type Cell } from '../schema/cells.ts'
import { OUTCOMES } from '../schema/outcome.ts'
import { onTimeShare } from '../statistics/frames.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known, refusedShare } from '../statistics/summary.ts'

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

/** What is known of the cases, a value a case or more. */
export function samplesOf({ values }: Gauge, summaries: readonly CaseSummary[]): readonly Sample[] {
  return summaries.flatMap(summary =>
    values(summary).flatMap(({ value, labels }) =>
      value === undefined ? [] : [{ value, labels: { ...labelsOf(summary.cell), ...labels } }],
    ),
  )
}

/** All settings that are set, whatever else was measured beside it: so a case has the same labels in each run. */
export function labelsOf(cell: Partial<Cell>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    CELL_FIELDS.flatMap(field => (cell[field] === undefined ? [] : [[field, String(cell[field])]])),
  )
}

function inBytes(bits: number | undefined): number | undefined {
  return bits === undefined ? undefined : bits / 8
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
