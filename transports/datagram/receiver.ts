/** Receives datagrams, and sorts them into transfers, one per source, for all UDP transports. Each wire format is a `ReceivingFormat`. */
import type { ReceiveReport, SentCounts } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import type { Expectation, ReceiveOptions, Receiver } from '../contract/transport.ts'
import { HeldMemory } from '../payload/held-memory.ts'
import { tooLarge } from '../payload/limits.ts'
import { Endings } from './endings.ts'
import { type Meaning, PAYLOAD, type PayloadMeaning, type ReceivingFormat } from './format.ts'
import { expectsMore } from './report.ts'
import { Sources } from './sources.ts'
import { LONGEST_SIGNAL_BYTES, type Source, Transfer } from './transfer.ts'
import { DatagramTrial } from './trial.ts'
import { type Watch, watchTransfers } from './watch.ts'

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
  readonly #headerBytes: number
  readonly #expected: Expectation | undefined
  readonly #sources: Sources
  readonly #trial: DatagramTrial
  readonly #endings: Endings
  readonly #watch: Watch
  /** Made before the first datagram, and its memory paged in. */
  #ready: Transfer | undefined
  /** When the last datagram, or the current one, was handed over. */
  heardAt = 0
  #calledOff = false
  #metered: Transfer | undefined

  get strayFrom(): string | undefined {
    return this.#endings.strayFrom
  }

  constructor(socket: DatagramSocket, options: ReceiveOptions, format: ReceivingFormat) {
    this.#socket = socket
    this.#options = options
    this.#format = format
    this.#headerBytes = format.headerBytes ?? 0
    this.endpoint = socket.local
    this.state = socket.state
    this.#expected = options.expected && (format.cut?.(options.expected) ?? options.expected)
    this.#ready = this.#newTransfer()
    this.#sources = new Sources(source => this.#endings.crowdOut(source), !this.#reporting)
    this.#trial = new DatagramTrial(this.#sources, format, this.#expected, options)
    this.#endings = new Endings(socket, options, format, this.#expected, this.#sources, this.#trial)
    this.#watch = watchTransfers(this.#sources, options, this.#endings)
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
    return this.#endings.report(await this.#trial.settle(sent, quietMs, deadlineMs))
  }

  callOff(): void {
    this.#calledOff = true
    this.#watch[Symbol.dispose]()
    for (const source of this.#sources) {
      const { open } = source
      if (!open) continue
      open.interrupted = true
      this.#endings.finish(source, open)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]()
    await this.#socket[Symbol.asyncDispose]()
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
    this.heardAt = at
    const source = this.#sources.find(from)
    const open = source?.open
    // Anything longer than the longest marker or header is payload.
    const plain = this.#headerBytes === 0 && eachBytes > LONGEST_SIGNAL_BYTES
    if (source && open && !open.failure && !this.#trial.drained && plain) {
      this.#meter(open, at)
      next = open.reception.takeRun(memory, start, end, eachBytes)
      if (next > start) {
        source.datagrams += (next - start) / eachBytes
        open.arrivedAt = at
        open.tookPayload(this.#options.maxSizeBytes, this.#reporting)
        this.#endings.look(source, open)
      }
    }
    for (; next < end; next += eachBytes) this.#take(memory, next, Math.min(next + eachBytes, end), from, at)
  }

  #take(memory: Buffer, start: number, end: number, from: Endpoint, at: number): void {
    const source = this.#sources.find(from) ?? this.#admit(from)
    if (!source) {
      this.#endings.unheard++
      if (this.#endings.strayFrom === undefined && this.#trial.isCertainly(memory, start, end))
        this.#endings.strayFrom = from.host
      return
    }
    if (end > start) source.datagrams++
    this.heardAt = at
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
      this.#endings.finish(source, empty)
      this.#begin(source, nextBytes)
      this.#payload(source, memory, start, end, PAYLOAD)
    } else this.#act(source, memory, start, end, this.#format.meaning(memory, start, end, begun, most))
    if (source.open) this.#endings.look(source, source.open)
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
    if (open && meaning.kind !== 'ignored') open.arrivedAt = this.heardAt
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
          this.#endings.notOpen(source, meaning.begins.id, memory, start, end)
        else this.#payload(source, memory, start, end, meaning)
        break
      case 'end':
        if (open) open.ended = true
        else this.#endings.stray(source, end - start, undefined)
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

  #begin(source: Source, announcedBytes: number | undefined, begun = true): void {
    if (source.open && this.#reporting) this.#endings.finish(source, source.open)
    const open = (this.#ready ?? this.#newTransfer()).begin(announcedBytes, this.heardAt)
    this.#ready = undefined
    open.begun = begun
    this.#sources.begin(source, open)
    if (announcedBytes !== undefined && announcedBytes > this.#options.maxSizeBytes)
      // A format without a beginning announces nothing: this is the length of what arrived.
      open.failure = tooLarge(
        announcedBytes,
        this.#options.maxSizeBytes,
        this.#format.beginning !== undefined || this.#headerBytes > 0,
      )
    else open.hold(open.reception.overheadBytes)
    if (this.#reporting) this.#watch.begin()
  }

  /** Begins the transfer that a payload datagram says it belongs to, if need be. False if that is not one that may begin. */
  #belongs(source: Source, { announcedBytes, id }: NonNullable<PayloadMeaning['begins']>): boolean {
    const { open } = source
    if (open && (id === undefined || open.id === id)) return true
    if (id !== undefined && source.ended.has(id)) return false
    const another = open !== undefined || (id !== undefined && this.#trial.announcesAnother(announcedBytes))
    if (another && !this.#reporting) return false
    this.#begin(source, announcedBytes)
    if (source.open) source.open.id = id
    return true
  }

  #payload(source: Source, memory: Buffer, datagram: number, end: number, meaning: Meaning): void {
    const { open } = source
    if (!open) return
    if (this.#format.assemble) this.#assemble(open, memory, datagram, end)
    if (this.#format.assemble || open.failure) return
    const start = Math.min(datagram + this.#headerBytes, end)
    if (this.#reporting && meaning.kind === 'payload') {
      open.nextBytes = meaning.nextBytes ?? meaning.last
      if (meaning.undecidable) open.mixed = true
      if (meaning.tail) open.doubt = 'tail'
      else if (meaning.last !== undefined) open.doubt = 'last'
      open.note(memory, start, end)
    }
    if (!open.hold(end - start)) return
    this.#meter(open, this.heardAt)
    if (open.reception.take(memory, start, end)) open.tookPayload(this.#options.maxSizeBytes, this.#reporting)
  }

  /** In a trial, payload whose beginning was lost or is still to arrive counts: its content identifies it. */
  #foreign(source: Source, memory: Buffer, start: number, end: number, what: string | undefined): void {
    // The content of a file is not known yet, so at most one source may take the memory allocated for it.
    const known = () => this.#trial.isPayload(memory, start, end) ?? this.#ready !== undefined
    // A format without a beginning says of every datagram what it is.
    if (this.#reporting || this.#format.beginning === undefined || (!source.open && !known())) {
      this.#endings.stray(source, end - start, what)
      return
    }
    if (!source.open) this.#begin(source, undefined, false)
    this.#payload(source, memory, start, end, PAYLOAD)
  }

  /** Before a datagram of the trial's transfer is counted: it is the first one with payload. */
  #meter(open: Transfer, at: number): void {
    const { meter } = this.#options
    if (!meter || at < meter.nextAt) return
    this.#metered ??= open
    if (open !== this.#metered) return
    const { bytes, counts, nextExpected } = open.reception
    meter.reach(at, { bytes, datagrams: counts.delivered, advanced: nextExpected })
  }

  #newTransfer(): Transfer {
    const { holdBytes } = this.#options
    const memory = holdBytes === undefined ? undefined : new HeldMemory(holdBytes)
    return new Transfer(this.#expected, memory, !this.#reporting, this.#options.budget)
  }

  #assemble(open: Transfer, memory: Buffer, datagram: number, end: number): void {
    if (!open.assembly) {
      open.assembly = this.#format.assemble?.(memory, datagram, end, this.state.rcvbufBytes)
      if (!open.failure) open.hold(open.assembly?.overheadBytes ?? 0)
    }
    this.#meter(open, this.heardAt)
    if (!open.failure && open.assembly?.take(memory, datagram, end, open))
      open.tookPayload(this.#options.maxSizeBytes, this.#reporting)
  }
}
