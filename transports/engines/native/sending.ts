/** Sends datagrams by sendmmsg: up to 64 per system call, and with UDP_SEGMENT up to 64 per message. */
import { errorCode, errorMessage } from '../../../base/errors.ts'
import type { Endpoint, SocketOptions } from '../../contract/socket-facts.ts'
import type { DatagramSocket, SendTally } from '../../contract/sockets.ts'
import { noteRefusal, type SendErrors, UNKNOWN } from '../tally.ts'
import { BLOCKS, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_ZEROCOPY, SK_MEMINFO, UDP_MAX_SEGMENTS } from './abi.ts'
import type { NativeContext } from './context.ts'
import type { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import { BATCH, batchOf, Calls } from './messages.ts'
import type { ZeroCopy } from './zero-copy.ts'

/** The largest send with UDP_SEGMENT: 65,535 less the UDP header and, over IPv4, the IP header. */
const SEGMENTED_BYTES = { 4: 65_507, 6: 65_527 } as const
/** Consecutive sends with UDP_SEGMENT before other sockets get their turn. */
const SEGMENTED_BURST = 16

export class DatagramSending implements Pick<DatagramSocket, 'burst' | 'send' | 'together'> {
  readonly calls = new Calls()
  segmentedSends = 0
  fullSends = 0
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #options: SocketOptions
  readonly #errors: SendErrors
  readonly #zeroCopy: ZeroCopy | undefined
  readonly #batch: number
  /** Smallest size that the kernel would not segment on this socket. */
  #unsegmentableBytes = Number.POSITIVE_INFINITY
  /** The error that the datagram behind those of `together` met. */
  #hidden: string | undefined

  constructor(
    context: NativeContext,
    socket: Descriptor,
    options: SocketOptions,
    errors: SendErrors,
    zeroCopy: ZeroCopy | undefined,
  ) {
    this.#context = context
    this.#socket = socket
    this.#options = options
    this.#errors = errors
    this.#zeroCopy = zeroCopy
    this.#batch = batchOf(options)
  }

  burst(chunkBytes: number): number {
    const each = this.#datagramsASend(chunkBytes)
    return each === 1 ? BATCH : each * SEGMENTED_BURST
  }

  readonly send: DatagramSocket['send'] = async (bytes, chunkBytes, first, count, tally, to) => {
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
        this.calls.note(taken)
        if (taken < datagrams.length) this.#hidden = this.#hiddenError()
        return taken
      }
      const code = errorName(libc.errno())
      if (code === 'EAGAIN') this.fullSends++
      // Any other error recurs, and is judged then.
      if (this.#errors.judge(code, undefined) === 'repeat') this.#hidden = code
      return 0
    }
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
    try {
      outgoing.address(to, this.#socket.family)
    } catch (error) {
      // The interface that a link-local source came in by may be gone.
      tally.failure ??= { code: errorCode(error) ?? 'EINVAL', message: errorMessage(error) }
      return 0
    }
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
      next.error = taken < messages && !this.#zeroCopy ? this.#hiddenError() : undefined
      this.calls.note(datagrams)
      // The last message may hold a single datagram.
      if (each > 1) this.segmentedSends += Math.floor(datagrams / each) + (datagrams % each > 1 ? 1 : 0)
      // The kernel reports no completion for an empty send.
      if (bytes.length > 0) this.#zeroCopy?.sent(taken)
      if (taken < messages) this.#zeroCopy?.notTaken()
      return datagrams
    }
    // The first of the batch was refused; the others were not tried.
    const { code } = error
    if (this.#zeroCopy?.notTaken(code)) return 0
    if (code === 'EAGAIN') this.fullSends++
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

  /** sendmmsg hides the error that ended a batch; the only harmless reason is a full send buffer. Elsewhere it is not known. */
  #hiddenError(): string | undefined {
    if (!BLOCKS) return undefined
    if (this.#hasRoom()) return UNKNOWN
    this.fullSends++
    return undefined
  }

  /** Applies the kernel's own rule: a datagram socket is writable while less than half its send buffer is in use. */
  #hasRoom(): boolean {
    const { meminfo } = this.#socket
    if (!meminfo) return false
    return meminfo.readUInt32LE(SK_MEMINFO.wmemAlloc) * 2 < meminfo.readUInt32LE(SK_MEMINFO.sndbuf)
  }

  #datagramsASend(chunkBytes: number): number {
    if (!this.#options.gso || chunkBytes >= this.#unsegmentableBytes) return 1
    const fit = Math.floor(SEGMENTED_BYTES[this.#socket.family] / chunkBytes)
    return Math.max(1, Math.min(UDP_MAX_SEGMENTS, fit))
  }
}

/** The next datagram to offer: the error of its first attempt, if it had one. */
interface Next {
  error: string | undefined
}

/** The kernel cannot segment here, or not at this size (over the path MTU, for example, where each segment would be fragmented). */
const NOT_CUT = new Set(['EINVAL', 'EMSGSIZE', 'EIO', 'ENOPROTOOPT', 'EOPNOTSUPP'])
