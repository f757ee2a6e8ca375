/** Emulates an operating system's datagram size limit where a real system would refuse. */

import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import { noteRefusal } from './tally.ts'
import { withDatagrams } from './wrapped.ts'

/** Wraps `sockets` to refuse datagrams over `maxDatagramBytes` with EMSGSIZE, marked as emulated. */
export function limited(sockets: Sockets, maxDatagramBytes: number): Sockets {
  return withDatagrams(sockets, socket => limitedSocket(socket, maxDatagramBytes))
}

function limitedSocket(socket: DatagramSocket, limit: number): DatagramSocket {
  return {
    ...socket,
    async send(bytes, chunkBytes, first, count, tally, to) {
      if (Math.min(chunkBytes, bytes.length) <= limit)
        return socket.send(bytes, chunkBytes, first, count, tally, to)
      for (let index = first; index < first + count && !tally.failure; index++) {
        const datagramBytes = Math.min(chunkBytes, bytes.length - index * chunkBytes)
        if (datagramBytes <= limit) await socket.send(bytes, chunkBytes, index, 1, tally, to)
        else noteRefusal(tally, 'EMSGSIZE', datagramBytes, true)
      }
      await socket.pause(0)
    },
  }
}
