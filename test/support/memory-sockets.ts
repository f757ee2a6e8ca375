/** An engine without a system: sockets of one process, joined by a link that a test scripts. Ports are those of one instance. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { isMulticast } from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type {
  ConnectRequest,
  DatagramRequest,
  DatagramSocket,
  ListenRequest,
  Objection,
  SendTally,
  Sockets,
  StreamListener,
  TakeDatagram,
} from '../../transports/contract/sockets.ts'
import { pauseByTimers } from '../../transports/engines/node/pause.ts'
import { MemoryStream } from './memory-stream.ts'

/** A datagram as it comes out of the link; from its sender, unless the link says otherwise. */
export interface Arrival {
  readonly bytes: Buffer
  readonly from?: Endpoint
}

/**
 * What becomes of a datagram that the system has accepted: all that arrives now at `to`. None when it is lost, two when it is
 * duplicated; a link that keeps one back and gives it later reorders. The bytes are the link's own. `receiver`: which of those that have
 * joined a group, from 0.
 */
export type Link = (bytes: Buffer, from: Endpoint, to: Endpoint, receiver: number) => readonly Arrival[]

/** Everything arrives. */
export const perfectLink: Link = bytes => [{ bytes }]

export class MemorySockets implements Sockets {
  readonly engine = 'memory'
  readonly summary = 'no system at all: for tests'
  readonly #link: Link
  /** Several have joined a group. */
  readonly #datagrams = new Map<string, readonly MemoryDatagramSocket[]>()
  readonly #listeners = new Map<string, MemoryListener>()
  #port = 40_000

  constructor(link: Link = perfectLink) {
    this.#link = link
  }

  /** There is no system that could refuse one. */
  objection(): Objection | undefined {
    return undefined
  }

  async bindDatagram(request: DatagramRequest): Promise<DatagramSocket> {
    request.signal.throwIfAborted()
    const local = this.#claim(this.#datagrams, request.local)
    const socket = new MemoryDatagramSocket(local, request, this)
    this.#datagrams.set(key(local), [...(this.#datagrams.get(key(local)) ?? []), socket])
    return socket
  }

  async listen(request: ListenRequest, connection: (stream: MemoryStream) => void): Promise<StreamListener> {
    request.signal.throwIfAborted()
    const local = this.#claim(this.#listeners, request.local)
    const listener = new MemoryListener(local, connection, () => this.#listeners.delete(key(local)))
    this.#listeners.set(key(local), listener)
    return listener
  }

  async connect({ signal, to, starting }: ConnectRequest): Promise<MemoryStream> {
    signal.throwIfAborted()
    starting?.()
    const listener = this.#listeners.get(key(to))
    if (!listener) throw systemError('ECONNREFUSED')
    const local = { ...to, port: this.#port++ }
    const [client, server] = MemoryStream.pair(local, to)
    await nextTurn()
    listener.accept(server)
    return client
  }

  /** Puts a datagram on the link. False when nobody is bound where it goes. */
  carry(bytes: Buffer, from: Endpoint, to: Endpoint): boolean {
    const targets = this.#datagrams.get(key(to)) ?? []
    for (const [receiver, target] of (targets.length > 0 ? targets : [undefined]).entries())
      for (const arrival of this.#link(Buffer.from(bytes), from, to, receiver))
        target?.arrive(arrival.bytes, arrival.from ?? from)
    return targets.length > 0
  }

  release(socket: MemoryDatagramSocket): void {
    const left = this.#datagrams.get(key(socket.local))?.filter(each => each !== socket) ?? []
    if (left.length > 0) this.#datagrams.set(key(socket.local), left)
    else this.#datagrams.delete(key(socket.local))
  }

  #claim(taken: ReadonlyMap<string, unknown>, { host, port, family }: Endpoint): Endpoint {
    const local = {
      host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host,
      port: port === 0 ? this.#port++ : port,
      family,
    }
    if (taken.has(key(local)) && !isMulticast(host)) throw systemError('EADDRINUSE')
    return local
  }
}

class MemoryDatagramSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly state = {}
  readonly #peer: Endpoint | undefined
  readonly #sockets: MemorySockets
  readonly #queue: { bytes: Buffer; from: Endpoint }[] = []
  #take: TakeDatagram | undefined
  #fault: ((code: string) => void) | undefined
  #refused = false
  #closed = false

  constructor(local: Endpoint, request: DatagramRequest, sockets: MemorySockets) {
    this.local = local
    this.#peer = request.connect
    this.#sockets = sockets
  }

  read(take: TakeDatagram, fault?: (code: string) => void): void {
    this.#take = take
    this.#fault = fault
    if (this.#queue.length > 0) setImmediate(() => this.#handOver())
  }

  burst() {
    return 64
  }

  info() {
    return {}
  }

  async send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void> {
    for (let index = first; index < first + count && !tally.failure; index++) {
      const start = index * chunkBytes
      this.#offer(bytes.subarray(start, start + chunkBytes), tally, to ?? this.#peer)
    }
    await nextTurn()
  }

  pause(ms: number): Promise<void> {
    return pauseByTimers(ms)
  }

  arrive(bytes: Buffer, from: Endpoint): void {
    if (this.#peer && key(this.#peer) !== key(from)) return
    this.#queue.push({ bytes, from })
    if (this.#take && this.#queue.length === 1) setImmediate(() => this.#handOver())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#sockets.release(this)
  }

  #offer(bytes: Buffer, tally: SendTally, to: Endpoint | undefined): void {
    const code = this.#closed ? 'ABORTED' : this.#refused ? 'ECONNREFUSED' : undefined
    if (code !== undefined || !to) {
      tally.failure = { code: code ?? 'EDESTADDRREQ', message: 'not sent' }
    } else if (bytes.length > largestDatagram(to.family)) {
      tally.refused++
      tally.refusal ??= { code: 'EMSGSIZE', datagramBytes: bytes.length, emulated: false }
    } else {
      tally.accepted++
      tally.acceptedBytes += bytes.length
      if (!this.#sockets.carry(bytes, this.local, to) && this.#peer) setImmediate(() => this.#unreachable())
    }
  }

  #unreachable(): void {
    if (this.#refused || this.#closed) return
    this.#refused = true
    this.#fault?.('ECONNREFUSED')
  }

  #handOver(): void {
    for (const { bytes, from } of this.#queue.splice(0)) {
      if (!this.#closed) this.#take?.(bytes, 0, bytes.length, from, monotonic())
    }
  }
}

class MemoryListener implements StreamListener {
  readonly local: Endpoint
  readonly #connection: (stream: MemoryStream) => void
  readonly #release: () => void
  readonly #streams: MemoryStream[] = []

  constructor(local: Endpoint, connection: (stream: MemoryStream) => void, release: () => void) {
    this.local = local
    this.#connection = connection
    this.#release = release
  }

  accept(stream: MemoryStream): void {
    this.#streams.push(stream)
    this.#connection(stream)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#release()
    await Promise.all(this.#streams.map(stream => stream[Symbol.asyncDispose]()))
  }
}

function largestDatagram(family: 4 | 6): number {
  return family === 6 ? 65_527 : 65_507
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: in memory`), { code })
}

function key({ host, port }: Endpoint): string {
  return `${host} ${port}`
}
