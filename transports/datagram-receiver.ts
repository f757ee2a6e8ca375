/** Receives payloads that come as datagrams: what all UDP transports share. Their wire formats are the `ReceivingFormat`. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from '../bench/clock.ts'
import { formatBytes } from '../bench/units.ts'
import { Bell } from '../bench/waiting.ts'
import { HeldMemory } from './held-memory.ts'
import { Reception } from './reception.ts'
import type { DatagramSocket, Endpoint, Sockets } from './sockets/sockets.ts'
import { newTally } from './sockets/tally.ts'
import type {
  Expectation,
  Failure,
  ReceiveOptions,
  ReceiveReport,
  Receiver,
  SentCounts,
} from './transport.ts'

/** What an arriving datagram means. */
export type Meaning =
  | { readonly kind: 'begin'; readonly announcedBytes?: number }
  /** Payload; `alone`: it is a whole transfer by itself. */
  | { readonly kind: 'payload'; readonly alone?: true }
  | { readonly kind: 'end' }
  | { readonly kind: 'ignored' }

export interface ReceivingFormat {
  /** Reads a datagram; `open` tells whether a transfer has begun and how many payload bytes of it have come. */
  readonly meaning: (
    memory: Buffer,
    start: number,
    end: number,
    open: { bytes: number } | undefined,
  ) => Meaning
  /** What begins a transfer, for a report without one. */
  readonly beginning: 'begin' | 'header' | undefined
  /** An end marker closes a transfer; without one, the announced length or the single datagram does. */
  readonly endMarker: boolean
  /** Answered to the sender when all has come. */
  readonly acknowledgement?: Buffer
  /** The expectation as this format cuts it into datagrams. */
  readonly cut?: (expected: Expectation) => Expectation
}

/** Of all markers and headers. */
const LONGEST_SIGNAL_BYTES = 8

export async function receiveDatagrams(
  sockets: Sockets,
  options: ReceiveOptions,
  format: ReceivingFormat,
): Promise<Receiver> {
  const { signal, local } = options
  const socket = await sockets.bindDatagram({ signal, local, options: options.socket })
  return new DatagramReceiver(socket, options, format)
}

/** One transfer, from its first datagram on. */
interface Transfer {
  readonly from: Endpoint
  readonly reception: Reception
  readonly announcedBytes: number | undefined
  firstAt?: number
  lastAt?: number
  ended: boolean
  acknowledged: boolean
  failure?: Failure
}

class DatagramReceiver implements Receiver {
  readonly endpoint: Endpoint
  readonly state
  readonly #socket: DatagramSocket
  readonly #options: ReceiveOptions
  readonly #format: ReceivingFormat
  readonly #expected: Expectation | undefined
  #memory: HeldMemory | undefined
  #open: Transfer | undefined
  #stray = 0
  late = 0
  #drained = false
  #arrivedAt = 0
  /** What a settled transfer still waits for has come. */
  readonly #satisfied = new Bell()
  #settling: SentCounts | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(socket: DatagramSocket, options: ReceiveOptions, format: ReceivingFormat) {
    this.#socket = socket
    this.#options = options
    this.#format = format
    this.endpoint = socket.local
    this.state = socket.state
    this.#expected = options.expected && (format.cut?.(options.expected) ?? options.expected)
    this.#memory = this.#newMemory()
    socket.read((memory, start, end, from, eachBytes) => {
      if (eachBytes === undefined) this.#take(memory, start, end, from)
      else this.#takeGlued(memory, start, end, from, eachBytes)
    })
  }

  get info() {
    return this.#socket.info()
  }

  async settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport> {
    const until = monotonic() + deadlineMs
    this.#arrivedAt = monotonic()
    this.#settling = sent
    while (!this.#satisfies(sent) && !this.#options.signal.aborted) {
      const quietLeftMs = Math.min(this.#arrivedAt + quietMs, until) - monotonic()
      if (quietLeftMs > 0) await this.#satisfied.wait(quietLeftMs, this.#options.signal)
      else if (!(await this.#stillArriving(quietMs, until))) break
    }
    this.#drained = true
    return this.#report(this.#open)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle)
    this.#open = undefined
    await this.#socket[Symbol.asyncDispose]()
  }

  /** Several datagrams in one piece: in the middle of a transfer they are compared with it at once, else one by one. */
  #takeGlued(memory: Buffer, start: number, end: number, from: Endpoint, eachBytes: number): void {
    let at = start
    const open = this.#open
    // What is longer than any marker or header can only be payload.
    const payload = open && !open.failure && !this.#drained && eachBytes > LONGEST_SIGNAL_BYTES
    if (payload && sameSource(open.from, from)) {
      at = open.reception.takeRun(memory, start, end, eachBytes)
      if (at > start) {
        this.#arrivedAt = monotonic()
        this.#tookPayload(open)
        this.#look()
      }
    }
    for (; at < end; at += eachBytes) this.#take(memory, at, Math.min(at + eachBytes, end), from)
  }

  #take(memory: Buffer, start: number, end: number, from: Endpoint): void {
    if (this.#options.peer !== undefined && this.#options.peer !== from.host) {
      this.#stray++
      return
    }
    if (this.#drained) {
      if (this.#open && sameSource(this.#open.from, from)) this.late++
      else this.#stray++
      return
    }
    if (this.#open && !sameSource(this.#open.from, from)) {
      this.#stray++
      return
    }
    const meaning = this.#format.meaning(memory, start, end, this.#open?.reception)
    // What means nothing does not keep a transfer open.
    if (meaning.kind !== 'ignored') this.#arrivedAt = monotonic()
    switch (meaning.kind) {
      case 'begin':
        // With the header lost, a chunk as long as one may look like it.
        if (this.#announcesAnother(meaning.announcedBytes)) this.#stray++
        else this.#begin(from, meaning.announcedBytes)
        break
      case 'payload':
        if (meaning.alone && !this.#open) this.#begin(from, end - start)
        this.#payload(memory, start, end)
        break
      case 'end':
        if (this.#open) this.#open.ended = true
        else this.#stray++
        break
      case 'ignored':
        // Existing senders emit an empty datagram after the last chunk: nobody else's.
        if (!this.#open && end > start) this.#stray++
    }
    this.#look()
  }

  #announcesAnother(announcedBytes: number | undefined): boolean {
    return (
      this.#expected !== undefined &&
      (announcedBytes ?? this.#expected.sizeBytes) !== this.#expected.sizeBytes
    )
  }

  #begin(from: Endpoint, announcedBytes: number | undefined): void {
    // A beginning that came twice changes nothing; one in the middle of a transfer starts afresh.
    if (
      this.#open &&
      this.#open.reception.counts.delivered === 0 &&
      this.#open.announcedBytes === announcedBytes
    )
      return
    if (this.#open && this.#options.ended) this.#finish(this.#open)
    this.#open = {
      from,
      reception: new Reception(this.#expected, this.#memory ?? this.#newMemory(), !this.#options.ended),
      announcedBytes,
      ended: false,
      acknowledged: false,
    }
    this.#memory = undefined
    if (announcedBytes !== undefined && announcedBytes > this.#options.maxSizeBytes) {
      this.#open.failure = tooLarge(announcedBytes, this.#options.maxSizeBytes)
    }
  }

  #payload(memory: Buffer, start: number, end: number): void {
    const open = this.#open
    if (!open || open.failure) return
    if (open.reception.take(memory, start, end)) this.#tookPayload(open)
  }

  /** Something new and undamaged has arrived. */
  #tookPayload(open: Transfer): void {
    open.lastAt = this.#arrivedAt
    open.firstAt ??= this.#arrivedAt
    if (open.reception.bytes > this.#options.maxSizeBytes)
      open.failure = tooLarge(open.reception.bytes, this.#options.maxSizeBytes)
  }

  /** After each datagram: acknowledge what is whole, and end what is over. */
  #look(): void {
    const open = this.#open
    if (open && !open.acknowledged && this.#whole(open)) {
      open.acknowledged = true
      if (this.#format.acknowledgement) this.#acknowledge(this.#format.acknowledgement, open)
    }
    if (this.#settling && this.#satisfies(this.#settling)) this.#satisfied.ring()
    if (!this.#options.ended || !open) return
    if (open.failure || this.#whole(open)) this.#finish(open)
    else this.#watchIdle(open)
  }

  #whole(open: Transfer): boolean {
    if (open.failure) return false
    if (this.#format.endMarker) return open.ended
    return open.announcedBytes !== undefined && open.reception.bytes >= open.announcedBytes
  }

  #acknowledge(bytes: Buffer, { from, reception }: Transfer): void {
    // An address that somebody else wrote on it would be sent more than was spent on it.
    if (this.#options.peer !== undefined && reception.bytes < bytes.length) return
    const tally = newTally()
    void this.#socket.send(bytes, bytes.length, 0, 1, tally, from)
  }

  #finish(open: Transfer): void {
    clearTimeout(this.#idle)
    this.#idle = undefined
    this.#open = undefined
    this.#options.ended?.(this.#report(open))
    this.#stray = 0
  }

  /** Without a count from the sender, an unfinished transfer is over when nothing has come for the quiet time. */
  #watchIdle(open: Transfer): void {
    const { quietMs } = this.#options
    if (quietMs === undefined || this.#idle) return
    const check = async () => {
      const leftMs = this.#arrivedAt + quietMs - monotonic()
      const arriving = leftMs > 0 || (await this.#stillArriving(quietMs, Number.POSITIVE_INFINITY))
      // Meanwhile it may have ended, or the receiver.
      if (this.#open !== open) return
      if (arriving) this.#idle = setTimeout(check, Math.max(1, leftMs))
      else this.#finish(open)
    }
    this.#idle = setTimeout(check, quietMs)
  }

  #satisfies(sent: SentCounts): boolean {
    const accepted = sent.datagramsAccepted ?? 0
    if (!this.#open) return accepted === 0 && this.#format.beginning === undefined
    return this.#open.reception.counts.delivered >= accepted && (!this.#format.endMarker || this.#open.ended)
  }

  /** A timer may fire while datagrams wait in the socket: only a turn of the event loop that brings none is quiet. */
  async #stillArriving(quietMs: number, until: number): Promise<boolean> {
    await nextTurn()
    await nextTurn()
    const now = monotonic()
    return now < until && now - this.#arrivedAt < quietMs
  }

  #report(open: Transfer | undefined): ReceiveReport {
    const counts = open?.reception.counts ?? { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0 }
    const held = open?.reception.held
    const missing = open
      ? this.#format.endMarker && !open.ended
        ? ('end' as const)
        : undefined
      : this.#format.beginning
    const intact = open ? open.reception.intact : this.#expected && false
    return {
      ...(open ? { from: open.from } : {}),
      ...(open?.announcedBytes === undefined ? {} : { announcedBytes: open.announcedBytes }),
      bytesDelivered: open?.reception.bytes ?? 0,
      datagrams: { ...counts, stray: this.#stray },
      ...(open?.firstAt === undefined ? {} : { firstAt: open.firstAt }),
      ...(open?.lastAt === undefined ? {} : { lastAt: open.lastAt }),
      complete: open !== undefined && this.#whole(open),
      ...(intact === undefined ? {} : { intact }),
      ...(held ? { held } : {}),
      ...(missing ? { missing } : {}),
      ...(open?.failure ? { failure: open.failure } : {}),
    }
  }

  #newMemory(): HeldMemory | undefined {
    const { holdBytes } = this.#options
    return holdBytes === undefined ? undefined : new HeldMemory(holdBytes)
  }
}

function sameSource(a: Endpoint, b: Endpoint): boolean {
  return a === b || (a.port === b.port && a.host === b.host)
}

function tooLarge(bytes: number, limit: number): Failure {
  return {
    phase: 'handshake',
    code: 'TOO_LARGE',
    message: `the sender announced ${formatBytes(bytes)}; the most taken is ${formatBytes(limit)}`,
  }
}
