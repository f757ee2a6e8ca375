/** Flags that several commands share, and how their texts become values. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { parseSelector } from '../../results/select/selector.ts'
import { BUILT_IN, type Catalog } from '../../transports/catalog.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import { needed, repeated, text } from './flags.ts'

/** As many runs of a history as a chart shows. */
export const USUAL_RUNS = 100

/** Of the commands that measure, or are an end of what others measure. */
export const PLUGIN = repeated(
  'load a module with more transports, engines or sinks: a path or the name of a package; may be given several times',
  String,
)
/** The words of a command that reads results. */
export const RESULTS = {
  name: 'files',
  describe: 'results as bench wrote them: .csv, .json, .jsonl; - is standard input',
  several: true,
} as const
/** Of the commands that have one transport. */
export const TRANSPORT = needed(text([...BUILT_IN.transports.keys()].join(', '), String))
export const FILTER = text(
  'only these rows: "transport=udp-* chunk<=9216 size=800k,1M engine!=node"',
  value => parseSelector(value),
)

/** @throws UsageError when there is none of this name */
export function transportNamed({ transports }: Catalog, name: string): Transport {
  const transport = transports.get(name)
  if (!transport) {
    const known = [...transports.keys()]
    throw new UsageError(`--transport: unknown transport ${JSON.stringify(name)}${suggestion(name, known)}`)
  }
  return transport
}
