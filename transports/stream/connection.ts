/** One client of the size handshake, from the server's side: what is said, and how long it may take. */
import { shareOf } from '../../base/addresses.ts'
import { monotonic } from '../../base/clock.ts'
import { unreachable } from '../../base/errors.ts'
import { formatBytes } from '../../base/units.ts'
import { deliverWaiting } from '../../base/waiting.ts'
import type { Failure, Phase, ReceiveReport } from '../contract/reports.ts'
import type { StreamSocket } from '../contract/sockets.ts'
import type { Budget, ReceiveOptions } from '../contract/transport.ts'
import { slowness, tooLarge } from '../payload/limits.ts'
import { Arrival } from './arrival.ts'
import { GOT_IMAGE, GOT_SIZE, isFarewell, readSizeHeader } from './messages.ts'

/** Existing clients do not terminate SIZE: digits followed by this much silence are complete. Ours do, so they never wait. */
const UNTERMINATED_MS = 50
/** How long a client may take to say BYE or close after it has its reply. */
const FAREWELL_MS = 1000
/** The longest possible farewell. */
const FAREWELL_BYTES = 32
const GOT_SIZE_BYTES = Buffer.from(GOT_SIZE, 'latin1')
const GOT_IMAGE_BYTES = Buffer.from(GOT_IMAGE, 'latin1')
/** How often to check whether a client is too slow. */
const SLOW_MS = 250

export class Connection {
  readonly #stream: StreamSocket
  readonly #options: ReceiveOptions
  readonly #arrival: Arrival
  readonly #ended: (report: ReceiveReport) => unknown
  #state: 'header' | 'payload' | 'farewell' | 'over' = 'header'
  #arrived: Buffer = Buffer.alloc(0)
  #failure: Failure | undefined
  #timer: NodeJS.Timeout | undefined
  #slow: NodeJS.Timeout | undefined
  #interrupted = false
  readonly begunAt = monotonic()
  /** Of the connections, by `shareOf` its host. */
  readonly share: string
  #activeAt = this.begunAt

  constructor(
    stream: StreamSocket,
    options: ReceiveOptions,
    budget: Budget,
    ended: (report: ReceiveReport) => unknown,
  ) {
    this.#stream = stream
    this.share = shareOf(stream.remote.host)
    this.#options = options
    this.#arrival = new Arrival(options, budget)
    this.#ended = ended
    stream.read(
      bytes => this.#take(bytes),
      () => (this.#state === 'header' ? 1 : this.#arrival.missingBytes),
    )
    void stream.closed.then(code => this.#closed(code))
    this.#watchIdle()
    const { timeoutMs, minRateBps } = options
    if (timeoutMs !== undefined || minRateBps !== undefined)
      this.#slow = setInterval(this.#watchSlow, SLOW_MS)
  }

  /** Undefined until SIZE has arrived. */
  get announcedBytes(): number | undefined {
    return this.#arrival.announcedBytes
  }

  /** Its socket: the options, and the kernel's counters. */
  get state() {
    return this.#stream.state
  }

  get info() {
    return this.#stream.info()
  }

  /** Payload received so far. */
  get bytes(): number {
    return this.#arrival.bytes
  }

  /** Makes room for another connection: one that has its reply only ends sooner. */
  crowdOut(): void {
    if (this.#state === 'farewell') {
      this.#over()
      return
    }
    const message = 'too many connections, of which its host had most and it was the slowest'
    this.#fail({ phase: this.#phase, code: 'BUSY', message })
  }

  /** The transfer so far. */
  report(): ReceiveReport {
    return {
      from: this.#stream.remote,
      ...this.#arrival.report(),
      ...(this.#failure ? { failure: this.#failure } : {}),
      ...(this.#interrupted ? { interrupted: true } : {}),
    }
  }

  /** The receiver accepts no more: reports what has arrived, unless no payload was announced. */
  callOff(): void {
    this.#interrupted = this.#state === 'payload'
    if (this.#state === 'header') this.abandon()
    else this.#over()
  }

  /** The receiver is closing: reports nothing more. */
  abandon(): void {
    this.#state = 'over'
    clearTimeout(this.#timer)
    clearInterval(this.#slow)
  }

  get #phase(): Phase {
    return this.#state === 'header' ? 'handshake' : 'transfer'
  }

  #take(bytes: Buffer): void {
    this.#activeAt = monotonic()
    switch (this.#state) {
      case 'header':
        this.#arrived = Buffer.concat([this.#arrived, bytes])
        this.#readHeader()
        break
      case 'payload':
        this.#payload(bytes)
        break
      case 'farewell':
        this.#arrived = Buffer.concat([this.#arrived, bytes])
        this.#readFarewell()
        break
      case 'over':
        break
      default:
        unreachable(this.#state)
    }
  }

  #readHeader(): void {
    clearTimeout(this.#timer)
    const header = readSizeHeader(this.#arrived)
    switch (header.kind) {
      case 'incomplete':
        this.#watchIdle()
        break
      case 'unterminated':
        this.#timer = setTimeout(async () => {
          if (await this.#silence()) this.#greet(header.sizeBytes, this.#arrived.length)
        }, UNTERMINATED_MS)
        break
      case 'whole':
        this.#greet(header.sizeBytes, header.length)
        break
      case 'bad':
        this.#fail({ phase: 'handshake', code: 'PROTOCOL', message: header.message })
        break
      default:
        unreachable(header)
    }
  }

  #greet(sizeBytes: number, headerLength: number): void {
    const { maxSizeBytes } = this.#options
    if (sizeBytes > maxSizeBytes) {
      this.#fail(tooLarge(sizeBytes, maxSizeBytes, true))
      return
    }
    this.#arrival.announce(sizeBytes)
    this.#state = 'payload'
    this.#say(GOT_SIZE_BYTES)
    const rest = this.#arrived.subarray(headerLength)
    this.#arrived = Buffer.alloc(0)
    this.#watchIdle()
    this.#payload(rest)
  }

  #payload(bytes: Buffer): void {
    const length = Math.min(bytes.length, this.#arrival.missingBytes)
    const failure = length > 0 ? this.#arrival.take(bytes, length, this.#activeAt) : undefined
    if (failure) {
      this.#fail(failure)
      return
    }
    if (this.#arrival.missingBytes > 0) return
    this.#state = 'farewell'
    // Do not acknowledge if more than the announced size arrived in one piece.
    if (!isFarewell(bytes.toString('latin1', length, length + FAREWELL_BYTES))) {
      this.#tooMuch()
      return
    }
    this.#say(GOT_IMAGE_BYTES)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#over(), FAREWELL_MS)
    this.#arrived = Buffer.from(bytes.subarray(length))
    this.#readFarewell()
  }

  #readFarewell(): void {
    if (this.#arrived.length === 0) return
    const text = this.#arrived.toString('latin1', 0, FAREWELL_BYTES)
    if (!isFarewell(text)) this.#tooMuch()
    else if (text.includes('BYE')) this.#over()
  }

  #tooMuch(): void {
    const message = `more came than the ${formatBytes(this.#arrival.bytes)} of SIZE`
    this.#fail({ phase: 'transfer', code: 'PROTOCOL', message })
  }

  #closed(code: string | undefined): void {
    if (this.#state === 'over') return
    if (this.#state === 'payload' && this.#arrival.endless && code === undefined) {
      this.#arrival.ended = true
      this.#say(GOT_IMAGE_BYTES)
      this.#state = 'farewell'
    }
    if (this.#state === 'farewell') {
      this.#over()
      return
    }
    const when = this.announcedBytes === undefined ? 'before SIZE was whole' : `after ${this.#soFar}`
    const message = this.#stream.trouble ?? `the sender closed the connection ${when}`
    this.#fail({ phase: this.#phase, code: code ?? 'CLOSED', message })
  }

  /** What has arrived, and of how much, for a message. */
  get #soFar(): string {
    const { bytes, announcedBytes } = this.#arrival
    return announcedBytes === undefined
      ? formatBytes(bytes)
      : `${formatBytes(bytes)} of ${formatBytes(announcedBytes)}`
  }

  #fail(failure: Failure): void {
    this.#failure = failure
    this.#over()
  }

  readonly #watchSlow = (): void => {
    if (this.#state === 'over' || this.#state === 'farewell') return
    const { timeoutMs, minRateBps } = this.#options
    // Silence before SIZE is covered by the quiet time.
    const limits = { timeoutMs, minRateBps: this.#state === 'header' ? undefined : minRateBps }
    const failure = slowness(limits, this.begunAt, this.#arrival.bytes, monotonic())
    if (failure) this.#fail(failure)
  }

  #over(): void {
    if (this.#state === 'over') return
    this.abandon()
    const saved = this.#ended(this.report())
    const { giveBack } = this.#arrival
    void Promise.resolve(saved).then(giveBack, giveBack)
    if (this.#failure || this.#interrupted) void this.#stream[Symbol.asyncDispose]()
    else {
      this.#stream.end()
      this.#timer = setTimeout(() => void this.#stream[Symbol.asyncDispose](), FAREWELL_MS)
      void this.#stream.closed.then(() => {
        clearTimeout(this.#timer)
        void this.#stream[Symbol.asyncDispose]()
      })
    }
  }

  #say(bytes: Buffer): void {
    // `closed` reports a client that has gone.
    this.#stream.write(bytes, bytes.length).catch(() => {})
  }

  #watchIdle(): void {
    const { quietMs } = this.#options
    if (quietMs === undefined) return
    clearTimeout(this.#timer)
    const check = async () => {
      const leftMs = this.#activeAt + quietMs - monotonic()
      if (leftMs > 0) this.#timer = setTimeout(check, Math.ceil(leftMs))
      else if (await this.#silence())
        this.#fail({
          phase: this.#phase,
          code: 'TIMEOUT',
          message: `nothing came for ${quietMs} ms after ${this.#soFar}`,
        })
      else if (this.#state === 'payload') this.#watchIdle()
    }
    this.#timer = setTimeout(check, quietMs)
  }

  async #silence(): Promise<boolean> {
    const activeAt = this.#activeAt
    await deliverWaiting()
    return this.#state !== 'over' && this.#activeAt === activeAt
  }
}
