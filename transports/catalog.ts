/** What a program can measure with: its protocols and engines, built in and from plug-ins. A value that is passed on, never a global. */
import type { Transport } from './contract/transport.ts'
import { BUILT_IN_ENGINES, Engines } from './engines/engines.ts'
import { tcp } from './protocols/tcp.ts'
import { udpDatagram } from './protocols/udp-datagram.ts'
import { udpHeader } from './protocols/udp-header.ts'
import { udpMarker } from './protocols/udp-marker.ts'

export interface Catalog {
  /** By name. The CLI choices, `bench list` and the compliance suite are built from these. */
  readonly transports: ReadonlyMap<string, Transport>
  readonly engines: Engines
}

/** The transports that a run measures by default. */
export const DEFAULT_TRANSPORTS: readonly string[] = [tcp, udpHeader, udpMarker].map(each => each.name)

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

export const BUILT_IN: Catalog = {
  transports: new Map(TRANSPORTS.map(each => [each.name, each])),
  engines: new Engines(BUILT_IN_ENGINES),
}

/** True if the transport sends the whole payload in one datagram, whatever the chunk size. */
export function inOneDatagram({ transports }: Catalog, name: string): boolean {
  return transports.get(name)?.traits.limit === 'one-datagram'
}
