/** Flags of a command that measures again and again: `--every`, and what is kept of its files. */
import { extname } from 'node:path'
import { UsageError } from '../../../base/errors.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import { type FlagValues, grouped, text } from '../flags.ts'
import type { Kept } from './files.ts'

const FLAGS = {
  every: text('measure again and again, a turn each 5m from the first start on, until Ctrl-C', parseSpan),
  jitter: text('turns after the first begin up to so much later, by chance (--seed)', parseJitter, '0s'),
  'keep-runs': text('keep so many files of this series', integer(1, 1_000_000).parse, 'all'),
  retention: text('keep the files of this series for so long, such as 30d', parseSpan, 'for ever'),
}
export const SERIES_FLAGS = grouped('Again and again:', FLAGS, ['every'])

export interface Series {
  readonly everyMs: number
  readonly jitterMs: number
  readonly seed: number
  readonly startAt: Date | undefined
  /** The name that the files of its turns are made of. */
  readonly out: string | undefined
  readonly kept: Kept
}

interface Asked {
  readonly overrides: { readonly seed?: number | undefined }
  readonly out: string | undefined
  readonly startAt: Date | undefined
  readonly format: string
  readonly metrics: readonly { readonly kind: string }[]
}

/** Undefined without `--every`. @throws UsageError for flags that do not go together */
export function seriesOf(
  {
    every: everyMs,
    jitter: jitterMs = 0,
    'keep-runs': runs,
    retention: forMs,
  }: FlagValues<typeof SERIES_FLAGS>,
  { overrides: { seed = 1 }, out, startAt, format, metrics }: Asked,
): Series | undefined {
  if (everyMs === undefined) {
    const idle =
      jitterMs > 0 ? 'jitter' : runs !== undefined ? 'keep-runs' : forMs !== undefined && 'retention'
    if (idle) throw new UsageError(`--${idle} is for a series of runs; add --every`)
    return undefined
  }
  if (jitterMs >= everyMs) throw new UsageError('--jitter is as long as --every; choose a shorter one')
  if (out === undefined && (runs ?? forMs) !== undefined)
    throw new UsageError(
      `--${runs === undefined ? 'retention' : 'keep-runs'} removes files of the series that --out names; add --out NAME.csv`,
    )
  if (out !== undefined && extname(out).toLowerCase() !== '.csv')
    throw new UsageError(`--out ${out}: the files of a series are CSV, NAME-<UTC time>.csv each; name a .csv`)
  if (format === 'json' || format === 'csv')
    throw new UsageError(`--format ${format} is one document, and a series has no end; choose jsonl`)
  if (metrics.some(({ kind }) => kind === 'influx'))
    throw new UsageError('--out influx: is a file of one run; use prometheus:FILE or otlp:URL with --every')
  return { everyMs, jitterMs, seed, startAt, out, kept: { runs, forMs } }
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** None is a jitter, too. */
function parseJitter(text: string): number {
  return /^0{1,6}[smhd]$/.test(text) ? 0 : parseSpan(text)
}

/** File names count seconds. @throws UsageError */
function parseSpan(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ms = Number(digits) * (UNITS_MS[unit] ?? 0)
  if (ms > 0) return ms
  throw new UsageError(
    `not a span: ${JSON.stringify(text)}; write a whole number and s, m, h or d, such as 5m`,
  )
}
