/** An engine that lets a test see which datagrams have been handed to whoever reads. Changes nothing. */
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../transports/contract/sockets.ts'

/** Calls `seen` after each datagram that any socket of `sockets` has handed over, with its source. */
export function tapped(sockets: Sockets, seen: (from: Endpoint) => void): Sockets {
  return {
    engine: sockets.engine,
    objection: (kind, family, options) => sockets.objection(kind, family, options),
    listen: (request, connection) => sockets.listen(request, connection),
    connect: request => sockets.connect(request),
    bindDatagram: async request => {
      const socket = await sockets.bindDatagram(request)
      return {
        local: socket.local,
        state: socket.state,
        burst: socket.burst.bind(socket),
        info: socket.info.bind(socket),
        pause: socket.pause.bind(socket),
        send: socket.send.bind(socket),
        read: (take, fault, more) =>
          socket.read(
            (memory, start, end, from, at, eachBytes) => {
              take(memory, start, end, from, at, eachBytes)
              const datagrams = eachBytes === undefined ? 1 : Math.ceil((end - start) / eachBytes)
              for (let datagram = 0; datagram < datagrams; datagram++) seen(from)
            },
            fault,
            more,
          ),
        [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose](),
      }
    },
  }
}
