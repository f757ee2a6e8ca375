/** An engine whose every socket is asked for some options, beside those of the request, which win. Changes nothing else. */
import type { SocketOptions } from '../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../transports/contract/sockets.ts'

export function withOptions(sockets: Sockets, options: SocketOptions): Sockets {
  const also = <T extends { readonly options?: SocketOptions | undefined }>(request: T): T => ({
    ...request,
    options: { ...options, ...request.options },
  })
  return {
    engine: sockets.engine,
    objection: (kind, family, asked) => sockets.objection(kind, family, { ...options, ...asked }),
    bindDatagram: request => sockets.bindDatagram(also(request)),
    listen: (request, connection) => sockets.listen(also(request), connection),
    connect: request => sockets.connect(also(request)),
  }
}
