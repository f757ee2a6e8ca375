/** A listener whose streams are those of one host or of any, up to a number, and which lets them go with itself. */
import type { ServerOptions } from '../contract/ends.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Sockets, StreamSocket } from '../contract/sockets.ts'

/** The most connections at once; one more is turned away. */
const MOST_CONNECTIONS = 1024

interface Accepting extends AsyncDisposable {
  readonly endpoint: Endpoint
  readonly first: StreamSocket | undefined
}

/** @throws the system's error if the port is not available */
export async function acceptStreams(
  sockets: Sockets,
  { signal, local, socket, peer }: ServerOptions,
  take: (stream: StreamSocket) => void,
): Promise<Accepting> {
  const streams = new Set<StreamSocket>()
  let first: StreamSocket | undefined
  const listener = await sockets.listen({ signal, local, options: socket }, stream => {
    if (streams.size >= MOST_CONNECTIONS || (peer !== undefined && stream.remote.host !== peer)) {
      void stream[Symbol.asyncDispose]()
      return
    }
    streams.add(stream)
    first ??= stream
    take(stream)
    void stream.closed.then(() => {
      streams.delete(stream)
      void stream[Symbol.asyncDispose]()
    })
  })
  return {
    endpoint: listener.local,
    get first() {
      return first
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...streams].map(stream => stream[Symbol.asyncDispose]()))
      await listener[Symbol.asyncDispose]()
    },
  }
}
