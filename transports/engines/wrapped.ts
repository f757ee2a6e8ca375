/** An engine whose datagram sockets differ in something. */

import type { DatagramSocket, Sockets } from '../contract/sockets.ts'

/** @param change gets a socket as plain functions, and returns it with some of them replaced */
export function withDatagrams(sockets: Sockets, change: (socket: DatagramSocket) => DatagramSocket): Sockets {
  return {
    engine: sockets.engine,
    binding: sockets.binding,
    usualRcvbufBytes: sockets.usualRcvbufBytes,
    ...(sockets.secures ? { secures: true } : {}),
    ...(sockets.readsWhenAsked ? { readsWhenAsked: true } : {}),
    elsewhere: sockets.elsewhere,
    clockErrorMs: () => sockets.clockErrorMs?.(),
    objection: (kind, family, options) => sockets.objection(kind, family, options),
    listen: (request, connection) => sockets.listen(request, connection),
    connect: request => sockets.connect(request),
    bindDatagram: async request => change(plain(await sockets.bindDatagram(request))),
  }
}

/** Its methods can be spread, whatever class it has. */
function plain(socket: DatagramSocket): DatagramSocket {
  return {
    local: socket.local,
    state: socket.state,
    burst: chunkBytes => socket.burst(chunkBytes),
    info: () => socket.info(),
    read: (take, fault, more) => socket.read(take, fault, more),
    send: (...words) => socket.send(...words),
    pause: ms => socket.pause(ms),
    [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
  }
}
