/** Grammars of sizes, rates, durations and shares. */
import { UsageError } from '../../base/errors.ts'
import {
  type BitsPerSecond,
  type Bytes,
  type Milliseconds,
  parseBufferBytes,
  parseBytes,
  parseDuration,
  parseRate,
} from '../../base/units.ts'
import { type Grammar, orNumber, text } from './grammar.ts'

/** At least one byte. */
export const SIZE = bytes(parseSize)
/** What SO_RCVBUF and SO_SNDBUF can take. */
export const BUFFER = bytes(parseBufferBytes)
export const RATE: Grammar<BitsPerSecond> = orNumber(
  text(
    'a rate',
    'write bits per second, such as 400M (400,000,000 bit/s) or 1.5G',
    parseRate,
    value => scaled(value, 1000, ['', 'k', 'M', 'G', 'T']),
    '^[0-9]+(\\.[0-9]+)?[kKmMgGtT]?([bB][iI][tT]/[sS]|[bB][pP][sS]|[bB][iI][tT])?$',
  ),
)
export const DURATION: Grammar<Milliseconds> = duration(parseDuration)
/** More than 0. */
export const TIMEOUT: Grammar<Milliseconds> = duration(value => {
  const ms = parseDuration(value)
  if (ms > 0) return ms
  throw new UsageError(`too short: ${JSON.stringify(value)}; give more than 0, such as 30s`)
})
/** Of reports: an end has little time for them. */
export const EVERY: Grammar<Milliseconds> = duration(value => {
  const ms = parseDuration(value)
  if (ms >= 50) return ms
  throw new UsageError(`too short: ${JSON.stringify(value)}; give 50ms or more, such as 1s`)
})

const MOST_FPS = 1000
/** Pictures a second. */
export const FPS: Grammar<number> = orNumber(
  text(
    'a rate of pictures',
    `write how many a second, from 0.1 to ${MOST_FPS}, such as 25 or 29.97`,
    value => {
      const fps = /^\d{1,4}(\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN
      return fps >= 0.1 && fps <= MOST_FPS ? fps : undefined
    },
    plain,
    '^[0-9]{1,4}(\\.[0-9]{1,6})?$',
  ),
)

/** More than 0 and less than 1. */
export const SHARE: Grammar<number> = text(
  'a share',
  'write it with a percent sign, such as 5%',
  value => {
    const share = percentOf(value) ?? 0
    return share > 0 && share < 1 ? share : undefined
  },
  percentText,
  '^[0-9]{1,3}(\\.[0-9]+)?\\s?%$',
)

/** `5%` as 0.05; undefined for anything else. */
export function percentOf(text: string): number | undefined {
  const [, percent] = /^(\d{1,3}(?:\.\d+)?)\s?%$/.exec(text) ?? []
  return percent === undefined ? undefined : Number(`${percent}e-2`)
}

export function percentText(share: number): string {
  return `${plain(Number((share * 100).toPrecision(15)))}%`
}

function parseSize(value: string): Bytes {
  const rule = `${JSON.stringify(value)}; it must be 1 B or more`
  if (/^-\d/.test(value)) throw new UsageError(`not a size: ${rule}`)
  const bytes = parseBytes(value)
  if (bytes === 0) throw new UsageError(`too small: ${rule}`)
  return bytes
}

function bytes(parse: (text: string) => Bytes): Grammar<Bytes> {
  const todo = 'write bytes as 819200, 800k (thousands of 1,024) or 800kB (thousands of 1,000)'
  const format = (value: Bytes) => scaled(value, 1024, ['', 'k', 'M', 'G', 'T'])
  return orNumber(text('a size', todo, parse, format, '^[0-9]+(\\.[0-9]+)?([kKmMgGtT](iB|B)?|B)?$'))
}

function duration(parse: (text: string) => Milliseconds): Grammar<Milliseconds> {
  const todo = 'write it with its unit, such as 200ms, 5s or 2m'
  const format = (ms: number) => (ms % 1000 === 0 ? scaled(ms / 1000, 60, ['s', 'm']) : `${plain(ms)}ms`)
  return text('a duration', todo, parse, format, '^[0-9]+(\\.[0-9]+)?([uµm]?s|m)$')
}

/** Formats a value in the largest unit that makes it a whole number. */
function scaled(value: number, base: number, units: readonly string[]): string {
  const power = units.findLastIndex((_, power) => power === 0 || value % base ** power === 0)
  return `${plain(value / base ** power)}${units[power]}`
}

/** Formats a number without an exponent, which no unit allows. */
function plain(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 })
}
