/** Name -> transport. CLI choices, `bench list` and the compliance suite follow from this list. */

import type { Transport } from './contract/transport.ts'
import { tcp } from './protocols/tcp.ts'
import { udpDatagram } from './protocols/udp-datagram.ts'
import { udpHeader } from './protocols/udp-header.ts'
import { udpMarker } from './protocols/udp-marker.ts'

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

/** What a run measures where nothing is said. */
export const DEFAULT_TRANSPORTS: readonly string[] = [tcp, udpHeader, udpMarker].map(each => each.name)

export const transports: ReadonlyMap<string, Transport> = new Map(TRANSPORTS.map(each => [each.name, each]))

/** Whether the whole payload goes into one datagram, whatever the chunks. */
export function inOneDatagram(name: string): boolean {
  return transports.get(name)?.traits.limit === 'one-datagram'
}
