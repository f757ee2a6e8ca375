/** `bin`, then the payload in chunks, then `end`: no length, no reply. */

import type { Carrier } from '../contract/transport.ts'
import { AGAIN, FOREIGN, IGNORED, type Meaning, PAYLOAD } from '../datagram/format.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'
import { datagramSender } from '../datagram/sender.ts'
import type { OpenTransfer } from '../datagram/transfer.ts'

const BEGIN = Buffer.from('bin', 'ascii')
const END = Buffer.from('end', 'ascii')

export const udpMarker: Carrier = {
  name: 'udp-marker',
  summary: 'UDP: the markers bin and end around the chunks; no length, no answer',
  traits: { socket: 'datagram', reliable: false, acknowledged: false },
  port: 8888,
  transfer: {
    endless: true,
    receive: (sockets, options) =>
      receiveDatagrams(sockets, options, {
        beginning: 'begin',
        endMarker: true,
        meaning: markerMeaning,
      }),

    ...datagramSender({
      begin: () => BEGIN,
      end: END,
      // Markers are in-band: no chunk may equal one, or the receiver would take it for the marker.
      datagrams: payload => payload.windows([BEGIN, END]),
    }),
  },
}

const BEGINS: Meaning = { kind: 'begin' }
const ENDS: Meaning = { kind: 'end' }

function markerMeaning(memory: Buffer, start: number, end: number, open: OpenTransfer | undefined): Meaning {
  if (end === start) return IGNORED
  if (end - start === BEGIN.length) {
    // Before any chunk it is a duplicate; after one it begins a new transfer.
    if (BEGIN.compare(memory, start, end) === 0) return open && open.bytes === 0 ? AGAIN : BEGINS
    if (END.compare(memory, start, end) === 0) return ENDS
  }
  return open ? PAYLOAD : FOREIGN
}
