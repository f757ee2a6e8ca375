/** TCP by sendmmsg and recv, directly from and to fixed memory. */
import { onAbort } from '../../../base/waiting.ts'
import type { Endpoint, SocketInfo, SocketOptions, SocketState } from '../../contract/socket-facts.ts'
import type { ConnectRequest, StreamSocket } from '../../contract/sockets.ts'
import {
  BATCHES_STREAMS,
  IPPROTO_TCP,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_ZEROCOPY,
  SHUT_WR,
  SO_ERROR,
  SO_RCVLOWAT,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NOTSENT_LOWAT,
} from './abi.ts'
import { readAddress } from './address.ts'
import type { NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import { BATCH, batchOf, Calls } from './messages.ts'
import { setOptions, stateOf } from './options.ts'
import { readTcpInfo } from './tcp-info.ts'
import { ZeroCopy } from './zero-copy.ts'

/** Reads from one stream before other sockets get their turn. */
const READS_A_TURN = 16
/** With a fast peer, let this much data accumulate before waking up, but no longer than this. */
const GATHER_BYTES = 1024 * 1024
const GATHER_MS = 1
/** Consecutive writes before other sockets get their turn. */
const WRITES_A_TURN = 1024
/** A system call gets no further writes once it has this much data. */
const CALL_BYTES = 256 * 1024

/** @throws the system's error (`ECONNREFUSED` …), or the signal's abort reason */
export async function connectStream(context: NativeContext, request: ConnectRequest): Promise<StreamSocket> {
  const stream = new NativeStream(context, withDefaults(request.options), readable =>
    Descriptor.create(context, request.to.family, SOCK_STREAM, readable),
  )
  using _abandon = onAbort(request.signal, () => stream.close())
  try {
    await stream.connect(request)
    request.signal.throwIfAborted()
    return stream
  } catch (error) {
    stream.close()
    request.signal.throwIfAborted()
    throw error
  }
}

export class NativeStream implements StreamSocket {
  readonly closed: Promise<string | undefined>
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #options: SocketOptions
  readonly #batch: number
  readonly #sendCalls = new Calls()
  #zeroCopy: ZeroCopy | undefined
  #lastInfo: SocketInfo = {}
  #lastState: SocketState = {}
  #remote: Endpoint | undefined
  /** From accept4(2): after a reset, the system no longer knows the peer. */
  #remoteName: Buffer | undefined
  #tellClosed: (code: string | undefined) => void = () => {}
  readonly #ended: () => void
  #take: ((bytes: Buffer) => void) | undefined
  #left: () => number = () => 0
  readonly #gatherBytes: number
  #gathering: NodeJS.Timeout | undefined

  /** @param ended called when the descriptor is closed */
  constructor(
    context: NativeContext,
    options: SocketOptions,
    open: (readable: () => void) => Descriptor,
    ended = () => {},
  ) {
    this.#ended = ended
    this.#context = context
    this.#options = options
    this.#batch = BATCHES_STREAMS ? batchOf(options) : 1
    // A small buffer must be drained while it fills.
    this.#gatherBytes = Math.min(GATHER_BYTES, (options.rcvbufBytes ?? Number.POSITIVE_INFINITY) / 2)
    this.#socket = open(() => this.#readable())
    this.closed = new Promise(resolve => {
      this.#tellClosed = resolve
    })
  }

  async connect({ from, to, signal, starting, unsentBytes }: ConnectRequest): Promise<void> {
    signal.throwIfAborted()
    setOptions(this.#socket, 'stream', this.#options)
    if (unsentBytes !== undefined && TCP_NOTSENT_LOWAT > 0)
      this.#socket.setOption(IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsentBytes)
    if (from !== undefined && this.#socket.withAddress('bind', { ...to, host: from, port: 0 }) < 0)
      throw systemError(this.#context.libc, 'bind')
    if (this.#socket.withAddress('connect', to, starting) < 0) {
      // Creating an Error is slow: only do it for a real one.
      if (errorName(this.#context.libc.errno()) !== 'EINPROGRESS')
        throw systemError(this.#context.libc, 'connect')
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

  established(rcvbufForced: boolean | undefined, remoteName?: Buffer): void {
    this.#remoteName = remoteName
    this.#socket.rcvbufForced = rcvbufForced
    if (this.#options.zerocopy) this.#zeroCopy = new ZeroCopy(this.#socket, this.#context)
  }

  /** NOWHERE if the connection broke before the address was read. */
  get remote(): Endpoint {
    this.#remote ??= this.#remoteName
      ? readAddress(this.#remoteName, 0)
      : this.#socket.open
        ? this.#socket.tryRemote
        : undefined
    return this.#remote ?? NOWHERE
  }

  /** Read on demand, so that it costs a transfer nothing. */
  get state(): SocketState {
    return this.#socket.open ? stateOf(this.#socket, 'stream', this.#options) : this.#lastState
  }

  info(): SocketInfo {
    if (!this.#socket.open) return this.#lastInfo
    return {
      ...readTcpInfo(this.#socket),
      ...this.#zeroCopy?.counts,
      sendsPerCall: this.#sendCalls.mean,
    }
  }

  read(take: (bytes: Buffer) => void, left?: () => number): void {
    this.#take = take
    if (left) this.#left = left
    this.#socket.read()
  }

  async write(bytes: Buffer, chunkBytes: number): Promise<void> {
    const { libc, poller, outgoing } = this.#context
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL | (this.#zeroCopy ? MSG_ZEROCOPY : 0)
    let written = 0
    let writes = 0
    while (written < bytes.length) {
      if (!this.#socket.open) throw Object.assign(new Error('the stream was closed'), { code: 'ECANCELED' })
      const count = this.#layOut(bytes, chunkBytes, written)
      const taken = libc.sendmmsg(this.#socket.fd, outgoing.headers.address, count, flags)
      if (taken > 0) {
        for (let index = 0; index < taken; index++) written += outgoing.taken(index)
        writes += taken
        this.#sendCalls.note(taken)
        this.#zeroCopy?.sent(taken)
      } else {
        const error = systemError(libc, 'sendmmsg')
        if (this.#zeroCopy?.notTaken(error.code) || error.code === 'EAGAIN')
          await (this.#zeroCopy ?? this.#socket).writable()
        else if (error.code !== 'EINTR') {
          // What the peer sent before it broke the connection is still readable, and may be its reply.
          if (this.#take) this.#readable()
          throw error
        }
      }
      if (writes >= WRITES_A_TURN && written < bytes.length) {
        writes = 0
        await poller.pause(0)
      }
    }
    if (writes >= BATCH && !poller.alone(0)) await poller.pause(0)
    await this.#zeroCopy?.previousReleased()
  }

  pause(ms: number): Promise<void> {
    return this.#context.poller.pause(ms)
  }

  linger(done: () => boolean): void {
    const { poller } = this.#context
    while (!done() && this.#socket.open && poller.alone(0)) if (this.#readOnce(0) <= 0) break
    poller.block(() => done() || !this.#socket.open)
  }

  /** For an accepted stream, whose listener is watched too: reads imminent data directly rather than through the poller. */
  readOnTheSpot(): void {
    if (this.#expects(1)) this.#readable()
  }

  end(): void {
    if (this.#socket.open) this.#context.libc.shutdown(this.#socket.fd, SHUT_WR)
  }

  close(): void {
    this.#lastInfo = this.info()
    this.#lastState = this.state
    clearTimeout(this.#gathering)
    this.#take = undefined
    this.#socket.close()
    this.#tellClosed(undefined)
    this.#ended()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** Lays out the rest of a partially accepted write, and the writes after it, as messages; returns how many. */
  #layOut(bytes: Buffer, chunkBytes: number, written: number): number {
    const { libc, outgoing } = this.#context
    const address = libc.addressOf(bytes)
    outgoing.address(undefined, this.#socket.family)
    let count = 0
    for (let at = written; at < bytes.length && count < this.#batch && at - written < CALL_BYTES; count++) {
      const length = Math.min(chunkBytes - (at % chunkBytes), bytes.length - at)
      outgoing.set(count, address + at, length)
      at += length
    }
    return count
  }

  #readable(): void {
    const count = this.#readAll()
    const quick = count >= STREAM_READ_BYTES
    if (this.#socket.open) this.#gather(quick && this.#left() >= this.#gatherBytes)
  }

  /**
   * Over loopback the sender's CPU wakes the receiver, which costs it half as much as copying: so let data gather. Slow data, and the end
   * of a transfer, are read as they arrive.
   */
  #gather(gathers: boolean): void {
    if (gathers !== (this.#gathering !== undefined))
      this.#socket.trySetOption(SOL_SOCKET, SO_RCVLOWAT, gathers ? this.#gatherBytes : 1)
    if (!gathers) {
      clearTimeout(this.#gathering)
      this.#gathering = undefined
    } else if (this.#gathering) this.#gathering.refresh()
    else this.#gathering = setTimeout(() => this.#readable(), GATHER_MS)
  }

  /** True if more is to arrive and, apart from `others`, nothing else is waiting. */
  #expects(others: number): boolean {
    return !this.#gathering && this.#left() > 0 && this.#context.poller.alone(others)
  }

  /** Delivers what has arrived, up to one turn's worth; returns the number of bytes. */
  #readAll(): number {
    let total = 0
    let waits = this.#expects(1)
    for (let reads = 0; reads < READS_A_TURN && this.#socket.open; reads++) {
      const count = this.#readOnce(waits ? 0 : MSG_DONTWAIT)
      if (count <= 0) break
      total += count
      waits = this.#expects(1)
      // A short read has emptied the socket.
      if (count < STREAM_READ_BYTES && !waits) break
    }
    return total
  }

  /** Delivers the result of one call; returns its number of bytes: 0 at the end of the stream, negative if nothing is there or it broke. */
  #readOnce(flags: number): number {
    const { libc, incoming } = this.#context
    const { memory } = incoming
    for (;;) {
      const count = libc.recv(this.#socket.fd, memory.address, STREAM_READ_BYTES, flags)
      if (count > 0) {
        this.#take?.(memory.bytes.subarray(0, count))
        return count
      }
      const code = count === 0 ? undefined : errorName(libc.errno())
      if (code === 'EINTR') continue
      if (code !== 'EAGAIN') {
        this.#socket.stopReading()
        this.#tellClosed(code)
      }
      return count
    }
  }
}

/** Size of one read, into the memory shared with datagrams. */
const STREAM_READ_BYTES = 256 * 1024
const NOWHERE: Endpoint = { host: '', port: 0, family: 4 }

/** Sends small writes immediately by default. */
export function withDefaults(options: SocketOptions = {}): SocketOptions {
  return { ...options, nodelay: options.nodelay ?? true }
}
