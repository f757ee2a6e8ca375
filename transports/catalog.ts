/** Maps names to transports. The CLI choices, `bench list` and the compliance suite are built from this list. */

import type { Transport } from './contract/transport.ts'
import { tcp } from './protocols/tcp.ts'
import { udpDatagram } from './protocols/udp-datagram.ts'
import { udpHeader } from './protocols/udp-header.ts'
import { udpMarker } from './protocols/udp-marker.ts'

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

/** The transports that a run measures by default. */
export const DEFAULT_TRANSPORTS: readonly string[] = [tcp, udpHeader, udpMarker].map(each => each.name)

export const transports: ReadonlyMap<string, Transport> = new Map(TRANSPORTS.map(each => [each.name, each]))

/** True if the transport sends the whole payload in one datagram, whatever the chunk size. */
export function inOneDatagram(name: string): boolean {
  return transports.get(name)?.traits.limit === 'one-datagram'
}
