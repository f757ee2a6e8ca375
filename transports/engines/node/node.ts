/** The engine that works everywhere: node:dgram and node:net. One system call per datagram or write. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket as TcpSocket } from 'node:net'
import { monotonic } from '../../../base/clock.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import { isWildcard, unmapped } from '../../contract/addresses.ts'
import type { Endpoint, SocketInfo, SocketOptions, SocketState } from '../../contract/socket-facts.ts'
import {
  type ConnectRequest,
  type DatagramRequest,
  type DatagramSocket,
  type ListenRequest,
  optionNames,
  type SendTally,
  type SocketKind,
  type Sockets,
  type StreamListener,
  type StreamSocket,
  type TakeDatagram,
} from '../../contract/sockets.ts'
import { noteRefusal, SendErrors } from '../tally.ts'
import { bindEverywhere } from './everywhere.ts'
import { pauseByTimers } from './pause.ts'

/** The options that node can set. */
const LIMITS: Readonly<Record<SocketKind, { module: string; settable: readonly (keyof SocketOptions)[] }>> = {
  stream: { module: 'node:net', settable: ['nodelay', 'batch'] },
  datagram: { module: 'node:dgram', settable: ['sndbufBytes', 'rcvbufBytes', 'batch'] },
}
/** The unit that one system call handles. */
const UNITS: Readonly<Record<SocketKind, string>> = { stream: 'write', datagram: 'datagram' }
/** A write this large yields to other sockets afterwards. */
const BULK_BYTES = 64 * 1024
/** Consecutive datagrams before other sockets get their turn. */
const BURST = 64
/** No system refuses a buffer smaller than this. */
const LEAST_BUFFER_BYTES = 4096

export const nodeSockets: Sockets = {
  engine: 'node',
  elsewhere: 'the native engine can (Linux)',

  objection(kind, _family, options) {
    const { module, settable } = LIMITS[kind]
    if (options.batch !== undefined && options.batch !== 1)
      return { option: 'batch', reason: `${module} makes a system call for each ${UNITS[kind]}` }
    const option = optionNames(kind).find(each => options[each] !== undefined && !settable.includes(each))
    return option && { option, reason: `${module} cannot set it` }
  },

  async bindDatagram(request) {
    request.signal.throwIfAborted()
    const everywhere = isWildcard(request.local.host) && !request.connect
    return everywhere ? bindEverywhere(request, bindDatagram) : bindDatagram(request)
  },

  async listen(request, connection) {
    request.signal.throwIfAborted()
    const server = createServer({ allowHalfOpen: true, noDelay: request.options?.nodelay ?? true })
    const listener = new NodeListener(server, request, connection)
    const { host, port } = request.local
    server.listen({ host, port, exclusive: true, ipv6Only: !isWildcard(host) })
    await once(server, 'listening')
    return listener
  },

  async connect(request: ConnectRequest) {
    request.signal.throwIfAborted()
    request.starting?.()
    const socket = connect({
      host: request.to.host,
      port: request.to.port,
      ...(request.from === undefined ? {} : { localAddress: request.from }),
      allowHalfOpen: true,
      noDelay: request.options?.nodelay ?? true,
    })
    const abandon = () => socket.destroy()
    request.signal.addEventListener('abort', abandon, { once: true })
    try {
      await once(socket, 'connect', { signal: request.signal })
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      request.signal.removeEventListener('abort', abandon)
    }
    return new NodeStream(socket)
  },
}

async function bindDatagram(request: DatagramRequest): Promise<NodeDatagramSocket> {
  const socket = createSocket({
    type: request.local.family === 6 ? 'udp6' : 'udp4',
    ipv6Only: request.local.family === 6,
  })
  try {
    await bindAndConnect(socket, request)
  } catch (error) {
    socket.close()
    throw error
  }
  return new NodeDatagramSocket(socket, request)
}

async function bindAndConnect(socket: UdpSocket, request: DatagramRequest): Promise<void> {
  socket.bind({ address: request.local.host, port: request.local.port, exclusive: true })
  await once(socket, 'listening')
  // Not through createSocket's options: it throws a refusal where nobody can catch it.
  const { rcvbufBytes, sndbufBytes } = request.options ?? {}
  if (rcvbufBytes !== undefined) askForBuffer(rcvbufBytes, bytes => socket.setRecvBufferSize(bytes))
  if (sndbufBytes !== undefined) askForBuffer(sndbufBytes, bytes => socket.setSendBufferSize(bytes))
  if (!request.connect) return
  socket.connect(request.connect.port, request.connect.host)
  await once(socket, 'connect')
}

/**
 * Sets a buffer as close to `bytes` as the system allows: Linux clamps the value, while macOS and FreeBSD refuse more than
 * kern.ipc.maxsockbuf with ENOBUFS and change nothing. The socket reads the granted size back.
 */
function askForBuffer(bytes: number, set: (bytes: number) => void): void {
  for (let asked = bytes; ; asked = Math.floor(asked / 2)) {
    try {
      set(asked)
      return
    } catch (error) {
      if (errorCode(error) !== 'ERR_SOCKET_BUFFER_SIZE' || asked < LEAST_BUFFER_BYTES) throw error
    }
  }
}

class NodeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly state: SocketState
  readonly #socket: UdpSocket
  readonly #errors = new SendErrors()
  #closed: Promise<unknown> | undefined
  /** The error that ended the path. */
  #ended: string | undefined
  #fault: ((code: string) => void) | undefined

  constructor(socket: UdpSocket, request: DatagramRequest) {
    this.#socket = socket
    const { address, port } = socket.address()
    this.local = { host: address, port, family: request.local.family }
    this.state = {
      sndbufBytes: socket.getSendBufferSize(),
      rcvbufBytes: socket.getRecvBufferSize(),
      batch: 1,
    }
    // ECONNREFUSED on a connected socket arrives here, after the send that caused it. On an unconnected one, a peer that is gone says
    // nothing about the others.
    socket.on('error', error => {
      const code = errorCode(error) ?? 'EUNKNOWN'
      if (!this.#errors.endsPath(code)) return
      if (request.connect) this.#ended = code
      this.#fault?.(code)
    })
  }

  read(take: TakeDatagram, fault?: (code: string) => void): void {
    this.#fault = fault
    let from: Endpoint = { host: '', port: 0, family: this.local.family }
    this.#socket.on('message', (message, { address, port }) => {
      this.#errors.heard()
      if (port !== from.port || address !== from.host)
        from = { host: address, port, family: this.local.family }
      take(message, 0, message.length, from, monotonic())
    })
  }

  burst(): number {
    return BURST
  }

  info(): SocketInfo {
    return {}
  }

  /** Sends one after another, because a retried datagram must not be overtaken; the system answers immediately unless it is full. */
  async send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void> {
    await new Promise<void>(resolve => {
      const end = first + count
      let index = first
      let before: string | undefined
      const offer = () => {
        if (index >= end || tally.failure) resolve()
        else this.#offer(bytes, index * chunkBytes, chunkBytes, answered, to)
      }
      const answered = (error: Error | null) => {
        const length = Math.min(chunkBytes, bytes.length - index * chunkBytes)
        if (!error) {
          tally.accepted++
          tally.acceptedBytes += length
          if (before !== undefined) tally.repeated++
        } else if (this.#judge(error, tally, length, before)) {
          before = errorCode(error)
          return offer()
        }
        before = undefined
        index++
        offer()
      }
      offer()
    })
    if (count >= BURST) await pauseByTimers(0)
  }

  /** Judges an error; returns true if the datagram should be retried. @param before the error of the first attempt, if there was one */
  #judge(error: Error, tally: SendTally, datagramBytes: number, before: string | undefined): boolean {
    const code = errorCode(error) ?? 'EUNKNOWN'
    const verdict = this.#errors.judge(code, before)
    if (verdict === 'fail') {
      const closed = code === 'ERR_SOCKET_DGRAM_NOT_RUNNING'
      tally.failure ??= { code: closed ? 'ABORTED' : code, message: errorMessage(error) }
    } else if (verdict === 'refuse') {
      // After EPERM from a local firewall, the ICMP error that it also sends adds nothing.
      noteRefusal(tally, code === 'ECONNREFUSED' ? (before ?? code) : code, datagramBytes, false)
    }
    return verdict === 'repeat'
  }

  /** Always passes a callback: without one, node:dgram drops EMSGSIZE silently. */
  #offer(
    bytes: Buffer,
    start: number,
    chunkBytes: number,
    answered: (error: Error | null) => void,
    to: Endpoint | undefined,
  ): void {
    if (this.#ended !== undefined) {
      answered(Object.assign(new Error(`the peer is unreachable (${this.#ended})`), { code: this.#ended }))
      return
    }
    const length = Math.min(chunkBytes, bytes.length - start)
    try {
      if (to) this.#socket.send(bytes, start, length, to.port, to.host, answered)
      else this.#socket.send(bytes, start, length, answered)
    } catch (error) {
      answered(error instanceof Error ? error : new Error(String(error)))
    }
  }

  pause(ms: number): Promise<void> {
    return pauseByTimers(ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = once(this.#socket, 'close')
      this.#socket.close()
    }
    await this.#closed
  }
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
  readonly local: Endpoint
  readonly remote: Endpoint
  /** node:net exposes no socket options. */
  readonly state: SocketState = { batch: 1 }
  readonly closed: Promise<string | undefined>
  readonly #socket: TcpSocket

  constructor(socket: TcpSocket) {
    this.#socket = socket
    this.local = endpointOf(socket.localAddress, socket.localPort)
    this.remote = endpointOf(socket.remoteAddress, socket.remotePort)
    this.closed = new Promise(resolve => {
      socket.once('end', () => resolve(undefined))
      socket.on('error', error => resolve(errorCode(error) ?? 'EUNKNOWN'))
      socket.once('close', () => resolve(undefined))
    })
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
      // Wait for what the system did not accept: node would join queued writes into one.
      if (this.#socket.writableLength > 0) await writes.settled()
    }
    await writes.settled()
    // The event loop must run for an abort or an early reply to arrive.
    if (bytes.length >= BULK_BYTES) await pauseByTimers(0)
  }

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
  return { host, port, family: host.includes(':') ? 6 : 4 }
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
