/** Where figures go beside the rows of a run: `--out prometheus:FILE`, `influx:FILE`, `otlp:URL`. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { intervalsPath } from '../schema/intervals.ts'
import { manifestPath } from '../schema/manifest.ts'
import { type OpenOptions, placeOf } from '../store/open-file.ts'
import { encodedFile, type Sink } from '../store/writers.ts'

const KINDS = ['prometheus', 'influx', 'otlp'] as const

export interface MetricsOutput {
  readonly kind: (typeof KINDS)[number]
  /** A file or a URL. */
  readonly place: string
}

export const METRICS_EXAMPLES = 'prometheus:FILE, influx:FILE or otlp:URL'

/** Undefined for the name of a file of rows. @throws UsageError when what is behind the colon, or a word much like a kind before it, is none */
export function parseMetricsOutput(text: string): MetricsOutput | undefined {
  const [, word, place = ''] = /^([a-z]{4,}):(.*)$/i.exec(text) ?? []
  if (word === undefined) return undefined
  const kind = KINDS.find(each => each === word)
  const near = nearest(word, KINDS)
  if (!kind && near) throw new UsageError(`${text}: did you mean ${near}:${place}?`)
  if (!kind) return undefined
  return { kind, place: kind === 'otlp' ? checkedUrl(place) : checkedFile(kind, place) }
}

const EXAMPLES = { prometheus: 'bench.prom', influx: 'bench.lp' }

function checkedFile(kind: keyof typeof EXAMPLES, place: string): string {
  const example = `as ${kind}:${EXAMPLES[kind]}`
  if (place === '' || place === '-')
    throw new UsageError(`${kind}:${place} names no file; give one, ${example}`)
  if (/^https?:/.test(place))
    throw new UsageError(
      `${kind}:${place} is no file; write one, ${example}, and post that (docs/figures.md)`,
    )
  return place
}

function checkedUrl(place: string): string {
  if (!/^https?:\/\/[^/]/.test(place) || !URL.canParse(place))
    throw new UsageError(`otlp:${place} names no URL; give one, as otlp:http://localhost:4318/v1/metrics`)
  const url = new URL(place)
  // The command is stored with the rows, and shown in reports.
  if (url.username || url.password || url.search)
    throw new UsageError(
      'otlp: a URL with a password, or with what is behind "?", would be stored with the results; give it in OTEL_EXPORTER_OTLP_HEADERS',
    )
  if (url.pathname === '/') url.pathname = '/v1/metrics'
  return url.href
}

/** @param results path of the file of rows @throws UsageError when two outputs have one name, or one has that of a file beside the rows */
export function checkPlaces(metrics: readonly MetricsOutput[], results: string | undefined): void {
  const taken = new Set(
    results === undefined ? [] : [results, manifestPath(results), intervalsPath(results)].map(samePlace),
  )
  for (const { kind, place } of metrics) {
    if (kind === 'otlp') continue
    const own = samePlace(place)
    if (taken.has(own))
      throw new UsageError(`--out ${kind}:${place}: another output of this run has this name; choose another`)
    taken.add(own)
  }
}

function samePlace(path: string): string {
  const whole = resolve(placeOf(path))
  return existsSync(dirname(whole)) ? join(realpathSync(dirname(whole)), basename(whole)) : whole
}

/** Takes rows as they come. @param version of this program @throws UsageError, SetupError when nothing can be written there */
export async function openMetrics(
  { kind, place }: MetricsOutput,
  options: OpenOptions,
  version: string,
): Promise<Sink> {
  switch (kind) {
    // Whoever does not ask for one does not wait for its package.
    case 'influx':
      return encodedFile((await import('./influx.ts')).influx, place, options)
    case 'prometheus':
      return atTheEnd((await import('./prometheus.ts')).openPrometheus(place, options))
    case 'otlp':
      return atTheEnd(await (await import('./otlp.ts')).openOtlp(place, version))
  }
}

interface Whole extends Disposable {
  end(records: readonly TrialRecord[]): Promise<void>
}

/** A sink of what all rows say together. Nothing is told of a run without a row. */
function atTheEnd(whole: Whole): Sink {
  const records: TrialRecord[] = []
  let ended = false
  return {
    async write(record) {
      records.push(record)
    },
    async end() {
      const isFirst = !ended
      ended = true
      if (isFirst && records.length > 0) await whole.end(records)
    },
    async [Symbol.asyncDispose]() {
      whole[Symbol.dispose]()
    },
  }
}
