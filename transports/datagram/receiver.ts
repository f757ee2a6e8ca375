/** Receives payloads that come as datagrams, one transfer a source: what all UDP transports share. Their wire formats are the `ReceivingFormat`. */
import { monotonic } from '../../base/clock.ts'
import type { ReceiveReport, SentCounts } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import type { Expectation, ReceiveOptions, Receiver } from '../contract/transport.ts'
import { newTally } from '../engines/tally.ts'
import { HeldMemory } from '../payload/held-memory.ts'
import { type Meaning, PAYLOAD, type ReceivingFormat } from './format.ts'
import { expectsMore, isWhole, orphanWords, reportOf } from './report.ts'
import { Sources } from './sources.ts'
import { DUPLICATE_MS, failed, LONGEST_SIGNAL_BYTES, type Source, Transfer, tooLarge } from './transfer.ts'
import { DatagramTrial } from './trial.ts'
import { DatagramWatch } from './watch.ts'

/** After a transfer so many datagrams of its source may be stragglers or duplicates of it, and are not worth a line. */
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
  #memory: HeldMemory | undefined
  /** Of hosts that are not listened to, and of sources for which there is no room. */
  #unheard = 0
  /** Host of the first datagram of the expected transfer that came from elsewhere than the peer: something rewrites its source. */
  #strayFrom: string | undefined
  /** When the datagram that is being taken was handed to us. */
  #at = 0
  #calledOff = false

  constructor(socket: DatagramSocket, options: ReceiveOptions, format: ReceivingFormat) {
    this.#socket = socket
    this.#options = options
    this.#format = format
    this.endpoint = socket.local
    this.state = socket.state
    this.#expected = options.expected && (format.cut?.(options.expected) ?? options.expected)
    this.#memory = this.#newMemory()
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
      () => !this.#trial.drained && expectsMore(this.#sources.latest?.open, format, this.#expected),
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
    if (source && open && !open.failure && !this.#trial.drained && eachBytes > LONGEST_SIGNAL_BYTES) {
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
    const source = this.#sources.find(from) ?? this.#admit(from)
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
    // To the format a transfer without its beginning is none yet.
    const begun = open?.begun ? open : undefined
    if (this.#trial.drained) {
      this.#trial.takeLate(source, memory, start, end, this.#format.meaning(memory, start, end, begun, most))
      return
    }
    if (open?.doubt === 'last') {
      this.#takeAfterLast(source, open, memory, start, end)
    } else if (open?.nextBytes !== undefined && end - start > open.longestBytes) {
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

  /** What seemed to be the last chunk was the header of the next transfer, unless this is its duplicate. */
  #takeAfterLast(source: Source, open: Transfer, memory: Buffer, start: number, end: number): void {
    if (end === start || open.tail?.compare(memory, start, end) === 0) return
    open.mixed = true
    this.#begin(source, open.nextBytes)
    const { maxSizeBytes } = this.#options
    this.#act(source, memory, start, end, this.#format.meaning(memory, start, end, source.open, maxSizeBytes))
  }

  #act(source: Source, memory: Buffer, start: number, end: number, meaning: Meaning): void {
    const { open } = source
    // What means nothing does not keep a transfer open.
    if (open && meaning.kind !== 'ignored') open.arrivedAt = this.#at
    switch (meaning.kind) {
      case 'begin':
        // With the header lost, a chunk as long as one may look like it.
        if (!this.#reporting && this.#trial.announcesAnother(meaning.announcedBytes))
          this.#foreign(source, memory, start, end, undefined)
        else if (open && !open.begun) open.beginLate(meaning.announcedBytes)
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

  #begin(source: Source, announcedBytes: number | undefined, begun = true): void {
    if (source.open && this.#reporting) this.#finish(source, source.open)
    const memory = this.#memory ?? this.#newMemory()
    this.#memory = undefined
    const open = new Transfer(announcedBytes, this.#expected, memory, !this.#reporting)
    open.begun = begun
    open.arrivedAt = this.#at
    source.open = open
    if (announcedBytes !== undefined && announcedBytes > this.#options.maxSizeBytes)
      // A format without a beginning announces nothing: that is the length of what came.
      open.failure = tooLarge(
        announcedBytes,
        this.#options.maxSizeBytes,
        this.#format.beginning !== undefined,
      )
    else if (memory) open.hold(this.#options.budget, memory.overheadBytes)
    if (this.#reporting) this.#watch.begin()
  }

  #payload(source: Source, memory: Buffer, start: number, end: number, meaning: Meaning): void {
    const { open } = source
    if (!open || open.failure) return
    if (this.#reporting && meaning.kind === 'payload') {
      open.nextBytes = meaning.nextBytes ?? meaning.last
      if (meaning.tail) open.doubt = 'tail'
      else if (meaning.last !== undefined) open.doubt = 'last'
      open.note(memory, start, end)
    }
    if (!open.hold(this.#options.budget, end - start)) return
    if (open.reception.take(memory, start, end)) open.tookPayload(this.#options.maxSizeBytes, this.#reporting)
  }

  /** Payload whose beginning was lost, or is still to come, counts in a trial: there it is known by what is in it. */
  #foreign(source: Source, memory: Buffer, start: number, end: number, what: string | undefined): void {
    // Of a file, whose payload is not known yet, one source at most takes what memory was made ready for.
    const known = () => this.#trial.isPayload(memory, start, end) ?? this.#memory !== undefined
    if (this.#reporting || (!source.open && !known())) {
      this.#stray(source, end - start, what)
      return
    }
    if (!source.open) this.#begin(source, undefined, false)
    this.#payload(source, memory, start, end, PAYLOAD)
  }

  /** What belongs to no transfer is said once a source; stragglers of one that has just ended are not worth it. */
  #stray(source: Source, bytes: number, what: string | undefined): void {
    source.stray++
    const { beginning } = this.#format
    const straggler = monotonic() - source.endedAt < DUPLICATE_MS && source.stray <= STRAGGLERS
    if (source.noted || beginning === undefined || (straggler && what === undefined)) return
    source.noted = true
    this.#options.noted?.(source.endpoint, what ?? orphanWords(bytes, beginning))
  }

  /** After each datagram: acknowledge what is whole, and end what is over. */
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
    const giveBack = () => this.#options.budget?.giveBack(open.heldBytes)
    void Promise.resolve(saved).then(giveBack, giveBack)
  }

  /** Of a trial all that is not of its source counts as stray; of a source that is listened to, what came before its transfer. */
  #report(source: Source | undefined, open = source?.open): ReceiveReport {
    let stray = source?.stray ?? 0
    if (!this.#reporting) {
      stray += this.#unheard
      for (const each of this.#sources) if (each !== source) stray += each.datagrams
    }
    const beside = { stray, ...(this.#strayFrom === undefined ? {} : { strayFrom: this.#strayFrom }) }
    return reportOf(source, open, this.#format, this.#expected, beside)
  }

  #newMemory(): HeldMemory | undefined {
    const { holdBytes } = this.#options
    return holdBytes === undefined ? undefined : new HeldMemory(holdBytes)
  }
}
