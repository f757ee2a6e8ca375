/** Flags that several commands share. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { parseSelector } from '../../results/select/selector.ts'
import { CSV_DIALECTS } from '../../results/store/csv.ts'
import { BUILT_IN, type Catalog, carrierOf } from '../../transports/catalog.ts'
import type { Carrier, Transport } from '../../transports/contract/transport.ts'
import { choice, needed, repeated, text } from './flags.ts'

/** For commands that measure, or serve as an end of a measurement. */
export const PLUGIN = repeated(
  'load a module with more transports, workloads, engines or sinks: a path or package name; may be given several times',
  String,
)
/** For commands with one transport. */
export const TRANSPORT_NAME = text([...BUILT_IN.transports.keys()].join(', '), String)
export const TRANSPORT = needed(TRANSPORT_NAME)
export const FILTER = text(
  'only these rows: "transport=udp-* chunk<=9216 size=800k,1M engine!=node"',
  value => parseSelector(value),
)

export const CSV_DIALECT = choice(
  'how CSV is written: excel begins with a byte order mark; excel-eu has semicolons and decimal commas, too',
  CSV_DIALECTS,
  'rfc4180',
)

/** @param flag that names it, for the message @throws UsageError when there is no transport of this name */
export function transportNamed({ transports }: Catalog, name: string, flag = ''): Transport {
  const transport = transports.get(name)
  if (!transport) {
    const known = [...transports.keys()]
    throw new UsageError(`${flag}unknown transport ${JSON.stringify(name)}${suggestion(name, known)}`)
  }
  return transport
}

/** @throws UsageError when there is no transport of this name, or when it carries no payload */
export function carrierNamed(catalog: Catalog, name: string): Carrier {
  const found = carrierOf(transportNamed(catalog, name, '--transport: '))
  if (found) return found
  const carriers = [...catalog.transports.values()].filter(carrierOf).map(each => each.name)
  throw new UsageError(`--transport: ${name} carries no file; choose one of ${carriers.join(', ')}`)
}
