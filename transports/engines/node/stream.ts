/** Streams by node:net: one system call a write. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket as TcpSocket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { errorCode } from '../../../base/errors.ts'
import { onAbort } from '../../../base/waiting.ts'
import { familyOf, isWildcard, unmapped } from '../../contract/addresses.ts'
import type { Endpoint, SocketInfo, SocketState } from '../../contract/socket-facts.ts'
import type {
  ClientTls,
  ConnectRequest,
  ListenRequest,
  Secured,
  ServerTls,
  Sockets,
  StreamListener,
  StreamSocket,
} from '../../contract/sockets.ts'
import { pauseByTimers } from './pause.ts'
import { checkedSession, clientSocket, serverSocket, troubleOf } from './tls.ts'

/** A write this large yields to other sockets afterwards. */
const BULK_BYTES = 64 * 1024
export const listen: Sockets['listen'] = async (request, connection) => {
  request.signal.throwIfAborted()
  const server = createServer({ allowHalfOpen: true, noDelay: request.options?.nodelay ?? true })
  const listener = new NodeListener(server, request, connection)
  const { host, port } = request.local
  server.listen({ host, port, exclusive: true, ipv6Only: !isWildcard(host) })
  await once(server, 'listening')
  return listener
}

export async function connectStream(request: ConnectRequest): Promise<StreamSocket> {
  request.signal.throwIfAborted()
  request.starting?.()
  const socket = connect({
    host: request.to.host,
    port: request.to.port,
    ...(request.from === undefined ? {} : { localAddress: request.from }),
    allowHalfOpen: true,
    noDelay: request.options?.nodelay ?? true,
  })
  using _abandon = onAbort(request.signal, () => socket.destroy())
  try {
    await once(socket, 'connect', { signal: request.signal })
  } catch (error) {
    socket.destroy()
    throw error
  }
  return new NodeStream(socket)
}

class NodeListener implements StreamListener {
  readonly #server: Server
  readonly #family: 4 | 6
  readonly #streams = new Set<NodeStream>()
  #closed: Promise<void> | undefined

  constructor(server: Server, request: ListenRequest, connection: (stream: StreamSocket) => void) {
    this.#server = server
    this.#family = request.local.family
    server.on('connection', socket => {
      const stream = new NodeStream(socket)
      this.#streams.add(stream)
      socket.once('close', () => this.#streams.delete(stream))
      connection(stream)
    })
  }

  get local(): Endpoint {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the listener has no IP address')
    return { host: address.address, port: address.port, family: this.#family }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= new Promise(resolve => this.#server.close(() => resolve()))
    await Promise.all([...this.#streams].map(stream => stream[Symbol.asyncDispose]()))
    await this.#closed
  }
}

class NodeStream implements StreamSocket {
  readonly remote: Endpoint
  /** node:net exposes no socket options. */
  readonly state: SocketState = { batch: 1 }
  readonly closed: Promise<string | undefined>
  trouble: string | undefined
  /** The one inside TLS, once there is one. */
  #socket: TcpSocket
  #tellClosed: (code: string | undefined) => void = () => {}

  constructor(socket: TcpSocket) {
    this.#socket = socket
    this.remote = endpointOf(socket.remoteAddress, socket.remotePort)
    this.closed = new Promise(resolve => {
      this.#tellClosed = resolve
    })
    this.#watch(socket)
  }

  serveTls(tls: ServerTls): void {
    this.#watch(serverSocket(this.#socket, tls))
  }

  async startTls(tls: ClientTls): Promise<Secured> {
    const inside = clientSocket(this.#socket, tls)
    this.#watch(inside)
    const secured = await new Promise<Secured | undefined>((resolve, reject) => {
      inside.once('secureConnect', () => {
        try {
          resolve(checkedSession(inside, tls))
        } catch (error) {
          reject(error)
        }
      })
      void this.closed.then(() => resolve(undefined))
    })
    if (secured) return secured
    const code = (await this.closed) ?? 'CLOSED'
    const message = this.trouble ?? `the receiver closed the connection in the TLS handshake (${code})`
    throw Object.assign(new Error(message), { code })
  }

  /** From here on this is the socket: what becomes of one under TLS shows in the one inside. */
  #watch(socket: TcpSocket): void {
    this.#socket = socket
    const tell = (code?: string) => {
      if (this.#socket === socket) this.#tellClosed(code)
    }
    socket.once('end', () => tell())
    socket.on('error', error => {
      const trouble = socket instanceof TLSSocket ? troubleOf(error) : undefined
      this.trouble ??= trouble?.message
      tell(trouble?.code ?? errorCode(error) ?? 'EUNKNOWN')
    })
    socket.once('close', () => tell())
  }

  info(): SocketInfo {
    return {}
  }

  read(take: (bytes: Buffer) => void): void {
    this.#socket.on('data', take)
  }

  async write(bytes: Buffer, chunkBytes: number): Promise<void> {
    const writes = new Writes()
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      writes.issued++
      this.#socket.write(bytes.subarray(start, start + chunkBytes), writes.done)
      // Wait for what the system did not accept: node would join queued writes into one. Into TLS none goes at once.
      if (this.#socket.writableLength > 0) await writes.settled()
    }
    await writes.settled()
    // The event loop must run for an abort or an early reply to arrive.
    if (bytes.length >= BULK_BYTES) await pauseByTimers(0)
  }

  readonly pause = pauseByTimers

  end(): void {
    this.#socket.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return
    const closed = once(this.#socket, 'close')
    this.#socket.destroy()
    await closed
  }
}

function endpointOf(address = '', port = 0): Endpoint {
  const host = unmapped(address)
  return { host, port, family: familyOf(host) }
}

/** Counts the writes that the system has answered. */
class Writes {
  issued = 0
  #answered = 0
  #error: Error | undefined
  #wake: (() => void) | undefined

  readonly done = (error?: Error | null): void => {
    this.#answered++
    if (error) this.#error ??= error
    if (this.#answered === this.issued) this.#wake?.()
  }

  /** @throws the first error of any write */
  async settled(): Promise<void> {
    if (this.#answered < this.issued) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    if (this.#error) throw this.#error
  }
}
