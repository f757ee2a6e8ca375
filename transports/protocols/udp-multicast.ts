/** One sender, and a group of receivers that answer nothing: every datagram says which chunk of which transfer it is. */
import { randomInt } from 'node:crypto'
import type { Carrier } from '../contract/transport.ts'
import { formatOf, HEADER_BYTES } from '../datagram/openings.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'
import { datagramSenderOf } from '../datagram/sender.ts'
import { GroupAssembly } from '../multicast/assembly.ts'
import { marker, readOpening, writeHeader } from '../multicast/wire.ts'

/** The receive time-out of the originals. */
const QUIET_MS = 80

const FORMAT = formatOf(readOpening, opening => new GroupAssembly(opening))

export const udpMulticast: Carrier = {
  name: 'udp-multicast',
  summary: 'UDP to a group of receivers: begin and end markers, and chunks with an index; no answer',
  traits: {
    socket: 'datagram',
    reliable: false,
    acknowledged: false,
    headerBytes: HEADER_BYTES,
    fansOut: { quietMs: QUIET_MS },
  },
  port: 5007,
  transfer: {
    receive: (sockets, options) => receiveDatagrams(sockets, options, FORMAT),

    ...datagramSenderOf(payload => {
      const { sizeBytes, chunkBytes } = payload
      const opening = { id: randomInt(2 ** 32), sizeBytes, chunkBytes }
      return {
        begin: () => marker('begin', opening),
        end: marker('end', opening),
        header: () => ({
          bytes: HEADER_BYTES,
          write: (memory, at, index) => writeHeader(memory, at, 'chunk', opening, index),
        }),
        datagrams: each => each.windows(),
      }
    }),
  },
}
