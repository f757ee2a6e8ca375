/** Emulates an operating system's datagram size limit where a real system would refuse. */

import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import { noteRefusal } from './tally.ts'

/** Wraps `sockets` to refuse datagrams over `maxDatagramBytes` with EMSGSIZE, marked as emulated. */
export function limited(sockets: Sockets, maxDatagramBytes: number): Sockets {
  return {
    engine: sockets.engine,
    usualRcvbufBytes: sockets.usualRcvbufBytes,
    ...(sockets.secures ? { secures: true } : {}),
    elsewhere: sockets.elsewhere,
    clockErrorMs: () => sockets.clockErrorMs?.(),
    objection: (kind, family, options) => sockets.objection(kind, family, options),
    listen: (request, connection) => sockets.listen(request, connection),
    connect: request => sockets.connect(request),
    bindDatagram: async request => limitedSocket(await sockets.bindDatagram(request), maxDatagramBytes),
  }
}

function limitedSocket(socket: DatagramSocket, limit: number): DatagramSocket {
  return {
    local: socket.local,
    state: socket.state,
    burst: chunkBytes => socket.burst(chunkBytes),
    info: () => socket.info(),
    read: (take, fault, more) => socket.read(take, fault, more),
    pause: ms => socket.pause(ms),
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),

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
