/** Reliable over UDP, in one wire format: one chunk at a time, or as many under way as the path takes (selective repeat). */
import { ARQ_FORMAT } from '../arq/receiving.ts'
import { type Manner, reliableSender } from '../arq/sending.ts'
import type { Carrier } from '../contract/transport.ts'
import { HEADER_BYTES } from '../datagram/openings.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'

export const udpStopAndWait = reliable(
  'udp-stop-and-wait',
  'UDP, reliable: one chunk at a time, each sent again until it is acknowledged',
  'stop-and-wait',
)

export const udpArq = reliable(
  'udp-arq',
  'UDP, reliable: selective repeat with NewReno congestion control; what is lost is sent again',
  'selective-repeat',
)

function reliable(name: string, summary: string, manner: Manner): Carrier {
  return {
    ...{ name, summary },
    traits: { socket: 'datagram', reliable: true, acknowledged: true, headerBytes: HEADER_BYTES },
    port: 7777,
    transfer: {
      receive: (sockets, options) => receiveDatagrams(sockets, options, ARQ_FORMAT),
      ...reliableSender(manner),
    },
  }
}
