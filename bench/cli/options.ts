/** Flags that several commands share, and how their texts become values. */
import type { Options } from 'yargs'
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { parseBytes, parseDuration } from '../../base/units.ts'
import { transports } from '../../transports/catalog.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import { ENGINES } from '../../transports/engines/engines.ts'

export const TRANSPORT_NAMES: readonly string[] = [...transports.keys()]

/** What yargs gives. */
export type Flags = Record<string, unknown>

/** A flag with a value. */
export const text = (describe: string, defaultText?: string): Options => ({
  type: 'string',
  requiresArg: true,
  describe,
  ...(defaultText === undefined ? {} : { defaultDescription: defaultText }),
})
/** A flag that turns something on. */
export const yes = (describe: string): Options => ({ type: 'boolean', default: false, describe })
/** A flag that is on unless `--no-` turns it off. */
export const noFlag = (describe: string): Options => ({ type: 'boolean', default: true, describe })

export const ENGINE: Options = {
  ...text('what the transports stand on', 'auto: the best that works here'),
  choices: ['auto', ...ENGINES.map(each => each.name)],
}
export const IP: Options = {
  ...text('IP version; also written -4 and -6', '4; of a name IPv4 first'),
  choices: ['4', '6'],
}
/** Of the data sockets of the end on this host. */
export const LOCAL_OPTIONS = {
  bind: text('address of this host that its data sockets are bound to', 'the system chooses'),
  interface: text('interface of this host that they are bound to (SO_BINDTODEVICE; Linux)', 'by the routes'),
} as const satisfies Record<string, Options>
export const TRANSPORTS = TRANSPORT_NAMES.join(', ')

/** Reads a flag's text; a flag given twice, or a text that `parse` refuses, is one line that names the flag. */
export function flag<T>(name: string, value: unknown, parse: (text: string) => T): T | undefined {
  if (value === undefined) return undefined
  if (value === false) throw new UsageError(`--no-${name} is no flag; leave --${name} out`)
  if (typeof value !== 'string') throw new UsageError(`--${name} is given more than once; give it once`)
  return parsed(name, value, parse)
}

/** Reads a list: `--size 800k,1M`, or the flag several times. */
export function flagList<T>(name: string, value: unknown, parse: (text: string) => T): T[] | undefined {
  if (value === undefined) return undefined
  if (value === false) throw new UsageError(`--no-${name} is no flag; leave --${name} out`)
  const texts = (Array.isArray(value) ? value : [value]).flatMap(each => String(each).split(','))
  return [...new Set(texts.map(text => parsed(name, text.trim(), parse)))]
}

/** A size of at least one byte. */
export function parsePositiveBytes(text: string) {
  if (/^-\d/.test(text)) throw new UsageError(`not a size: ${JSON.stringify(text)}; it must be 1 B or more`)
  const bytes = parseBytes(text)
  if (bytes === 0) throw new UsageError(`too small: ${JSON.stringify(text)}; it must be 1 B or more`)
  return bytes
}

export function parseInteger(low: number, high: number): (text: string) => number {
  return text => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= low && value <= high))
      throw new UsageError(`not a whole number from ${low} to ${high}: ${JSON.stringify(text)}`)
    return value
  }
}

export function parseTransport(text: string): Transport {
  const transport = transports.get(text)
  if (!transport)
    throw new UsageError(`unknown transport ${JSON.stringify(text)}${suggestion(text, TRANSPORT_NAMES)}`)
  return transport
}

export function transportOf(flags: Flags) {
  const transport = flag('transport', flags['transport'], parseTransport)
  if (!transport) throw new UsageError(`--transport is missing; choose one of ${TRANSPORTS}`)
  return transport
}

export function parseFamily(value: string): 4 | 6 {
  return value === '6' ? 6 : 4
}

/** A duration of more than 0. */
export function parseTimeout(value: string) {
  const ms = parseDuration(value)
  if (ms === 0) throw new UsageError(`too short: ${JSON.stringify(value)}; it must be more than 0`)
  return ms
}

function parsed<T>(name: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name}: ${error.message}`)
    throw error
  }
}

/** A size, or the word for what the system does by itself. */
export function wordOr<Word extends string, T>(
  word: Word,
  parse: (value: string) => T,
): (value: string) => T | Word {
  return value => (value === word ? word : parse(value))
}
