/** Figures sent to an OpenTelemetry collector (OTLP over HTTP, JSON) when the run ends. Its packages are installed by whoever wants that. */
import { hostname } from 'node:os'
import { errorMessage, SetupError } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { packageRemedy } from '../../base/packages.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { casesOf, GAUGES, samplesOf } from './gauges.ts'

/** A collector on this network answers much sooner. */
const ANSWER_MS = 5000

/** @param url `/v1/metrics` behind a host alone @throws SetupError when the packages are not there, or want another Node */
export async function openOtlp(url: string, version: string) {
  const { sdk, http, resources, api } = await packages()
  /** Collects when it is asked to. */
  class Reader extends sdk.MetricReader {
    override async onForceFlush() {}
    override async onShutdown() {}
  }
  /** OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win. */
  const resource = resources
    .resourceFromAttributes({
      'service.name': 'tcp-udp-bench',
      'service.version': version,
      'host.name': hostname(),
    })
    .merge(resources.detectResources({ detectors: [resources.envDetector] }))
  return {
    async end(records: readonly TrialRecord[]): Promise<void> {
      const reader = new Reader()
      const provider = new sdk.MeterProvider({ resource, readers: [reader] })
      const meter = provider.getMeter('tcp-udp-bench', version)
      const cases = casesOf(records)
      for (const each of GAUGES) {
        const gauge = meter.createGauge(each.name, { description: each.help, unit: each.unit })
        for (const { labels, value } of samplesOf(each, cases)) gauge.record(value, labels)
      }
      const { resourceMetrics } = await reader.collect()
      const complaints: string[] = []
      const hear = (text: string) => void complaints.push(text)
      const ignore = () => {}
      // What a collector does not take of a request that it accepts is only said there.
      api.diag.setLogger(
        { error: ignore, warn: hear, info: ignore, debug: ignore, verbose: ignore },
        { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
      )
      const exporter = new http.OTLPMetricExporter({ url, ...timeout() })
      const error = await new Promise<Error | undefined>(resolve =>
        exporter.export(resourceMetrics, ({ error }) => resolve(error)),
      )
      await Promise.all([exporter.shutdown(), provider.shutdown()])
      api.diag.disable()
      const partly = complaints.find(each => /partial success/i.test(each))
      if (error ?? partly)
        throw new SetupError(
          `cannot send ${error ? 'the' : 'all'} metrics to ${url}: ${oneLine(error ? errorMessage(error) : partly)}; the rows are kept; see whether ${isRefused(error) ? 'a collector listens there' : 'it takes OTLP over HTTP at that path, mostly /v1/metrics'}`,
        )
    },
    [Symbol.dispose]() {},
  }
}

function timeout() {
  const { OTEL_EXPORTER_OTLP_TIMEOUT: all, OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: own = all } = process.env
  return own === undefined ? { timeoutMillis: ANSWER_MS } : {}
}

function oneLine(text = ''): string {
  return harmless(text.replaceAll(/\s+/g, ' ').trim())
}

function isRefused(error: Error | undefined): boolean {
  return /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|timed? ?out/i.test(error ? errorMessage(error) : '')
}

const PACKAGES =
  '@opentelemetry/api @opentelemetry/resources @opentelemetry/sdk-metrics @opentelemetry/exporter-metrics-otlp-http'

async function packages() {
  try {
    const [sdk, http, resources, api] = await Promise.all([
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/api'),
    ])
    return { sdk, http, resources, api }
  } catch (thrown) {
    throw new SetupError(
      `--out otlp: cannot load ${PACKAGES} with Node ${process.versions.node} (${errorMessage(thrown).split('\n')[0]}); ${packageRemedy(PACKAGES)} (their newest versions want Node 22.15)`,
      { cause: thrown },
    )
  }
}
