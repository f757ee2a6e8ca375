/** Figures sent to an OpenTelemetry collector (OTLP over HTTP, JSON) when the run ends. Its packages are installed by whoever wants that. */
import { errorMessage, SetupError } from '../../base/errors.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { GAUGES, samplesOf } from './gauges.ts'

/** @throws SetupError when the packages are not there, or want another Node */
export async function openOtlp(url: string, version: string) {
  const { sdk, http } = await packages()
  /** Collects when it is asked to. */
  class Reader extends sdk.MetricReader {
    override async onForceFlush() {}
    override async onShutdown() {}
  }
  return {
    async end(summaries: readonly CaseSummary[]): Promise<void> {
      const reader = new Reader()
      const provider = new sdk.MeterProvider({ readers: [reader] })
      const meter = provider.getMeter('tcp-udp-bench', version)
      for (const each of GAUGES) {
        const samples = samplesOf(each, summaries)
        // Its unit has a field of its own there.
        const gauge = meter.createGauge(each.name, { description: each.help, unit: each.unit })
        for (const { labels, value } of samples) gauge.record(value, labels)
      }
      const { resourceMetrics } = await reader.collect()
      const exporter = new http.OTLPMetricExporter({ url })
      const error = await new Promise<Error | undefined>(resolve =>
        exporter.export(resourceMetrics, result =>
          resolve(result.code === 0 ? undefined : (result.error ?? new Error('refused'))),
        ),
      )
      await exporter.shutdown()
      await provider.shutdown()
      if (error)
        throw new SetupError(
          `cannot send the metrics to ${url}: ${errorMessage(error)}; the rows are kept; does a collector listen there?`,
        )
    },
    [Symbol.dispose]() {},
  }
}

const PACKAGES = '@opentelemetry/sdk-metrics @opentelemetry/exporter-metrics-otlp-http'

async function packages() {
  try {
    const [sdk, http] = await Promise.all([
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ])
    return { sdk, http }
  } catch (thrown) {
    throw new SetupError(
      `--out otlp: cannot load ${PACKAGES} with Node ${process.versions.node} (${errorMessage(thrown).split('\n')[0]}); npm install ${PACKAGES} (their newest versions want Node 22.15)`,
      { cause: thrown },
    )
  }
}
