/** Flags that several commands share, and how their texts become values. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { parseBytes, parseDuration, parseRate } from '../../base/units.ts'
import { parseSelector } from '../../results/select/selector.ts'
import { parseBind, parseInterface } from '../../scenarios/socket-values.ts'
import { BUILT_IN, type Catalog } from '../../transports/catalog.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import { chosen, needed, noFlag, repeated, text } from './flags.ts'

/** As many runs of a history as a chart shows. */
export const USUAL_RUNS = 100

export const TRANSPORTS = [...BUILT_IN.transports.keys()].join(', ')

export const ENGINE = {
  ...text('what the transports stand on', String, 'auto: the best that works here'),
  choices: ['auto', ...BUILT_IN.engines.names],
}
/** Of the commands that measure, or are an end of what others measure. */
export const PLUGIN = repeated(
  'load a module with more transports, engines or sinks: a path or the name of a package; may be given several times',
)
/** `--ip`, `-4` and `-6`. */
export const ip = (usual = '4; of a name IPv4 first') => ({
  ...text(
    'IP version; also written -4 and -6',
    (value): 4 | 6 => (chosen(value, ['4', '6']) === '6' ? 6 : 4),
    usual,
  ),
  choices: ['4', '6'],
})
export const BIND = text(
  'address of this host that its data sockets are bound to',
  parseBind,
  'the system chooses',
)
export const INTERFACE = text(
  'interface of this host that they are bound to (SO_BINDTODEVICE; Linux)',
  parseInterface,
  'by the routes',
)
export const RATE = text(
  'pace UDP to so many payload bits a second: 400M = 400,000,000 bit/s; after a stall at most 20 ms of the rate are made up for',
  parseRate,
  'unpaced',
)
/** The words of a command that reads results. */
export const RESULTS = {
  name: 'files',
  describe: 'results as bench wrote them: .csv, .json, .jsonl; - is standard input',
  several: true,
} as const
export const NODELAY = noFlag('TCP_NODELAY; --no-nodelay turns it off')
/** Of the commands that have one transport. */
export const TRANSPORT = needed(text(TRANSPORTS, String))
export const FILTER = text(
  'only these rows: "transport=udp-* chunk<=9216 size=800k,1M engine!=node"',
  value => parseSelector(value),
)

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

/** @throws UsageError when there is none of this name */
export function transportNamed({ transports }: Catalog, name: string): Transport {
  const transport = transports.get(name)
  if (!transport) {
    const known = [...transports.keys()]
    throw new UsageError(`--transport: unknown transport ${JSON.stringify(name)}${suggestion(name, known)}`)
  }
  return transport
}

/** A duration of more than 0. */
export function parseTimeout(value: string) {
  const ms = parseDuration(value)
  if (ms === 0) throw new UsageError(`too short: ${JSON.stringify(value)}; it must be more than 0`)
  return ms
}

/** A size, or the word for what the system does by itself. */
export function wordOr<Word extends string, T>(
  word: Word,
  parse: (value: string) => T,
): (value: string) => T | Word {
  return value => (value === word ? word : parse(value))
}
