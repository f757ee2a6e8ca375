/** What a program can measure with: its protocols and engines, built in and from plug-ins. A value that is passed on, never a global. */
import type { Transport } from './contract/transport.ts'
import { BUILT_IN_ENGINES, type Engine, Engines } from './engines/engines.ts'
import { tcp } from './protocols/tcp.ts'
import { udpDatagram } from './protocols/udp-datagram.ts'
import { udpHeader } from './protocols/udp-header.ts'
import { udpMarker } from './protocols/udp-marker.ts'

export interface Catalog {
  /** By name. The CLI choices, `bench list` and the compliance suite are built from these. */
  readonly transports: ReadonlyMap<string, Transport>
  readonly engines: Engines
  readonly plugins: readonly PluginIdentity[]
}

/** A plug-in that is loaded, and what it provides by name. */
export interface PluginIdentity {
  readonly name: string
  readonly version: string
  /** URL of its module on this host. */
  readonly module: string
  readonly transports: readonly string[]
  readonly engines: readonly string[]
  /** Their extensions. */
  readonly sinks: readonly string[]
}

/** What a plug-in brings. */
export interface Additions {
  readonly name: string
  readonly version: string
  readonly transports?: readonly Transport[] | undefined
  /** `auto` never chooses one of these. */
  readonly engines?: readonly Engine[] | undefined
  readonly sinks?: readonly { readonly extension: string }[] | undefined
}

/** The transports that a run measures by default. */
export const DEFAULT_TRANSPORTS: readonly string[] = [tcp, udpHeader, udpMarker].map(each => each.name)

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

export const BUILT_IN: Catalog = {
  transports: new Map(TRANSPORTS.map(each => [each.name, each])),
  engines: new Engines(BUILT_IN_ENGINES),
  plugins: [],
}

/** A catalog with what a plug-in adds, whose names are new to it. @param module its URL */
export function extended(
  catalog: Catalog,
  { name, version, transports = [], engines = [], sinks = [] }: Additions,
  module: string,
): Catalog {
  const identity: PluginIdentity = {
    ...{ name, version, module },
    transports: transports.map(each => each.name),
    engines: engines.map(each => each.name),
    sinks: sinks.map(each => each.extension),
  }
  return {
    transports: new Map([...catalog.transports, ...transports.map(each => [each.name, each] as const)]),
    engines: catalog.engines.with(engines),
    plugins: [...catalog.plugins, identity],
  }
}

/** Those that the ends of a run need, which have to be the same at both: a sink is the business of the command alone. */
export function pluginsOfEnds(plugins: readonly PluginIdentity[]): readonly PluginIdentity[] {
  return plugins.filter(({ transports, engines }) => transports.length + engines.length > 0)
}

/** The default export of a plug-in's module. CommonJS that a compiler made of it (`__esModule`) has that one level further down. */
export async function importPlugin(module: string) {
  const { default: exported } = await import(module)
  return exported?.__esModule ? exported.default : exported
}

/** True if the transport sends the whole payload in one datagram, whatever the chunk size. */
export function inOneDatagram({ transports }: Catalog, name: string): boolean {
  return transports.get(name)?.traits.limit === 'one-datagram'
}
