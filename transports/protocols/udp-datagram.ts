/** The whole payload in one datagram, with a reply from the receiver. Over the system's limit it is refused with EMSGSIZE. */

import type { Carrier, Expectation } from '../contract/transport.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'
import { datagramSender } from '../datagram/sender.ts'
import { ACKNOWLEDGEMENT } from './udp-header.ts'

export const udpDatagram: Carrier = {
  name: 'udp-datagram',
  summary: 'UDP: the whole payload in one datagram of up to 65,507 bytes; acknowledged',
  traits: { socket: 'datagram', reliable: false, acknowledged: true, limit: 'one-datagram' },
  port: 9999,
  transfer: {
    receive: (sockets, options) =>
      receiveDatagrams(sockets, options, {
        beginning: undefined,
        endMarker: false,
        acknowledgement: ACKNOWLEDGEMENT,
        cut: inOnePiece,
        meaning: (_memory, start, end) => ({ kind: 'payload', begins: { announcedBytes: end - start } }),
      }),

    ...datagramSender({
      acknowledgement: ACKNOWLEDGEMENT,
      datagrams: payload => [{ bytes: payload.whole(), chunkBytes: Math.max(1, payload.sizeBytes) }],
    }),
  },
}

/** The payload as a single chunk, identified by its length. */
function inOnePiece(expected: Expectation): Expectation {
  const { sizeBytes } = expected
  return {
    sizeBytes,
    chunkBytes: Math.max(1, sizeBytes),
    indexOf: (_memory, start, end) => (end - start === sizeBytes ? 0 : undefined),
    matches: (memory, start, end, offset) => expected.matches(memory, start, end, offset),
  }
}
