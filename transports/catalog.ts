/** Name -> transport. CLI choices, `bench list` and the compliance suite follow from this list. */

import type { Transport } from './contract/transport.ts'
import { tcp } from './protocols/tcp.ts'
import { udpDatagram } from './protocols/udp-datagram.ts'
import { udpHeader } from './protocols/udp-header.ts'
import { udpMarker } from './protocols/udp-marker.ts'

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

export const transports: ReadonlyMap<string, Transport> = new Map(TRANSPORTS.map(each => [each.name, each]))
