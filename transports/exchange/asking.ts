/** When requests leave: at fixed intervals (open loop), or each after the answer to the one before (closed loop). */
import { monotonic } from '../../base/clock.ts'
import { errorCode, errorMessage } from '../../base/errors.ts'
import { Latencies } from '../../base/latencies.ts'
import { Bell, LONGEST_PAUSE_MS } from '../../base/waiting.ts'
import type { AskOptions } from '../contract/exchange.ts'
import type { Asked, Failure, SendReport } from '../contract/reports.ts'
import type { SendTally } from '../contract/sockets.ts'
import { encodeTimes, MOST_TIMES } from '../contract/times.ts'
import { newTally } from '../engines/tally.ts'
import type { Message, MessageFormat } from './format.ts'
import { Requests } from './requests.ts'

/** A closed loop that hears nothing so many times in a row is over. */
const MOST_SILENT = 10

export class Asking {
  readonly requests: Requests
  /** What an echo should be. */
  readonly expected: Message
  /** An answer is being awaited, and the next request follows it. */
  waiting = false
  readonly #options: AskOptions
  readonly #send: (number: number) => Promise<void> | undefined
  readonly #pause: (ms: number) => Promise<void>
  readonly #tally: SendTally
  readonly #message: Message
  /** Of the request that left last. */
  #wire: Buffer
  readonly #bell = new Bell()
  #startedAt = monotonic()
  #over = false
  #fault: Failure | undefined

  /** @param tally what the system made of the requests, if they are datagrams */
  constructor(
    options: AskOptions,
    format: MessageFormat,
    send: (number: number) => Promise<void> | undefined,
    pause: (ms: number) => Promise<void>,
    tally = newTally(),
  ) {
    this.#options = options
    this.#send = send
    this.#pause = pause
    this.#tally = tally
    this.#message = format.message(options.sizeBytes)
    this.#wire = this.#message.bytes
    this.expected = format.message(options.sizeBytes)
    this.requests = new Requests(options.answerTimeoutMs)
  }

  /** The bytes of a request, which leaves now. In a closed loop that is when it was due. */
  request(number: number): Buffer {
    const { requests } = this
    const leavesAt = this.#options.intervalMs === undefined ? requests.dueAt(number) : monotonic()
    requests.left(number, leavesAt)
    const length = this.#message.become(number, leavesAt)
    if (this.#wire.length !== length) this.#wire = this.#message.bytes.subarray(0, length)
    return this.#wire
  }

  /** Ends it, if nothing has before. */
  fail(phase: Failure['phase'], code: string, message: string): void {
    this.#fault ??= { phase, code, message }
    this.#bell.ring()
  }

  /** Takes an answer. In a closed loop the next request leaves at once. */
  answer(number: number, at: number, intact: boolean): void {
    const { requests } = this
    const counts = requests.answer(number, at, intact)
    if (this.#options.intervalMs === undefined) {
      // A damaged one is an answer too.
      if ((counts || !intact) && number === requests.made) this.#next()
    } else if (this.#over && requests.answered === requests.made) this.#bell.ring()
  }

  /** Resolves when each request is answered or given up, with the failure that ended it before, if any. */
  run(): Promise<Failure | undefined> {
    const { intervalMs } = this.#options
    this.#startedAt = monotonic()
    return intervalMs === undefined ? this.#closedLoop() : this.#openLoop(intervalMs)
  }

  report(): Pick<SendReport, 'startedAt' | 'totalMs' | 'acknowledged'> & { readonly exchange: Asked } {
    const { requests } = this
    const { made, answered, late, duplicated, damaged } = requests
    const [rtt, lateness] = [new Latencies(), new Latencies()]
    const few = made <= MOST_TIMES
    const [due, back] = [new Float64Array(few ? made : 0), new Float64Array(few ? made : 0)]
    let index = 0
    requests.each((dueAt, leftAt, answeredAt) => {
      const tookMs = answeredAt - dueAt
      if (tookMs <= this.#options.answerTimeoutMs) rtt.add(tookMs)
      if (leftAt >= dueAt) lateness.add(leftAt - dueAt)
      if (few) {
        due[index] = dueAt - this.#startedAt
        back[index++] = answeredAt - this.#startedAt
      }
    })
    return {
      startedAt: this.#startedAt,
      totalMs: (requests.lastAnswerAt ?? monotonic()) - this.#startedAt,
      acknowledged: made > 0 && answered === made,
      exchange: {
        ...{ made, answered, late, duplicated, damaged },
        rtt: rtt.encoded(),
        ...(this.#options.intervalMs === undefined ? {} : { lateness: lateness.encoded() }),
        ...(few ? { due: encodeTimes(due), back: encodeTimes(back) } : {}),
      },
    }
  }

  get #failure(): Failure | undefined {
    if (this.#options.signal.aborted)
      return { phase: 'transfer', code: 'ABORTED', message: 'the exchange was called off' }
    const { failure } = this.#tally
    return this.#fault ?? (failure && { phase: 'transfer', ...failure })
  }

  /** No further request can be sent, since all are of one size: not a failure. */
  get #hopeless(): boolean {
    return this.#tally.refusal?.code === 'EMSGSIZE'
  }

  async #openLoop(intervalMs: number): Promise<Failure | undefined> {
    const { requests: most, durationMs = Number.POSITIVE_INFINITY } = this.#options
    for (let index = 0; index < most && index * intervalMs < durationMs && !this.#hopeless; index++) {
      const dueAt = this.#startedAt + index * intervalMs
      // Also when it is late: answers have to be read, and whoever calls this off has to be heard.
      for (let leftMs = dueAt - monotonic(), first = index > 0; first || leftMs > 0; first = false) {
        await this.#pause(Math.max(0, Math.min(leftMs, LONGEST_PAUSE_MS)))
        leftMs = dueAt - monotonic()
        if (this.#failure) return this.#failure
      }
      await this.#send(this.requests.make(dueAt))
    }
    this.#over = true
    return this.#hopeless ? undefined : this.#last()
  }

  async #closedLoop(): Promise<Failure | undefined> {
    this.#next()
    let silent = 0
    /** When the last request was given up. */
    let answeredBefore = 0
    while (this.waiting && !this.#hopeless) {
      await this.#bell.wait(Math.max(1, this.requests.patienceMs(monotonic())), this.#options.signal)
      if (this.#failure) return this.#failure
      if (!this.waiting || !this.requests.over(monotonic())) continue
      // Nothing came of the last one: the next one does not wait for it.
      silent = answeredBefore === this.requests.answered ? silent + 1 : 1
      answeredBefore = this.requests.answered
      if (silent >= MOST_SILENT)
        return { phase: 'ack', code: 'TIMEOUT', message: `no answer to ${MOST_SILENT} requests in a row` }
      this.#next()
    }
    return undefined
  }

  #next(): void {
    const { requests: most, durationMs = Number.POSITIVE_INFINITY } = this.#options
    const now = monotonic()
    this.waiting = this.requests.made < most && now - this.#startedAt < durationMs
    if (this.waiting) void this.#send(this.requests.make(now))?.catch(this.#notSent)
    else this.#bell.ring()
  }

  readonly #notSent = (error: unknown): void =>
    this.fail('connect', errorCode(error) ?? 'INTERNAL', errorMessage(error))

  /** Waits for the answers that may still come. */
  async #last(): Promise<Failure | undefined> {
    while (!this.#failure) {
      const leftMs = this.requests.patienceMs(monotonic())
      if (leftMs <= 0) return undefined
      await this.#bell.wait(leftMs, this.#options.signal)
    }
    return this.#failure
  }
}
