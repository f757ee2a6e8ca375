/** Datagrams by sendmmsg and recvmmsg: up to 64 per system call, and with UDP_SEGMENT up to 64 per message. */
import { monotonic } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import { isWildcard } from '../../contract/addresses.ts'
import type { Endpoint, SocketInfo, SocketOptions, SocketState } from '../../contract/socket-facts.ts'
import type { DatagramRequest, DatagramSocket, SendTally, TakeDatagram } from '../../contract/sockets.ts'
import { noteRefusal, SendErrors, UNKNOWN } from '../tally.ts'
import type { NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import {
  IP_MTU,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MTU,
  IPV6_RECVPKTINFO,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_WAITFORONE,
  MSG_ZEROCOPY,
  SK_MEMINFO,
  SO_MEMINFO,
  SO_RXQ_OVFL,
  SOCK_DGRAM,
  SOL_SOCKET,
  UDP_MAX_SEGMENTS,
} from './linux.ts'
import { BATCH, batchOf, Calls } from './messages.ts'
import { setOptions, stateOf } from './options.ts'
import { ZeroCopy } from './zero-copy.ts'

/** Datagrams read from one socket before other sockets get their turn. */
const DATAGRAMS_A_TURN = 16 * BATCH
/** The largest send with UDP_SEGMENT: 65,535 less the UDP header and, over IPv4, the IP header. */
const SEGMENTED_BYTES = { 4: 65_507, 6: 65_527 } as const
/** Consecutive sends with UDP_SEGMENT before other sockets get their turn. */
const SEGMENTED_BURST = 16

export class NativeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly state: SocketState
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #options: SocketOptions
  readonly #zeroCopy: ZeroCopy | undefined
  readonly #errors = new SendErrors()
  readonly #connected: boolean
  readonly #batch: number
  readonly #sendCalls = new Calls()
  readonly #readCalls = new Calls()
  /** Bound to the wildcard address and able to read each datagram's destination address. */
  readonly #asksWhere: boolean
  #take: TakeDatagram | undefined
  #fault: ((code: string) => void) | undefined
  #more: () => boolean = () => false
  #segmentedSends = 0
  #gluedReads = 0
  #rxqOverflow: number | undefined
  /** Smallest size that the kernel would not segment on this socket. */
  #unsegmentableBytes = Number.POSITIVE_INFINITY
  #lastInfo: SocketInfo = {}
  /** The error that the datagram behind those of `together` met. */
  #hidden: string | undefined

  /** @throws the system's error if it cannot be bound or connected, or an option cannot be set */
  constructor(context: NativeContext, { local, connect, options = {} }: DatagramRequest) {
    const { libc } = context
    this.#context = context
    this.#options = options
    this.#batch = batchOf(options)
    this.#connected = connect !== undefined
    const wildcard = isWildcard(local.host) && !connect
    const readable = () => this.#receive(MSG_DONTWAIT)
    const receive = () => (this.#more() ? this.#receive(MSG_WAITFORONE) : undefined)
    this.#socket = Descriptor.create(context, local.family, SOCK_DGRAM, readable, wildcard, receive)
    try {
      // Set before connecting: afterwards, setting a traffic class drops the cached route, and with it the path MTU.
      setOptions(this.#socket, 'datagram', options)
      this.#rxqOverflow = this.#socket.trySetOption(SOL_SOCKET, SO_RXQ_OVFL, 1) ? 0 : undefined
      this.#asksWhere = wildcard && this.#socket.trySetOption(...destinations(local.family), 1)
      if (this.#socket.withAddress('bind', local) < 0) throw systemError(libc, 'bind')
      if (connect && this.#socket.withAddress('connect', connect) < 0) throw systemError(libc, 'connect')
      this.local = this.#socket.local
      this.state = stateOf(this.#socket, 'datagram', options)
    } catch (error) {
      this.#socket.close()
      throw error
    }
    this.#zeroCopy = options.zerocopy ? new ZeroCopy(this.#socket, context) : undefined
  }

  read(take: TakeDatagram, fault?: (code: string) => void, more?: () => boolean): void {
    this.#take = take
    this.#fault = fault
    if (more) this.#more = more
    this.#socket.read()
  }

  burst(chunkBytes: number): number {
    const each = this.#datagramsASend(chunkBytes)
    return each === 1 ? BATCH : each * SEGMENTED_BURST
  }

  async send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void> {
    const end = first + count
    const next: Next = { error: this.#hidden }
    this.#hidden = undefined
    for (let index = first; index < end && !tally.failure; ) {
      if (!this.#socket.open) {
        tally.failure = { code: 'ABORTED', message: 'the socket was closed' }
        return
      }
      const step = this.#offer(bytes, chunkBytes, index, end - index, tally, to, next)
      if (step === 0 && !tally.failure) await (this.#zeroCopy ?? this.#socket).writable()
      index += step
    }
    await this.#zeroCopy?.released()
    // Large senders send full batches: let everything else run between them.
    if (count >= BATCH && !this.#context.poller.alone(0)) await this.#context.poller.pause(0)
  }

  together(datagrams: readonly Buffer[]): (() => number) | undefined {
    const { libc, outgoing } = this.#context
    const { gso, zerocopy } = this.#options
    if (gso || zerocopy || datagrams.length > this.#batch) return undefined
    outgoing.address(undefined, this.#socket.family)
    for (const [slot, bytes] of datagrams.entries()) outgoing.set(slot, libc.addressOf(bytes), bytes.length)
    return () => {
      const { fd } = this.#socket
      const taken = libc.sendmmsg(fd, outgoing.headers.address, datagrams.length, MSG_DONTWAIT | MSG_NOSIGNAL)
      if (taken > 0) {
        this.#sendCalls.note(taken)
        if (taken < datagrams.length && this.#hasRoom()) this.#hidden = UNKNOWN
        return taken
      }
      const code = errorName(libc.errno())
      // Any other error recurs, and is judged then.
      if (this.#errors.judge(code, undefined) === 'repeat') this.#hidden = code
      return 0
    }
  }

  pause(ms: number): Promise<void> {
    return this.#context.poller.pause(ms)
  }

  info(): SocketInfo {
    if (!this.#socket.open) return this.#lastInfo
    return {
      drops: this.#drops(),
      rxqOverflow: this.#rxqOverflow,
      pathMtuBytes: this.#connected ? this.#pathMtu() : undefined,
      ...(this.#options.gso ? { segmentedSends: this.#segmentedSends } : {}),
      ...(this.#options.gro ? { gluedReads: this.#gluedReads } : {}),
      ...this.#zeroCopy?.counts,
      sendsPerCall: this.#sendCalls.mean,
      readsPerCall: this.#readCalls.mean,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lastInfo = this.info()
    this.#take = undefined
    this.#socket.close()
  }

  /** Offers up to `count` datagrams in one system call; returns how many it answered for. */
  #offer(
    bytes: Buffer,
    chunkBytes: number,
    index: number,
    count: number,
    tally: SendTally,
    to: Endpoint | undefined,
    next: Next,
  ): number {
    const { libc, outgoing: whole, segmenting } = this.#context
    const each = Math.min(this.#datagramsASend(chunkBytes), count)
    const outgoing = each === 1 ? whole : segmenting
    if (each > 1) segmenting.segment(chunkBytes)
    const address = libc.addressOf(bytes)
    const offered = Math.min(count, each * this.#batch)
    const messages = Math.ceil(offered / each)
    const bytesOf = (datagram: number, datagrams: number) =>
      Math.min(datagrams * chunkBytes, bytes.length - datagram * chunkBytes)
    outgoing.address(to, this.#socket.family)
    for (let slot = 0; slot < messages; slot++) {
      const datagram = index + slot * each
      const datagrams = Math.min(each, offered - slot * each)
      outgoing.set(slot, address + datagram * chunkBytes, bytesOf(datagram, datagrams))
    }
    const flags = MSG_DONTWAIT | MSG_NOSIGNAL | (this.#zeroCopy ? MSG_ZEROCOPY : 0)
    const taken = libc.sendmmsg(this.#socket.fd, outgoing.headers.address, messages, flags)
    // Read errno before any other system call.
    const error = taken > 0 ? undefined : systemError(libc, 'sendmmsg')
    if (!error) {
      const datagrams = Math.min(taken * each, offered)
      tally.accepted += datagrams
      tally.acceptedBytes += bytesOf(index, datagrams)
      if (next.error !== undefined) tally.repeated += Math.min(each, datagrams)
      // sendmmsg hides the error that ended a batch; the only harmless reason is a full send buffer.
      next.error = taken < messages && !this.#zeroCopy && this.#hasRoom() ? UNKNOWN : undefined
      this.#sendCalls.note(datagrams)
      // The last message may hold a single datagram.
      if (each > 1) this.#segmentedSends += Math.floor(datagrams / each) + (datagrams % each > 1 ? 1 : 0)
      // The kernel reports no completion for an empty send.
      if (bytes.length > 0) this.#zeroCopy?.sent(taken)
      if (taken < messages) this.#zeroCopy?.notTaken()
      return datagrams
    }
    // The first of the batch was refused; the others were not tried.
    const { code } = error
    if (this.#zeroCopy?.notTaken(code)) return 0
    if (code === 'EAGAIN' || code === 'EINTR') return 0
    if (each > 1 && NOT_CUT.has(code) && (code !== 'EMSGSIZE' || next.error !== undefined)) {
      // From now on, the kernel decides about each datagram separately.
      this.#unsegmentableBytes = Math.min(this.#unsegmentableBytes, chunkBytes)
      next.error = undefined
      return this.#offer(bytes, chunkBytes, index, count, tally, to, next)
    }
    switch (this.#errors.judge(code, next.error)) {
      case 'repeat':
        next.error = code
        return this.#offer(bytes, chunkBytes, index, count, tally, to, next)
      case 'fail':
        tally.failure ??= { code, message: errorMessage(error) }
        return 0
    }
    // After EPERM from a local firewall, the ICMP error that it also sends adds nothing.
    const reason = code === 'ECONNREFUSED' && next.error ? next.error : code
    next.error = undefined
    const refused = Math.min(each, offered)
    for (let datagram = index; datagram < index + refused; datagram++)
      noteRefusal(tally, reason, bytesOf(datagram, 1), false)
    return refused
  }

  /** Applies the kernel's own rule: a datagram socket is writable while less than half its send buffer is in use. */
  #hasRoom(): boolean {
    const memory = this.#socket.tryGetBytes(SOL_SOCKET, SO_MEMINFO, SK_MEMINFO.size)
    if (memory?.length !== SK_MEMINFO.size) return false
    return memory.readUInt32LE(SK_MEMINFO.wmemAlloc) * 2 < memory.readUInt32LE(SK_MEMINFO.sndbuf)
  }

  #datagramsASend(chunkBytes: number): number {
    if (!this.#options.gso || chunkBytes >= this.#unsegmentableBytes) return 1
    const fit = Math.floor(SEGMENTED_BYTES[this.local.family] / chunkBytes)
    return Math.max(1, Math.min(UDP_MAX_SEGMENTS, fit))
  }

  /** Undefined if the system does not report it. */
  #drops(): number | undefined {
    const memory = this.#socket.tryGetBytes(SOL_SOCKET, SO_MEMINFO, SK_MEMINFO.size)
    return memory?.length === SK_MEMINFO.size ? memory.readUInt32LE(SK_MEMINFO.drops) : undefined
  }

  /** Undefined if there is no route any more. */
  #pathMtu(): number | undefined {
    return this.local.family === 6
      ? this.#socket.tryGetOption(IPPROTO_IPV6, IPV6_MTU)
      : this.#socket.tryGetOption(IPPROTO_IP, IP_MTU)
  }

  /** Delivers what arrives, up to one turn's worth; returns whether anything did. @param flags of the first call */
  #receive(flags: number): boolean {
    const { libc, incoming, poller } = this.#context
    let received = false
    for (let calls = DATAGRAMS_A_TURN / this.#batch; calls > 0 && this.#socket.open; calls--) {
      const count = libc.recvmmsg(this.#socket.fd, incoming.headers.address, this.#batch, flags, 0)
      if (count < 0) {
        const code = errorName(libc.errno())
        if (code === 'EAGAIN') break
        if (code === 'EINTR' || !this.#errors.endsPath(code)) continue
        this.#fault?.(code)
        break
      }
      received = true
      const at = monotonic()
      this.#errors.heard()
      this.#rxqOverflow = incoming.overflow(count - 1) ?? this.#rxqOverflow
      let datagrams = 0
      for (let index = 0; index < count; index++) datagrams += this.#handOver(index, at)
      this.#readCalls.note(datagrams)
      incoming.rearm(count)
      const waits = this.#more() && poller.alone(0)
      if (count < this.#batch && !waits) break
      flags = waits ? MSG_WAITFORONE : MSG_DONTWAIT
    }
    return received
  }

  /** Returns how many datagrams the message held. */
  #handOver(index: number, at: number): number {
    const { incoming } = this.#context
    const start = incoming.start(index)
    const length = incoming.length(index)
    const eachBytes = this.#options.gro ? incoming.eachBytes(index) : undefined
    if (eachBytes !== undefined) this.#gluedReads++
    const from = this.#asksWhere ? incoming.sourceAsking(index, this.#socket.family) : incoming.source(index)
    this.#take?.(incoming.memory.bytes, start, start + length, from, at, eachBytes)
    return eachBytes === undefined ? 1 : Math.ceil(length / eachBytes)
  }
}

/** The next datagram to offer: the error of its first attempt, if it had one. */
interface Next {
  error: string | undefined
}

function destinations(family: 4 | 6): readonly [level: number, option: number] {
  return family === 6 ? [IPPROTO_IPV6, IPV6_RECVPKTINFO] : [IPPROTO_IP, IP_PKTINFO]
}

/** The kernel cannot segment here, or not at this size (over the path MTU, for example, where each segment would be fragmented). */
const NOT_CUT = new Set(['EINVAL', 'EMSGSIZE', 'EIO', 'ENOPROTOOPT', 'EOPNOTSUPP'])
