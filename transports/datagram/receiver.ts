/** Receives payloads sent as datagrams, one transfer per source: the part shared by all UDP transports. Each wire format is a `ReceivingFormat`. */
import { monotonic } from '../../base/clock.ts'
import type { ReceiveReport, SentCounts } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import type { Expectation, ReceiveOptions, Receiver } from '../contract/transport.ts'
import { newTally } from '../engines/tally.ts'
import { HeldMemory } from '../payload/held-memory.ts'
import { type Meaning, PAYLOAD, type PayloadMeaning, type ReceivingFormat } from './format.ts'
import { expectsMore, isWhole, orphanWords, reportOf } from './report.ts'
import { Sources } from './sources.ts'
import { DUPLICATE_MS, failed, LONGEST_SIGNAL_BYTES, type Source, Transfer, tooLarge } from './transfer.ts'
import { DatagramTrial } from './trial.ts'
import { DatagramWatch } from './watch.ts'

/** This many datagrams from a source may be stragglers or duplicates of its last transfer and are not reported. */
const STRAGGLERS = 2

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
  readonly #socket: DatagramSocket
  readonly #options: ReceiveOptions
  readonly #format: ReceivingFormat
  readonly #expected: Expectation | undefined
  readonly #sources = new Sources(source => this.#crowdOut(source))
  readonly #trial: DatagramTrial
  readonly #watch: DatagramWatch
  /** Made before the first datagram, and its memory paged in. */
  #ready: Transfer | undefined
  /** Datagrams from hosts that are not accepted, and from sources that did not fit in the table. */
  #unheard = 0
  /** Host of the first datagram of the expected transfer that did not come from the peer: something rewrites its source address. */
  #strayFrom: string | undefined
  /** When the current datagram was handed over. */
  #at = 0
  #calledOff = false

  constructor(socket: DatagramSocket, options: ReceiveOptions, format: ReceivingFormat) {
    this.#socket = socket
    this.#options = options
    this.#format = format
    this.endpoint = socket.local
    this.state = socket.state
    this.#expected = options.expected && (format.cut?.(options.expected) ?? options.expected)
    this.#ready = this.#newTransfer()
    this.#trial = new DatagramTrial(this.#sources, format, this.#expected, options)
    this.#watch = new DatagramWatch(this.#sources, options, {
      settled: (source, open) => this.#look(source, open),
      over: (source, open) => this.#finish(source, open),
    })
    socket.read(
      (memory, start, end, from, at, eachBytes) => {
        if (this.#calledOff) return
        if (eachBytes === undefined) this.#take(memory, start, end, from, at)
        else this.#takeGlued(memory, start, end, from, at, eachBytes)
      },
      undefined,
      () =>
        !this.#trial.drained &&
        expectsMore(this.#sources.latest?.open, format, this.#expected, !this.#reporting),
    )
  }

  get info() {
    return this.#socket.info()
  }

  get late(): number {
    return this.#trial.late
  }

  async settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport> {
    return this.#report(await this.#trial.settle(sent, quietMs, deadlineMs))
  }

  callOff(): void {
    this.#calledOff = true
    this.#watch[Symbol.dispose]()
    for (const source of this.#sources) {
      const { open } = source
      if (!open) continue
      open.interrupted = true
      this.#finish(source, open)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]()
    await this.#socket[Symbol.asyncDispose]()
  }

  get #headerBytes(): number {
    return this.#format.headerBytes ?? 0
  }

  /** True if each source sends transfers one after another and each is reported; false in a trial, which has one transfer. */
  get #reporting(): boolean {
    return this.#options.ended !== undefined
  }

  /** Takes several coalesced datagrams: compares them with the payload in one go in mid-transfer, else one by one. */
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
    // Anything longer than the longest marker or header is payload.
    const plain = this.#headerBytes === 0 && eachBytes > LONGEST_SIGNAL_BYTES
    if (source && open && !open.failure && !this.#trial.drained && plain) {
      next = open.reception.takeRun(memory, start, end, eachBytes)
      if (next > start) {
        source.datagrams += (next - start) / eachBytes
        open.arrivedAt = at
        open.tookPayload(this.#options.maxSizeBytes, this.#reporting)
        this.#look(source, open)
      }
    }
    for (; next < end; next += eachBytes) this.#take(memory, next, Math.min(next + eachBytes, end), from, at)
  }

  #take(memory: Buffer, start: number, end: number, from: Endpoint, at: number): void {
    const source = this.#sources.find(from) ?? this.#admit(from, at)
    if (!source) {
      this.#unheard++
      if (this.#strayFrom === undefined && this.#trial.isCertainly(memory, start, end))
        this.#strayFrom = from.host
      return
    }
    if (end > start) source.datagrams++
    this.#at = at
    const { open } = source
    const most = this.#reporting ? this.#options.maxSizeBytes : undefined
    // A transfer whose beginning was lost does not exist for the format.
    const begun = open?.begun ? open : undefined
    if (this.#trial.drained) {
      this.#trial.takeLate(source, memory, start, end, this.#format.meaning(memory, start, end, begun, most))
      return
    }
    if (open?.doubt === 'last') {
      this.#takeAfterLast(source, open, memory, start, end)
    } else if (open?.nextBytes !== undefined && end - start > open.longestBytes) {
      // Chunks do not grow, so the previous datagram was the header of the next transfer.
      const { nextBytes, announcedBytes, heldBytes } = open
      const empty = new Transfer(undefined, undefined, false).begin(announcedBytes, at)
      empty.heldBytes = heldBytes
      this.#finish(source, empty)
      this.#begin(source, nextBytes)
      this.#payload(source, memory, start, end, PAYLOAD)
    } else this.#act(source, memory, start, end, this.#format.meaning(memory, start, end, begun, most))
    if (source.open) this.#look(source, source.open)
  }

  /** The datagram taken for the last chunk was the header of the next transfer, unless this one is its duplicate. */
  #takeAfterLast(source: Source, open: Transfer, memory: Buffer, start: number, end: number): void {
    if (end === start || open.tail?.compare(memory, start, end) === 0) return
    open.mixed = true
    this.#begin(source, open.nextBytes)
    const { maxSizeBytes } = this.#options
    this.#act(source, memory, start, end, this.#format.meaning(memory, start, end, source.open, maxSizeBytes))
  }

  #act(source: Source, memory: Buffer, start: number, end: number, meaning: Meaning): void {
    const { open } = source
    // A meaningless datagram does not keep a transfer open.
    if (open && meaning.kind !== 'ignored') open.arrivedAt = this.#at
    switch (meaning.kind) {
      case 'begin':
        // If the header was lost, a chunk of the same length may look like one.
        if (!this.#reporting && this.#trial.announcesAnother(meaning.announcedBytes))
          this.#foreign(source, memory, start, end, undefined)
        else if (open && !open.begun) open.beginLate(meaning.announcedBytes)
        else this.#begin(source, meaning.announcedBytes)
        break
      case 'payload':
        if (meaning.begins && !this.#belongs(source, meaning.begins))
          this.#stray(source, end - start, undefined)
        else this.#payload(source, memory, start, end, meaning)
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

  #admit(from: Endpoint, at: number): Source | undefined {
    const { peer } = this.#options
    return peer === undefined || peer === from.host ? this.#sources.add(from, at) : undefined
  }

  #begin(source: Source, announcedBytes: number | undefined, begun = true): void {
    if (source.open && this.#reporting) this.#finish(source, source.open)
    const open = (this.#ready ?? this.#newTransfer()).begin(announcedBytes, this.#at)
    this.#ready = undefined
    open.begun = begun
    source.open = open
    if (announcedBytes !== undefined && announcedBytes > this.#options.maxSizeBytes)
      // A format without a beginning announces nothing: this is the length of what arrived.
      open.failure = tooLarge(
        announcedBytes,
        this.#options.maxSizeBytes,
        this.#format.beginning !== undefined || this.#headerBytes > 0,
      )
    else open.hold(this.#options.budget, open.reception.overheadBytes)
    if (this.#reporting) this.#watch.begin()
  }

  /** Begins the transfer that a payload datagram says it belongs to, if need be. False if that is not one that may begin. */
  #belongs(source: Source, { announcedBytes, id }: NonNullable<PayloadMeaning['begins']>): boolean {
    const { open } = source
    if (open && (id === undefined || open.id === id)) return true
    if (id !== undefined && id === source.lastId) return false
    const another = open !== undefined || (id !== undefined && this.#trial.announcesAnother(announcedBytes))
    if (another && !this.#reporting) return false
    this.#begin(source, announcedBytes)
    if (source.open) source.open.id = id
    return true
  }

  #payload(source: Source, memory: Buffer, datagram: number, end: number, meaning: Meaning): void {
    const { open } = source
    if (!open || open.failure) return
    const start = Math.min(datagram + this.#headerBytes, end)
    if (this.#reporting && meaning.kind === 'payload') {
      open.nextBytes = meaning.nextBytes ?? meaning.last
      if (meaning.undecidable) open.mixed = true
      if (meaning.tail) open.doubt = 'tail'
      else if (meaning.last !== undefined) open.doubt = 'last'
      open.note(memory, start, end)
    }
    if (!open.hold(this.#options.budget, end - start)) return
    if (open.reception.take(memory, start, end)) open.tookPayload(this.#options.maxSizeBytes, this.#reporting)
  }

  /** In a trial, payload whose beginning was lost or is still to arrive counts: its content identifies it. */
  #foreign(source: Source, memory: Buffer, start: number, end: number, what: string | undefined): void {
    // The content of a file is not known yet, so at most one source may take the memory allocated for it.
    const known = () => this.#trial.isPayload(memory, start, end) ?? this.#ready !== undefined
    if (this.#reporting || (!source.open && !known())) {
      this.#stray(source, end - start, what)
      return
    }
    if (!source.open) this.#begin(source, undefined, false)
    this.#payload(source, memory, start, end, PAYLOAD)
  }

  /** Reports datagrams that belong to no transfer once per source, but not stragglers of a transfer that has just ended. */
  #stray(source: Source, bytes: number, what: string | undefined): void {
    source.stray++
    const { beginning } = this.#format
    const straggler = monotonic() - source.endedAt < DUPLICATE_MS && source.stray <= STRAGGLERS
    if (source.noted || beginning === undefined || (straggler && what === undefined)) return
    source.noted = true
    this.#options.noted?.(source.endpoint, what ?? orphanWords(bytes, beginning))
  }

  /** After each datagram: acknowledges a complete transfer, and ends a finished one. */
  #look(source: Source, open: Transfer): void {
    const whole = isWhole(open, this.#format)
    if (whole && !open.acknowledged) {
      open.acknowledged = true
      if (this.#format.acknowledgement) this.#acknowledge(this.#format.acknowledgement, source, open)
    }
    this.#trial.look(open)
    if (this.#reporting && (whole || open.failure)) this.#finish(source, open)
  }

  #acknowledge(bytes: Buffer, { endpoint }: Source, open: Transfer): void {
    // The source address may be spoofed: never send it more than was received.
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
    source.lastId = open.id
    source.endedAt = monotonic()
    // The failure has been reported, so later datagrams of this transfer need no further report.
    if (open.failure) source.noted = true
    const saved = this.#options.ended?.(this.#report(source, open))
    source.stray = 0
    const giveBack = () => this.#options.budget?.giveBack(open.heldBytes)
    void Promise.resolve(saved).then(giveBack, giveBack)
  }

  /** In a trial, everything from other sources counts as stray; otherwise, what a source sent before its transfer. */
  #report(source: Source | undefined, open = source?.open): ReceiveReport {
    let stray = source?.stray ?? 0
    if (!this.#reporting) {
      stray += this.#unheard
      for (const each of this.#sources) if (each !== source) stray += each.datagrams
    }
    const beside = { stray, ...(this.#strayFrom === undefined ? {} : { strayFrom: this.#strayFrom }) }
    return reportOf(source, open, this.#format, this.#expected, beside)
  }

  #newTransfer(): Transfer {
    const { holdBytes } = this.#options
    const memory = holdBytes === undefined ? undefined : new HeldMemory(holdBytes)
    return new Transfer(this.#expected, memory, !this.#reporting)
  }
}
