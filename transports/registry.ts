/** Name -> transport. CLI choices, `bench list` and the compliance suite follow from this list. */
import { tcp } from './tcp.ts'
import type { Transport } from './transport.ts'
import { udpDatagram } from './udp-datagram.ts'
import { udpHeader } from './udp-header.ts'
import { udpMarker } from './udp-marker.ts'

const TRANSPORTS: readonly Transport[] = [tcp, udpHeader, udpMarker, udpDatagram]

export const transports: ReadonlyMap<string, Transport> = new Map(TRANSPORTS.map(each => [each.name, each]))
