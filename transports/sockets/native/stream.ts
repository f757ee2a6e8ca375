/** TCP by send and recv straight from and to fixed memory. */
import type {
  ConnectRequest,
  Endpoint,
  ListenRequest,
  SocketInfo,
  SocketOptions,
  SocketState,
  StreamListener,
  StreamSocket,
} from '../sockets.ts'
import type { NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import {
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_ZEROCOPY,
  SHUT_WR,
  SO_ERROR,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './linux.ts'
import { setOptions, stateOf } from './options.ts'
import { readTcpInfo } from './tcp-info.ts'
import { ZeroCopy } from './zero-copy.ts'

/** Reads of one stream before the event loop gets its turn. */
const READS_A_TURN = 16
/** Writes in a row before it. */
const WRITES_A_TURN = 1024

/** @throws the system's error (`ECONNREFUSED` …), or what the signal aborts with */
export async function connectStream(context: NativeContext, request: ConnectRequest): Promise<StreamSocket> {
  const stream = new NativeStream(context, withDefaults(request.options), readable =>
    Descriptor.create(context, request.to.family, SOCK_STREAM, readable),
  )
  const abandon = () => stream.close()
  request.signal.addEventListener('abort', abandon, { once: true })
  try {
    await stream.connect(request)
    request.signal.throwIfAborted()
    return stream
  } catch (error) {
    stream.close()
    request.signal.throwIfAborted()
    throw error
  } finally {
    request.signal.removeEventListener('abort', abandon)
  }
}

export class NativeListener implements StreamListener {
  readonly local: Endpoint
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #streams = new Set<NativeStream>()
  readonly #options: SocketOptions
  readonly #connection: (stream: StreamSocket) => void

  /** @throws the system's error when it cannot be bound */
  constructor(context: NativeContext, request: ListenRequest, connection: (stream: StreamSocket) => void) {
    const { libc } = context
    this.#context = context
    this.#options = withDefaults(request.options)
    this.#connection = connection
    this.#socket = Descriptor.create(context, request.local.family, SOCK_STREAM, () => this.#acceptAll())
    try {
      this.#socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
      // Accepted sockets inherit the listener's, and the window and the MSS are told in the handshake.
      setOptions(this.#socket, 'stream', this.#options)
      if (this.#socket.withAddress('bind', request.local) < 0) throw systemError(libc, 'bind')
      if (libc.listen(this.#socket.fd, 511) < 0) throw systemError(libc, 'listen')
      this.local = this.#socket.local
    } catch (error) {
      this.#socket.close()
      throw error
    }
    this.#socket.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    for (const stream of this.#streams) stream.close()
  }

  #acceptAll(): void {
    const { libc } = this.#context
    while (this.#socket.open) {
      const fd = libc.accept4(this.#socket.fd, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC)
      // EAGAIN: nobody else waits. Anything else concerns a client that has gone already.
      if (fd < 0) return
      const { family, rcvbufForced } = this.#socket
      const stream = new NativeStream(
        this.#context,
        this.#options,
        readable => new Descriptor(this.#context, fd, family, readable),
      )
      try {
        stream.established(rcvbufForced)
      } catch {
        stream.close()
        continue
      }
      this.#streams.add(stream)
      void stream.ended.then(() => this.#streams.delete(stream))
      this.#connection(stream)
    }
  }
}

class NativeStream implements StreamSocket {
  local: Endpoint = NOWHERE
  remote: Endpoint = NOWHERE
  state: SocketState = {}
  readonly closed: Promise<string | undefined>
  /** Resolves when the descriptor is closed. */
  readonly ended: Promise<void>
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #options: SocketOptions
  #zeroCopy: ZeroCopy | undefined
  #lastInfo: SocketInfo = {}
  #tellClosed: (code: string | undefined) => void = () => {}
  #tellEnded: () => void = () => {}
  #take: ((bytes: Buffer) => void) | undefined

  constructor(context: NativeContext, options: SocketOptions, open: (readable: () => void) => Descriptor) {
    this.#context = context
    this.#options = options
    this.#socket = open(() => this.#readable())
    this.closed = new Promise(resolve => {
      this.#tellClosed = resolve
    })
    this.ended = new Promise(resolve => {
      this.#tellEnded = resolve
    })
  }

  async connect({ to, signal }: ConnectRequest): Promise<void> {
    signal.throwIfAborted()
    setOptions(this.#socket, 'stream', this.#options)
    if (this.#socket.withAddress('connect', to) < 0) {
      const error = systemError(this.#context.libc, 'connect')
      if (error.code !== 'EINPROGRESS') throw error
      await this.#socket.writable()
      if (!this.#socket.open) return
      const failed = this.#socket.getOption(SOL_SOCKET, SO_ERROR)
      if (failed !== 0) {
        const code = errorName(failed)
        throw Object.assign(new Error(`connect ${code} ${to.host}:${to.port}`), { code })
      }
    }
    this.established(this.#socket.rcvbufForced)
  }

  /** @throws the system's error when the connection has broken already */
  established(rcvbufForced: boolean | undefined): void {
    this.local = this.#socket.local
    this.remote = this.#socket.remote
    this.#socket.rcvbufForced = rcvbufForced
    this.state = stateOf(this.#socket, 'stream', this.#options)
    if (this.#options.zerocopy) this.#zeroCopy = new ZeroCopy(this.#socket, this.#context.completions)
  }

  info(): SocketInfo {
    if (!this.#socket.open) return this.#lastInfo
    return { ...readTcpInfo(this.#socket), ...this.#zeroCopy?.counts }
  }

  read(take: (bytes: Buffer) => void): void {
    this.#take = take
    this.#socket.read()
  }

  async write(bytes: Buffer, chunkBytes: number): Promise<void> {
    const { libc, poller } = this.#context
    const address = libc.addressOf(bytes)
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL | (this.#zeroCopy ? MSG_ZEROCOPY : 0)
    let written = 0
    for (let calls = 1; written < bytes.length; calls++) {
      if (calls % 64 === 1) poller.sending()
      if (!this.#socket.open) throw Object.assign(new Error('the stream was closed'), { code: 'ECANCELED' })
      // The rest of a write that was taken in part, or the next one.
      const length = Math.min(chunkBytes - (written % chunkBytes), bytes.length - written)
      const taken = libc.send(this.#socket.fd, address + written, length, flags)
      if (taken > 0) {
        written += taken
        this.#zeroCopy?.sent(1)
      } else {
        const error = systemError(libc, 'send')
        if (error.code === 'EAGAIN' || this.#zeroCopy?.holdsUp(error.code)) await this.#socket.writable()
        else if (error.code !== 'EINTR') {
          // What the peer said before it broke the connection is still to be read, and may be its answer.
          if (this.#take) this.#readable()
          throw error
        }
      }
      if (calls % WRITES_A_TURN === 0) await new Promise(resolve => setImmediate(resolve))
    }
    await this.#zeroCopy?.previousReleased()
  }

  end(): void {
    if (this.#socket.open) this.#context.libc.shutdown(this.#socket.fd, SHUT_WR)
  }

  close(): void {
    this.#lastInfo = this.info()
    this.#take = undefined
    this.#socket.close()
    this.#tellClosed(undefined)
    this.#tellEnded()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  #readable(): void {
    const { libc, incoming } = this.#context
    const { memory } = incoming
    for (let reads = 0; reads < READS_A_TURN && this.#socket.open; reads++) {
      const count = libc.recv(this.#socket.fd, memory.address, STREAM_READ_BYTES, MSG_DONTWAIT)
      if (count > 0) {
        this.#take?.(memory.bytes.subarray(0, count))
        // A short read has emptied the socket.
        if (count < STREAM_READ_BYTES) return
        continue
      }
      const code = count === 0 ? undefined : errorName(libc.errno())
      if (code === 'EINTR') continue
      if (code === 'EAGAIN') return
      this.#socket.stopReading()
      this.#tellClosed(code)
      return
    }
  }
}

/** One read; the memory of the datagrams serves it. */
const STREAM_READ_BYTES = 256 * 1024
const NOWHERE: Endpoint = { host: '', port: 0, family: 4 }

/** Small writes leave at once where nothing is said. */
function withDefaults(options: SocketOptions = {}): SocketOptions {
  return { ...options, nodelay: options.nodelay ?? true }
}
