/** Receives payloads that come as datagrams, one transfer a source: what all UDP transports share. Their wire formats are the `ReceivingFormat`. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from '../bench/clock.ts'
import { formatBytes } from '../bench/units.ts'
import { Bell } from '../bench/waiting.ts'
import { Sources } from './datagram-sources.ts'
import {
  DUPLICATE_MS,
  LONGEST_SIGNAL_BYTES,
  type OpenTransfer,
  type Source,
  Transfer,
  tooLarge,
} from './datagram-transfer.ts'
import { HeldMemory } from './held-memory.ts'
import { Reception } from './reception.ts'
import { slowness } from './slowness.ts'
import type { DatagramSocket, Endpoint, Sockets } from './sockets/sockets.ts'
import { newTally } from './sockets/tally.ts'
import type {
  Budget,
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
  /**
   * Payload. `alone`: it is a whole transfer by itself; `next`: as the first one it may be a header that announces so much;
   * `tail`: it may be the next header as well as the last chunk.
   */
  | { readonly kind: 'payload'; readonly alone?: true; readonly nextBytes?: number; readonly tail?: true }
  | { readonly kind: 'end' }
  /** The beginning once more; `doubtful`: or that of the next transfer, which looks the same. */
  | { readonly kind: 'again'; readonly doubtful?: true }
  /** Of no transfer; `what`: in words, where the format can say more than that. */
  | { readonly kind: 'foreign'; readonly what?: string }
  | { readonly kind: 'ignored' }

export const PAYLOAD: Meaning = { kind: 'payload' }
export const IGNORED: Meaning = { kind: 'ignored' }
export const FOREIGN: Meaning = { kind: 'foreign' }
export const AGAIN: Meaning = { kind: 'again' }

export interface ReceivingFormat {
  /**
   * Reads a datagram; `open` is its source's open transfer.
   * @param maxSizeBytes what no transfer announces more than; undefined when a source sends one transfer only
   */
  readonly meaning: (
    memory: Buffer,
    start: number,
    end: number,
    open: OpenTransfer | undefined,
    maxSizeBytes: number | undefined,
  ) => Meaning
  /** What begins a transfer, for a report without one. */
  readonly beginning: 'begin' | 'header' | undefined
  /** An end marker closes a transfer; without one, the announced length or the single datagram does. */
  readonly endMarker: boolean
  /** Answered to the sender when all has come. */
  readonly acknowledgement?: Buffer
  /** What may be wrong with a transfer that was announced with so many bytes and is not whole, in words. */
  readonly remark?: (announcedBytes: number, bytes: number) => string | undefined
  /** The expectation as this format cuts it into datagrams. */
  readonly cut?: (expected: Expectation) => Expectation
}

const BEGINNINGS = { begin: 'begin marker', header: 'length header' } as const
/** After a transfer so many datagrams of its source may be stragglers or duplicates of it, and are not worth a line. */
const STRAGGLERS = 2
/** How often open transfers are looked at. */
const LEAST_SWEEP_MS = 5
const MOST_SWEEP_MS = 250

export async function receiveDatagrams(
  sockets: Sockets,
  options: ReceiveOptions,
  format: ReceivingFormat,
): Promise<Receiver> {
  const { signal, local } = options
  const socket = await sockets.bindDatagram({ signal, local, options: options.socket })
  return new DatagramReceiver(socket, options, format)
}

class DatagramReceiver implements Receiver {
  readonly endpoint: Endpoint
  readonly state
  late = 0
  readonly #socket: DatagramSocket
  readonly #options: ReceiveOptions
  readonly #format: ReceivingFormat
  readonly #expected: Expectation | undefined
  readonly #budget: Budget | undefined
  readonly #sources = new Sources(source => this.#crowdOut(source))
  #memory: HeldMemory | undefined
  /** Of hosts that are not listened to, and of sources for which there is no room. */
  #unheard = 0
  /** Host of the first datagram of the expected transfer that came from elsewhere than the peer: something rewrites its source. */
  #strayFrom: string | undefined
  /** What a settled transfer still waits for has come. */
  readonly #satisfied = new Bell()
  #settling: SentCounts | undefined
  #settled: Source | undefined
  #tardy: Reception | undefined
  #drained = false
  /** When the datagram that is being taken was handed to us. */
  #at = 0
  #sweeping: NodeJS.Timeout | undefined
  #disposed = false

  constructor(socket: DatagramSocket, options: ReceiveOptions, format: ReceivingFormat) {
    this.#socket = socket
    this.#options = options
    this.#format = format
    this.endpoint = socket.local
    this.state = socket.state
    this.#expected = options.expected && (format.cut?.(options.expected) ?? options.expected)
    this.#budget = options.budget
    this.#memory = this.#newMemory()
    socket.read(
      (memory, start, end, from, at, eachBytes) => {
        if (eachBytes === undefined) this.#take(memory, start, end, from, at)
        else this.#takeGlued(memory, start, end, from, at, eachBytes)
      },
      undefined,
      () => this.#expectsMore(this.#sources.latest?.open),
    )
  }

  get info() {
    return this.#socket.info()
  }

  async settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport> {
    const begun = monotonic()
    const until = begun + deadlineMs
    const quietAt = () => Math.max(begun, this.#best(sent)?.open?.arrivedAt ?? begun) + quietMs
    this.#settling = sent
    while (!this.#satisfies(this.#best(sent)?.open, sent) && !this.#options.signal.aborted) {
      const leftMs = Math.min(quietAt(), until) - monotonic()
      if (leftMs > 0) {
        await this.#satisfied.wait(leftMs, this.#options.signal)
        continue
      }
      // A timer may fire while datagrams wait in the socket: only a turn of the event loop that brings none is quiet.
      await nextTurn()
      await nextTurn()
      const now = monotonic()
      if (now >= until || now >= quietAt()) break
    }
    this.#drained = true
    this.#settled = this.#best(sent)
    return this.#report(this.#settled)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    clearTimeout(this.#sweeping)
    await this.#socket[Symbol.asyncDispose]()
  }

  /** One transfer after the other comes from a source, and each is reported; else a trial, with one. */
  get #reporting(): boolean {
    return this.#options.ended !== undefined
  }

  /** Several datagrams in one piece: in the middle of a transfer they are compared with it at once, else one by one. */
  #takeGlued(
    memory: Buffer,
    start: number,
    end: number,
    from: Endpoint,
    at: number,
    eachBytes: number,
  ): void {
    let next = start
    const source = this.#sources.find(from)
    const open = source?.open
    // What is longer than any marker or header can only be payload.
    if (source && open && !open.failure && !this.#drained && eachBytes > LONGEST_SIGNAL_BYTES) {
      next = open.reception.takeRun(memory, start, end, eachBytes)
      if (next > start) {
        source.datagrams += (next - start) / eachBytes
        open.arrivedAt = at
        this.#tookPayload(open)
        this.#look(source, open)
      }
    }
    for (; next < end; next += eachBytes) this.#take(memory, next, Math.min(next + eachBytes, end), from, at)
  }

  #take(memory: Buffer, start: number, end: number, from: Endpoint, at: number): void {
    const source = this.#sources.find(from) ?? this.#admit(from)
    if (!source) {
      this.#unheard++
      if (this.#strayFrom === undefined && this.#isTheTrials(memory, start, end)) this.#strayFrom = from.host
      return
    }
    if (end > start) source.datagrams++
    this.#at = at
    const { open } = source
    const most = this.#reporting ? this.#options.maxSizeBytes : undefined
    // To the format a transfer without its beginning is none yet.
    const begun = open?.begun ? open : undefined
    if (this.#drained) {
      this.#takeLate(source, memory, start, end, this.#format.meaning(memory, start, end, begun, most))
      return
    }
    if (open?.nextBytes !== undefined && end - start > open.longestBytes) {
      // Chunks do not grow: what came before was the header of the next transfer.
      const { nextBytes, announcedBytes, heldBytes } = open
      const empty = new Transfer(announcedBytes, undefined, undefined, false)
      empty.heldBytes = heldBytes
      this.#finish(source, empty)
      this.#begin(source, nextBytes)
      this.#payload(source, memory, start, end, PAYLOAD)
    } else this.#act(source, memory, start, end, this.#format.meaning(memory, start, end, begun, most))
    if (source.open) this.#look(source, source.open)
  }

  #act(source: Source, memory: Buffer, start: number, end: number, meaning: Meaning): void {
    const { open } = source
    // What means nothing does not keep a transfer open.
    if (open && meaning.kind !== 'ignored') open.arrivedAt = this.#at
    switch (meaning.kind) {
      case 'begin':
        // With the header lost, a chunk as long as one may look like it.
        if (this.#announcesAnother(meaning.announcedBytes))
          this.#foreign(source, memory, start, end, undefined)
        else if (open && !open.begun) this.#beginLate(open, meaning.announcedBytes)
        else this.#begin(source, meaning.announcedBytes)
        break
      case 'payload':
        if (meaning.alone && !open) this.#begin(source, end - start)
        this.#payload(source, memory, start, end, meaning)
        break
      case 'end':
        if (open) open.ended = true
        else this.#stray(source, end - start, undefined)
        break
      case 'again':
        if (open && meaning.doubtful) open.doubt ??= 'repeated'
        break
      case 'foreign':
        this.#foreign(source, memory, start, end, meaning.what)
        break
      case 'ignored':
    }
  }

  #admit(from: Endpoint): Source | undefined {
    const { peer } = this.#options
    return peer === undefined || peer === from.host ? this.#sources.add(from) : undefined
  }

  /** Of a trial the size is known. */
  #announcesAnother(announcedBytes: number | undefined): boolean {
    const size = this.#reporting ? undefined : (this.#expected?.sizeBytes ?? this.#options.holdBytes)
    return size !== undefined && announcedBytes !== undefined && announcedBytes !== size
  }

  /** Its beginning was overtaken by payload. */
  #beginLate(open: Transfer, announcedBytes: number | undefined): void {
    open.begun = true
    open.overtaken = true
    open.announcedBytes = announcedBytes
  }

  #begin(source: Source, announcedBytes: number | undefined, begun = true): void {
    if (source.open && this.#reporting) this.#finish(source, source.open)
    const memory = this.#memory ?? this.#newMemory()
    this.#memory = undefined
    const open = new Transfer(announcedBytes, this.#expected, memory, !this.#reporting)
    open.begun = begun
    open.arrivedAt = this.#at
    source.open = open
    if (announcedBytes !== undefined && announcedBytes > this.#options.maxSizeBytes)
      open.failure = tooLarge(announcedBytes, this.#options.maxSizeBytes)
    else if (memory) this.#hold(open, memory.overheadBytes)
    this.#sweepLater()
  }

  #payload(source: Source, memory: Buffer, start: number, end: number, meaning: Meaning): void {
    const { open } = source
    if (!open || open.failure) return
    if (this.#reporting && meaning.kind === 'payload') {
      open.nextBytes = meaning.nextBytes
      if (meaning.tail) open.doubt = 'tail'
      open.note(memory, start, end)
    }
    if (!this.#hold(open, end - start)) return
    if (open.reception.take(memory, start, end)) this.#tookPayload(open)
  }

  /** Takes from the memory of all transfers, where there is a bound to it. */
  #hold(open: Transfer, bytes: number): boolean {
    if (!this.#budget) return true
    if (!this.#budget.take(bytes)) {
      open.failure = this.#budget.exhausted
      return false
    }
    open.heldBytes += bytes
    return true
  }

  /** Something new and undamaged has arrived. */
  #tookPayload(open: Transfer): void {
    open.lastAt = open.arrivedAt
    open.firstAt ??= open.arrivedAt
    if (open.bytes > this.#options.maxSizeBytes)
      open.failure = tooLarge(open.bytes, this.#options.maxSizeBytes)
    else if (this.#reporting && open.announcedBytes !== undefined && open.bytes > open.announcedBytes)
      open.failure = failed('PROTOCOL', `more came than the ${formatBytes(open.announcedBytes)} announced`)
  }

  /** Payload whose beginning was lost, or is still to come, counts in a trial: there it is known by what is in it. */
  #foreign(source: Source, memory: Buffer, start: number, end: number, what: string | undefined): void {
    if (this.#reporting || (!source.open && !this.#isExpected(memory, start, end))) {
      this.#stray(source, end - start, what)
      return
    }
    if (!source.open) this.#begin(source, undefined, false)
    this.#payload(source, memory, start, end, PAYLOAD)
  }

  /** Whether these bytes are of the trial's payload; those of a file are known when all is over. */
  #isExpected(memory: Buffer, start: number, end: number): boolean {
    const expected = this.#expected
    // One source at most takes what memory was made ready for.
    if (!expected) return this.#memory !== undefined
    const index = expected.indexOf(memory, start, end, 0)
    return index !== undefined && expected.matches(memory, start, end, index * expected.chunkBytes)
  }

  /** Payload that comes after the drain has ended, of the trial's source or, where nothing came in time, of any. */
  #takeLate(source: Source, memory: Buffer, start: number, end: number, { kind }: Meaning): void {
    if ((this.#settled && source !== this.#settled) || (kind !== 'payload' && kind !== 'foreign')) return
    this.#tardy ??= this.#settled?.open?.reception ?? new Reception(this.#expected, undefined, false)
    if (this.#tardy.isNew(memory, start, end)) this.late++
  }

  /** What belongs to no transfer is said once a source; stragglers of one that has just ended are not worth it. */
  #stray(source: Source, bytes: number, what: string | undefined): void {
    source.stray++
    const { beginning } = this.#format
    const straggler = monotonic() - source.endedAt < DUPLICATE_MS && source.stray <= STRAGGLERS
    if (source.noted || beginning === undefined || (straggler && what === undefined)) return
    source.noted = true
    this.#options.noted?.(
      source.endpoint,
      what ??
        `a datagram of ${formatBytes(bytes)} before any ${BEGINNINGS[beginning]}; ignored until one comes`,
    )
  }

  /** After each datagram: acknowledge what is whole, and end what is over. */
  #look(source: Source, open: Transfer): void {
    const whole = this.#whole(open)
    if (whole && !open.acknowledged) {
      open.acknowledged = true
      if (this.#format.acknowledgement) this.#acknowledge(this.#format.acknowledgement, source, open)
    }
    if (this.#settling && this.#satisfies(open, this.#settling)) this.#satisfied.ring()
    if (this.#reporting && (whole || open.failure)) this.#finish(source, open)
  }

  #expectsMore(open: Transfer | undefined): boolean {
    if (!open || open.failure || open.ended || this.#drained) return false
    const bytes = open.announcedBytes ?? this.#expected?.sizeBytes
    return this.#format.endMarker || (bytes !== undefined && open.bytes < bytes)
  }

  #whole(open: Transfer): boolean {
    if (!open.begun || open.failure || open.mixed || open.doubt === 'repeated') return false
    if (this.#format.endMarker) return open.ended
    return open.announcedBytes !== undefined && open.bytes >= open.announcedBytes
  }

  #acknowledge(bytes: Buffer, { endpoint }: Source, open: Transfer): void {
    // An address that somebody else wrote on it would be sent more than was spent on it.
    if (this.#options.peer !== undefined && open.bytes < bytes.length) return
    void this.#socket.send(bytes, bytes.length, 0, 1, newTally(), endpoint)
  }

  #crowdOut(source: Source): void {
    const { open } = source
    if (!open) return
    open.failure ??= failed('BUSY', 'too many senders at once, of which it was the slowest')
    if (this.#reporting) this.#finish(source, open)
  }

  #finish(source: Source, open: Transfer): void {
    source.open = undefined
    source.endedAt = monotonic()
    // It has been told, and what follows of it is not worth another line.
    if (open.failure) source.noted = true
    const saved = this.#options.ended?.(this.#report(source, open))
    source.stray = 0
    const giveBack = () => this.#budget?.giveBack(open.heldBytes)
    void Promise.resolve(saved).then(giveBack, giveBack)
  }

  #sweepLater(): void {
    const { quietMs } = this.#options
    if (!this.#reporting || quietMs === undefined || this.#sweeping) return
    const everyMs = Math.min(MOST_SWEEP_MS, Math.max(LEAST_SWEEP_MS, quietMs / 10))
    this.#sweeping = setTimeout(() => void this.#sweep(quietMs), everyMs)
  }

  /** Without a count from the sender, a transfer is over when nothing has come for the quiet time, or it is too slow. */
  async #sweep(quietMs: number): Promise<void> {
    // A timer may fire while datagrams wait in the socket.
    await nextTurn()
    await nextTurn()
    if (this.#disposed) return
    this.#sweeping = undefined
    const now = monotonic()
    let left = 0
    for (const source of this.#sources) {
      const { open } = source
      if (!open) continue
      const silentMs = now - open.arrivedAt
      const all = open.announcedBytes !== undefined && open.bytes === open.announcedBytes
      if (open.doubt === 'repeated' && all && silentMs >= DUPLICATE_MS) {
        // Nothing more came: it was the same header twice.
        open.doubt = undefined
        this.#look(source, open)
        continue
      }
      open.failure ??= slowness(this.#options, open.begunAt, open.bytes, now)
      if (open.failure || silentMs >= quietMs) this.#finish(source, open)
      else left++
    }
    if (left > 0) this.#sweepLater()
  }

  /** The transfer of a trial: of all sources the one whose data match best, the first of several. */
  #best(sent: SentCounts): Source | undefined {
    let best: Source | undefined
    for (const source of this.#sources)
      if (source.open && (!best?.open || match(source.open, sent) > match(best.open, sent))) best = source
    return best
  }

  #satisfies(open: Transfer | undefined, sent: SentCounts): boolean {
    const accepted = sent.datagramsAccepted ?? 0
    if (!open) return accepted === 0 && this.#format.beginning === undefined
    return open.reception.counts.delivered >= accepted && (!this.#format.endMarker || open.ended)
  }

  #report(source: Source | undefined, open = source?.open): ReceiveReport {
    const counts = open?.reception.counts ?? { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0 }
    const held = open?.reception.held
    const withoutEnd = this.#format.endMarker && !open?.ended ? ('end' as const) : undefined
    const missing = open?.begun ? withoutEnd : this.#format.beginning
    const whole = open !== undefined && this.#whole(open)
    const announced = open?.announcedBytes
    const remark =
      announced === undefined || whole ? undefined : this.#format.remark?.(announced, open?.bytes ?? 0)
    const saved = open?.begun && !open.overtaken
    const intact = saved ? open.reception.intact : this.#expected && false
    return {
      ...(open && source ? { from: source.endpoint } : {}),
      ...(announced === undefined ? {} : { announcedBytes: announced }),
      bytesDelivered: open?.bytes ?? 0,
      datagrams: {
        ...counts,
        stray: this.#strayBeside(source),
        ...(this.#strayFrom === undefined ? {} : { strayFrom: this.#strayFrom }),
      },
      ...(open?.firstAt === undefined ? {} : { firstAt: open.firstAt }),
      ...(open?.lastAt === undefined ? {} : { lastAt: open.lastAt }),
      complete: whole,
      ...(remark === undefined ? {} : { remark }),
      ...(intact === undefined ? {} : { intact }),
      ...(held ? { held } : {}),
      ...(missing ? { missing } : {}),
      ...(open?.failure ? { failure: open.failure } : {}),
    }
  }

  /** Of a trial all that is not of its source; of a source that is listened to, what came before its transfer. */
  #strayBeside(source: Source | undefined): number {
    const own = source?.stray ?? 0
    if (this.#reporting) return own
    let others = this.#unheard
    for (const each of this.#sources) if (each !== source) others += each.datagrams
    return own + others
  }

  /** Whether it can only be of the trial, wherever it comes from: its header, or a chunk that is long enough not to be one by chance. */
  #isTheTrials(memory: Buffer, start: number, end: number): boolean {
    const meaning = this.#format.meaning(memory, start, end, undefined, undefined)
    if (meaning.kind === 'begin' && meaning.announcedBytes !== undefined)
      return meaning.announcedBytes === (this.#expected?.sizeBytes ?? this.#options.holdBytes)
    return (
      this.#expected !== undefined &&
      end - start >= 2 * LONGEST_SIGNAL_BYTES &&
      this.#isExpected(memory, start, end)
    )
  }

  #newMemory(): HeldMemory | undefined {
    const { holdBytes } = this.#options
    return holdBytes === undefined ? undefined : new HeldMemory(holdBytes)
  }
}

/**
 * How well what has come of a transfer fits what was sent: more never helps, and damage is no reason to take another source for the
 * trial's. One without its beginning comes after all that have begun.
 */
function match({ begun, reception }: Transfer, { datagramsAccepted = 0 }: SentCounts): number {
  const { delivered, corrupt } = reception.counts
  const off =
    delivered > datagramsAccepted
      ? delivered - datagramsAccepted
      : Math.max(0, datagramsAccepted - delivered - corrupt)
  return begun ? -off : -off - WITHOUT_BEGINNING
}
/** More than any trial has datagrams. */
const WITHOUT_BEGINNING = 2 ** 50

function failed(code: string, message: string): Failure {
  return { phase: 'transfer', code, message }
}
