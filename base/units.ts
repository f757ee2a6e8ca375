/** Bytes, bits per second and milliseconds: branded numbers with one parser and one formatter each. */
import { UsageError } from './errors.ts'

declare const unit: unique symbol
/** A whole number of bytes, 0 or more. */
export type Bytes = number & { readonly [unit]: 'B' }
/** Bits per second, more than 0. */
export type BitsPerSecond = number & { readonly [unit]: 'bit/s' }
/** A duration in milliseconds, 0 or more. */
export type Milliseconds = number & { readonly [unit]: 'ms' }

/** setTimeout fires after 1 ms if given a longer delay. */
const MAX_TIMER_MS = 2 ** 31 - 1
const LARGEST_BUFFER_BYTES = 2 ** 30

const PREFIXES = ['', 'k', 'M', 'G', 'T'] as const

/**
 * Parses a size as GNU tools do: `800k` = `800K` = `800KiB` = 819,200; `800kB` = 800,000; `1.5M` = 1,572,864.
 * @throws UsageError if it is not a size, or not a whole number of bytes
 */
export function parseBytes(text: string): Bytes {
  const match = /^(\d+(?:\.\d+)?)(?:([kmgt])(ib|b)?|b)?$/i.exec(text.trim())
  const suffix = match?.[3]
  if (!match || (suffix !== undefined && !/^(iB|B)$/.test(suffix)) || /[^a-z]b$/.test(text.trim())) {
    throw new UsageError(
      `not a size: ${JSON.stringify(text)}; write bytes as 819200, 800k (thousands of 1,024) or 800kB (thousands of 1,000)`,
    )
  }
  const base = suffix === 'B' ? 1000 : 1024
  const value = exactProduct(match[1] ?? '', base, prefixPower(match[2]))
  if (value === undefined)
    throw new UsageError(`not a whole number of bytes: ${JSON.stringify(text)}; write it in bytes`)
  if (value > Number.MAX_SAFE_INTEGER)
    throw new UsageError(`too large a size: ${JSON.stringify(text)}; the most is 8 PiB`)
  return value as Bytes
}

/**
 * Parses a size for SO_RCVBUF or SO_SNDBUF, which are C ints: 1 B to 1 GiB.
 * @throws UsageError if it is not a size in that range
 */
export function parseBufferBytes(text: string): Bytes {
  const bytes = parseBytes(text)
  if (bytes < 1) throw new UsageError(`too small: ${JSON.stringify(text)}; give 1 byte or more`)
  if (bytes > LARGEST_BUFFER_BYTES)
    throw new UsageError(
      `too large a buffer: ${JSON.stringify(text)}; the most is ${formatBytes(LARGEST_BUFFER_BYTES)}`,
    )
  return bytes
}

/**
 * Parses a rate with SI prefixes: `400M` = `400Mbit/s` = `400Mbps` = 400,000,000 bit/s. A capital B means bytes and is rejected rather
 * than read as bits.
 * @throws UsageError if it is not a rate, is in bytes, is 0, or exceeds 9 Pbit/s
 */
export function parseRate(text: string): BitsPerSecond {
  const [, bytes, prefix = '', binary] =
    /^(\d+(?:\.\d+)?)([kKmMgGtT]?)(i?)(?:B(?:[pP]|\/)[sS]|[bB]ytes?\/s)$/.exec(text.trim()) ?? []
  if (bytes !== undefined) {
    // The prefixes of rates are powers of 1,000.
    const bits = nearestProduct(bytes, 8n * (binary ? 1024n ** BigInt(prefixPower(prefix)) : 1n))
    throw new UsageError(
      `not a rate in bits: ${JSON.stringify(text)} is in bytes per second; write eight times as many bits, such as ${bits}${binary ? '' : prefix}bps`,
    )
  }
  const match = /^(\d+(?:\.\d+)?)([kmgt])?(?:bit\/s|bps|bit)?$/i.exec(text.trim())
  const value = match ? nearestProduct(match[1] ?? '', 1000n ** BigInt(prefixPower(match[2]))) : Number.NaN
  if (!(value > 0)) {
    throw new UsageError(
      `not a rate: ${JSON.stringify(text)}; write bits per second, such as 400M (400,000,000 bit/s) or 1.5G`,
    )
  }
  if (value > Number.MAX_SAFE_INTEGER)
    throw new UsageError(`too high a rate: ${JSON.stringify(text)}; the most is 9000T`)
  return value as BitsPerSecond
}

/**
 * Parses a duration with its unit: `500us`, `200ms`, `1.5s`, `2m`.
 * @throws UsageError if it is not a duration, lacks a unit (seconds and milliseconds are both common), or exceeds the longest timer
 */
export function parseDuration(text: string): Milliseconds {
  const match = /^(\d+(?:\.\d+)?)([uµm]?s|m)$/.exec(text.trim())
  if (!match)
    throw new UsageError(
      `not a duration: ${JSON.stringify(text)}; write it with its unit, such as 200ms, 5s or 2m`,
    )
  const [, digits = '', unit = ''] = match
  const factor = unit === 's' ? 1000n : unit === 'm' ? 60_000n : 1n
  const value = nearestProduct(digits, factor, unit === 'us' || unit === 'µs' ? 3 : 0)
  if (value > MAX_TIMER_MS)
    throw new UsageError(`too long a duration: ${JSON.stringify(text)}; the most is 35791m (24 days)`)
  return value as Milliseconds
}

/** `819,200` */
export function formatCount(value: number): string {
  count ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
  return count.format(value)
}

/** `1 trial`, `1,200 trials`. @param words the plural, if it is not formed with an s */
export function counted(count: number, word: string, words = `${word}s`): string {
  return `${formatCount(count)} ${count === 1 ? word : words}`
}

/** Created once, since toLocaleString would create one per call, and lazily, since creating it takes 10 ms. */
let count: Intl.NumberFormat | undefined

/** `819,200 B`: exact, for echoing what was requested. */
export function formatBytes(value: number): string {
  return `${formatCount(value)} B`
}

/** `800 KiB`, `1.5 MiB`, or `813,611 B` if no unit fits exactly: short and never rounded. */
export function formatSize(value: number): string {
  for (let power = 4; power > 0; power--) {
    const scaled = value / 1024 ** power
    if (scaled >= 1 && Number.isInteger(scaled * 4)) return `${scaled} ${'KMGT'[power - 1]}iB`
  }
  return formatBytes(value)
}

/** `2.41 Gbit/s`: three significant digits. */
export function formatRate(value: number): string {
  const { unit, factor } = rateUnit(value)
  return `${significant(value / factor)} ${unit}`
}

/** The unit in which a rate is shown: `Gbit/s` and 1e9. */
export function rateUnit(value: number): { readonly unit: string; readonly factor: number } {
  const power = Math.min(4, Math.max(0, Math.floor(roundedExponent(value) / 3)))
  return { unit: `${PREFIXES[power]}bit/s`, factor: 1000 ** power }
}

/** `850 µs`, `12.3 ms`, `1.20 s`: three significant digits. */
export function formatMs(value: number): string {
  if (value < 0.9995) return `${significant(value * 1000)} µs`
  if (value < 999.5) return `${significant(value)} ms`
  return `${significant(value / 1000)} s`
}

/** `10 ms`, `2 s`, `1.5 s`: a time that was asked for, to six digits, so that different ones look different. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(6))} ms` : `${Number((ms / 1000).toPrecision(6))} s`
}

/** `90 s`, `12 min`, `18 h`, `3 d`: rounded up, for long waits. */
export function formatSpan(ms: number): string {
  const [unit, name] = SPANS.find(([each]) => ms >= 2 * each) ?? [1000, 's']
  return `${formatCount(Math.ceil(ms / unit))} ${name}`
}

const SPANS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const

/** Formats a ratio from 0 to 1 as `12.3 %`. A non-zero share never shows as `0 %`, and a share below 1 never as `100 %`. */
export function formatPercent(ratio: number): string {
  if (ratio === 0) return '0 %'
  if (ratio < 0.0001) return '<0.01 %'
  if (ratio < 1 && ratio > 0.9999) return '>99.99 %'
  if (ratio < 1 && ratio >= 0.9995) return `${(ratio * 100).toFixed(2)} %`
  return `${significant(ratio * 100)} %`
}

function prefixPower(prefix: string | undefined): number {
  return Math.max(
    0,
    PREFIXES.findIndex(each => each.toLowerCase() === (prefix ?? '').toLowerCase()),
  )
}

/**
 * `digits` x base^power in integer arithmetic, so that a rounding error does not turn `1.1k` into an integer; undefined if the result is
 * not an integer.
 */
function exactProduct(digits: string, base: number, power: number): number | undefined {
  const [whole = '', fraction = ''] = digits.split('.')
  const scale = 10n ** BigInt(fraction.length)
  const product = BigInt(whole + fraction) * BigInt(base) ** BigInt(power)
  return product % scale === 0n ? Number(product / scale) : undefined
}

/** `digits` x factor / 10^`places`, rounded once: a floating-point product would turn `1.005k` into 1004.9999999999999. */
function nearestProduct(digits: string, factor: bigint, places = 0): number {
  const [whole = '', fraction = ''] = digits.split('.')
  return Number(`${BigInt(whole + fraction) * factor}e-${fraction.length + places}`)
}

/** Three significant digits, no exponent: `2.41`, `985`, `0.0412`. */
export function significant(value: number): string {
  if (value === 0) return '0'
  return value.toFixed(Math.min(Math.max(0, 2 - roundedExponent(value)), 6))
}

/** The power of ten of the first digit after rounding to three digits: 2 for 999, 3 for 999.5. */
function roundedExponent(value: number): number {
  return Number(value.toExponential(2).split('e')[1])
}
