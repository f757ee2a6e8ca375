/** Where figures go beside the rows of a run: `--out prometheus:FILE`, `influx:FILE`, `otlp:URL`. */
import { UsageError } from '../../base/errors.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type CaseSummary, summarize } from '../statistics/summary.ts'
import type { OpenOptions } from '../store/open-file.ts'
import { encodedFile, type Sink } from '../store/writers.ts'

const KINDS = ['prometheus', 'influx', 'otlp'] as const

export interface MetricsOutput {
  readonly kind: (typeof KINDS)[number]
  /** A file or a URL. */
  readonly place: string
}

export const METRICS_EXAMPLES = 'prometheus:FILE, influx:FILE or otlp:URL'

/** Undefined for the name of a file of rows. @throws UsageError when nothing, or no URL, is behind the colon */
export function parseMetricsOutput(text: string): MetricsOutput | undefined {
  const kind = KINDS.find(each => text.startsWith(`${each}:`))
  if (kind === undefined) return undefined
  const place = text.slice(kind.length + 1)
  if (kind === 'otlp' && !/^https?:\/\/[^/]/.test(place))
    throw new UsageError(`${text} names no URL; give one, as otlp:http://localhost:4318/v1/metrics`)
  if (place === '')
    throw new UsageError(`${text} names no file; give one, as ${text}bench.${EXTENSIONS[kind]}`)
  return { kind, place }
}

const EXTENSIONS = { prometheus: 'prom', influx: 'lp', otlp: '' }

/** Takes rows as they come. @throws UsageError, SetupError when nothing can be written there */
export async function openMetrics(
  { kind, place }: MetricsOutput,
  options: OpenOptions,
  manifest: Manifest,
): Promise<Sink> {
  switch (kind) {
    // Whoever does not ask for one does not wait for its package.
    case 'influx':
      return encodedFile((await import('./influx.ts')).influx, place, options)
    case 'prometheus': {
      const file = (await import('./prometheus.ts')).openPrometheus(place, options)
      return atTheEnd(summaries => file.end(summaries, new Date(manifest.started_at)), file)
    }
    case 'otlp': {
      const collector = await (await import('./otlp.ts')).openOtlp(place, manifest.bench_version)
      return atTheEnd(summaries => collector.end(summaries), collector)
    }
  }
}

/** A sink of what all rows say together. Nothing is told of a run without a row. */
function atTheEnd(tell: (summaries: readonly CaseSummary[]) => Promise<void>, resource: Disposable): Sink {
  const records: TrialRecord[] = []
  let ended = false
  const end = async () => {
    const isFirst = !ended
    ended = true
    if (isFirst && records.length > 0) await tell(summarize(records))
  }
  return {
    async write(record) {
      records.push(record)
    },
    end,
    async [Symbol.asyncDispose]() {
      resource[Symbol.dispose]()
    },
  }
}
