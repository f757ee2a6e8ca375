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

/** Both ends of a run load the same ones. */
export interface PluginIdentity {
  readonly name: string
  readonly version: string
  /** URL of its module on this host. */
  readonly module: string
}

/** What a plug-in may bring to both ends. */
export interface Additions {
  readonly transports?: readonly Transport[] | undefined
  /** `auto` never chooses one of these. */
  readonly engines?: readonly Engine[] | undefined
}

/** The transports that a run measures by default. */
export const DEFAULT_TRANSPORTS: readonly string[] = [tcp, udpHeader, udpMarker].map(each => each.name)

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

export const BUILT_IN: Catalog = {
  transports: new Map(TRANSPORTS.map(each => [each.name, each])),
  engines: new Engines(BUILT_IN_ENGINES),
  plugins: [],
}

/** A catalog with what a plug-in adds, whose names are new to it. */
export function extended(catalog: Catalog, additions: Additions, identity: PluginIdentity): Catalog {
  const { transports = [], engines = [] } = additions
  return {
    transports: new Map([...catalog.transports, ...transports.map(each => [each.name, each] as const)]),
    engines: catalog.engines.with(engines),
    plugins: [...catalog.plugins, identity],
  }
}

/** True if the transport sends the whole payload in one datagram, whatever the chunk size. */
export function inOneDatagram({ transports }: Catalog, name: string): boolean {
  return transports.get(name)?.traits.limit === 'one-datagram'
}
