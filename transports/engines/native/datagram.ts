/** Datagrams by recvmmsg, up to 64 per system call; how they are sent is in sending.ts. */
import { monotonic } from '../../../base/clock.ts'
import { isMulticast, isWildcard } from '../../contract/addresses.ts'
import type { Endpoint, SocketInfo, SocketOptions, SocketState } from '../../contract/socket-facts.ts'
import type { DatagramRequest, DatagramSocket, TakeDatagram } from '../../contract/sockets.ts'
import { SendErrors } from '../tally.ts'
import {
  BINDS_TO_GROUPS,
  IP_RECVTTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVHOPLIMIT,
  MAPS_PKTINFO,
  MSG_DONTWAIT,
  MSG_WAITFORONE,
  PATH_MTU,
  REPORT_PKTINFO,
  SK_MEMINFO,
  SO_RXQ_OVFL,
  SOCK_DGRAM,
  SOL_SOCKET,
} from './abi.ts'
import type { NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import { BATCH, batchOf, Calls } from './messages.ts'
import { bindingHost, groupOptions, join, share } from './multicast.ts'
import { setOptions, stateOf } from './options.ts'
import { DatagramSending } from './sending.ts'
import { ZeroCopy } from './zero-copy.ts'

/** Datagrams read from one socket before other sockets get their turn. */
const DATAGRAMS_A_TURN = 16 * BATCH
/**
 * Where so many waits in a row brought one datagram each, as answers do, the next ones ask for one: in a batch, the system looks for a second
 * one in vain. Every so many of them ask for a batch again, in case more have come to arrive at once.
 */
const SINGLES_IN_A_ROW = 8
const BATCH_EVERY = 16

export class NativeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly state: SocketState
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #options: SocketOptions
  readonly #sending: DatagramSending
  readonly #zeroCopy: ZeroCopy | undefined
  readonly #errors = new SendErrors()
  readonly #connected: boolean
  readonly #batch: number
  readonly #readCalls = new Calls()
  /** Bound to the wildcard address and able to read each datagram's destination address. */
  readonly #asksWhere: boolean
  readonly #asksHops: boolean
  #take: TakeDatagram | undefined
  #fault: ((code: string) => void) | undefined
  #more: () => boolean = () => false
  #gluedReads = 0
  #singles = 0
  #rxqOverflow: number | undefined
  #lastInfo: SocketInfo = {}

  /** @throws the system's error if it cannot be bound or connected, or an option cannot be set */
  constructor(context: NativeContext, request: DatagramRequest) {
    const { libc } = context
    const { local, connect, hops = false } = request
    const ofGroup = groupOptions(request)
    const options = ofGroup ?? request.options ?? {}
    const kind = ofGroup ? 'multicast' : 'datagram'
    const joins = isMulticast(local.host)
    this.#context = context
    this.#options = options
    this.#batch = batchOf(options)
    this.#connected = connect !== undefined
    this.#asksHops = hops
    const wildcard = isWildcard(local.host) && !connect
    const readable = () => this.#receive(MSG_DONTWAIT)
    const receive = () => (this.#more() ? this.#receive(MSG_WAITFORONE) : undefined)
    this.#socket = Descriptor.create(context, local.family, SOCK_DGRAM, readable, wildcard, receive)
    try {
      // Set before connecting: afterwards, setting a traffic class drops the cached route, and with it the path MTU.
      setOptions(this.#socket, kind, options)
      if (joins) share(this.#socket)
      this.#rxqOverflow = this.#socket.trySetOption(SOL_SOCKET, SO_RXQ_OVFL, 1) ? 0 : undefined
      this.#asksWhere = wildcard && this.#socket.trySetOption(...REPORT_PKTINFO[local.family], 1)
      if (this.#asksWhere && !MAPS_PKTINFO) this.#socket.trySetOption(...REPORT_PKTINFO[4], 1)
      if (hops) {
        // An IPv6 socket that accepts IPv4 needs both.
        this.#socket.trySetOption(IPPROTO_IP, IP_RECVTTL, 1)
        if (local.family === 6) this.#socket.trySetOption(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
      }
      const at = joins ? { ...local, host: bindingHost(local, options) } : local
      if (this.#socket.withAddress('bind', at) < 0) throw systemError(libc, 'bind')
      if (joins) join(this.#socket, local.host, options)
      if (connect && this.#socket.withAddress('connect', connect) < 0) throw systemError(libc, 'connect')
      const bound = this.#socket.local
      this.local = joins && !BINDS_TO_GROUPS ? { ...bound, host: local.host } : bound
      this.state = stateOf(this.#socket, kind, options)
    } catch (error) {
      this.#socket.close()
      throw error
    }
    this.#zeroCopy = options.zerocopy ? new ZeroCopy(this.#socket, context) : undefined
    this.#sending = new DatagramSending(context, this.#socket, options, this.#errors, this.#zeroCopy)
  }

  read(take: TakeDatagram, fault?: (code: string) => void, more?: () => boolean): void {
    this.#take = take
    this.#fault = fault
    if (more) this.#more = more
    this.#socket.read()
  }

  readonly burst: DatagramSocket['burst'] = chunkBytes => this.#sending.burst(chunkBytes)

  readonly send: DatagramSocket['send'] = (bytes, chunkBytes, first, count, tally, to) =>
    this.#sending.send(bytes, chunkBytes, first, count, tally, to)

  readonly together = (datagrams: readonly Buffer[]) => this.#sending.together(datagrams)

  pause(ms: number): Promise<void> {
    return this.#context.poller.pause(ms)
  }

  info(): SocketInfo {
    if (!this.#socket.open) return this.#lastInfo
    return {
      drops: this.#socket.meminfo?.readUInt32LE(SK_MEMINFO.drops),
      rxqOverflow: this.#rxqOverflow,
      // Undefined if there is no route any more.
      pathMtuBytes: this.#connected ? this.#socket.tryGetOption(...PATH_MTU[this.local.family]) : undefined,
      fullSends: this.#sending.fullSends,
      ...(this.#options.gso ? { segmentedSends: this.#sending.segmentedSends } : {}),
      ...(this.#options.gro ? { gluedReads: this.#gluedReads } : {}),
      ...this.#zeroCopy?.counts,
      sendsPerCall: this.#sending.calls.mean,
      readsPerCall: this.#readCalls.mean,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lastInfo = this.info()
    this.#take = undefined
    this.#socket.close()
  }

  /** Delivers what arrives, up to one turn's worth; returns whether anything did. @param flags of the first call */
  #receive(flags: number): boolean {
    const { libc, incoming, poller } = this.#context
    let received = false
    for (let calls = DATAGRAMS_A_TURN / this.#batch; calls > 0 && this.#socket.open; calls--) {
      const most = flags === MSG_WAITFORONE ? this.#expected() : this.#batch
      const count = libc.recvmmsg(this.#socket.fd, incoming.headers.address, most, flags, 0)
      if (count < 0) {
        const code = errorName(libc.errno())
        if (code === 'EAGAIN') break
        // Windows has overwritten the lengths then, too.
        incoming.rearm(1)
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
      this.#singles = datagrams === 1 ? this.#singles + 1 : 0
      const waits = this.#more() && poller.alone(0, at)
      if (count < most && !waits) break
      flags = waits ? MSG_WAITFORONE : MSG_DONTWAIT
    }
    return received
  }

  /** How many datagrams to wait for at once. */
  #expected(): number {
    const isSingle = this.#singles >= SINGLES_IN_A_ROW && this.#singles % BATCH_EVERY !== 0
    return isSingle ? 1 : this.#batch
  }

  /** Returns how many datagrams the message held. */
  #handOver(index: number, at: number): number {
    const { incoming } = this.#context
    const start = incoming.start(index)
    const length = incoming.length(index)
    const eachBytes = this.#options.gro ? incoming.eachBytes(index) : undefined
    if (eachBytes !== undefined) this.#gluedReads++
    const from = this.#asksWhere ? incoming.sourceAsking(index, this.#socket.family) : incoming.source(index)
    const hops = this.#asksHops ? incoming.hops(index) : undefined
    this.#take?.(incoming.memory.bytes, start, start + length, from, at, eachBytes, hops)
    return eachBytes === undefined ? 1 : Math.ceil(length / eachBytes)
  }
}
