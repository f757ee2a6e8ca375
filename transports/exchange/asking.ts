/** When requests leave: at fixed intervals (open loop), or each after the answer to the one before (closed loop). */
import { monotonic } from '../../base/clock.ts'
import { Latencies } from '../../base/latencies.ts'
import type { Bell } from '../../base/waiting.ts'
import type { AskOptions } from '../contract/exchange.ts'
import type { Failure, SendReport } from '../contract/reports.ts'
import { encodeTimes, MOST_TIMES } from '../contract/times.ts'
import { Requests } from './requests.ts'

/** The longest pause between two checks for an abort or a fault. */
const LONGEST_PAUSE_MS = 250
/** A closed loop that hears nothing so many times in a row is over. */
const MOST_SILENT = 10

export class Asking {
  readonly requests: Requests
  /** An answer is being awaited, and the next request follows it. */
  waiting = false
  readonly #options: AskOptions
  readonly #send: (number: number) => Promise<void> | undefined
  readonly #bell: Bell
  #startedAt = monotonic()
  #over = false
  /** When the last request was given up. */
  #answeredBefore = 0
  /** Why a request of a closed loop could not be sent. */
  #thrown: unknown

  /** @param bell is rung by whoever has something new to say */
  constructor(options: AskOptions, send: (number: number) => Promise<void> | undefined, bell: Bell) {
    this.#options = options
    this.#send = send
    this.#bell = bell
    this.requests = new Requests(options.answerTimeoutMs)
  }

  /** The request leaves now; returns when that is. In a closed loop that is when it was due. */
  leaves(number: number): number {
    if (this.#options.intervalMs === undefined) return this.requests.dueAt(number)
    const now = monotonic()
    this.requests.left(number, now)
    return now
  }

  /** When the request left. */
  leftAt(number: number): number {
    return this.#options.intervalMs === undefined ? this.requests.dueAt(number) : this.requests.leftAt(number)
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

  /**
   * Resolves when each request is answered or given up, with the failure that ended it before, if any.
   * @param hopeless no further request can be sent, which is not a failure
   */
  async run(
    pause: (ms: number) => Promise<void>,
    fault: () => Failure | undefined,
    hopeless: () => boolean = () => false,
  ): Promise<Failure | undefined> {
    this.#startedAt = monotonic()
    return this.#options.intervalMs === undefined
      ? this.#closedLoop(fault, hopeless)
      : this.#openLoop(this.#options.intervalMs, pause, fault, hopeless)
  }

  report(): Pick<SendReport, 'startedAt' | 'totalMs' | 'acknowledged' | 'exchange'> {
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

  async #openLoop(
    intervalMs: number,
    pause: (ms: number) => Promise<void>,
    fault: () => Failure | undefined,
    hopeless: () => boolean,
  ): Promise<Failure | undefined> {
    const { requests: most, durationMs = Number.POSITIVE_INFINITY, signal } = this.#options
    for (let index = 0; index < most && index * intervalMs < durationMs && !hopeless(); index++) {
      const dueAt = this.#startedAt + index * intervalMs
      // Also when it is late: answers have to be read, and whoever calls this off has to be heard.
      for (let leftMs = dueAt - monotonic(), first = index > 0; first || leftMs > 0; first = false) {
        await pause(Math.max(0, Math.min(leftMs, LONGEST_PAUSE_MS)))
        leftMs = dueAt - monotonic()
        const failure = aborted(signal) ?? fault()
        if (failure) return failure
      }
      await this.#send(this.requests.make(dueAt))
    }
    this.#over = true
    return hopeless() ? undefined : this.#last(fault)
  }

  async #closedLoop(fault: () => Failure | undefined, hopeless: () => boolean): Promise<Failure | undefined> {
    const { signal } = this.#options
    this.#next()
    let silent = 0
    while (this.waiting && !hopeless()) {
      await this.#bell.wait(Math.max(1, this.requests.patienceMs(monotonic())), signal)
      const failure = aborted(signal) ?? fault()
      if (failure) return failure
      if (this.#thrown) throw this.#thrown
      if (!this.waiting || !this.requests.over(monotonic())) continue
      // Nothing came of the last one: the next one does not wait for it.
      silent = this.#answeredBefore === this.requests.answered ? silent + 1 : 1
      this.#answeredBefore = this.requests.answered
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
    if (this.waiting) void this.#send(this.requests.make(now))?.catch(this.#throw)
    else this.#bell.ring()
  }

  readonly #throw = (error: unknown): void => {
    this.#thrown = error
    this.#bell.ring()
  }

  /** Waits for the answers that may still come. */
  async #last(fault: () => Failure | undefined): Promise<Failure | undefined> {
    const { signal } = this.#options
    for (;;) {
      const failure = aborted(signal) ?? fault()
      if (failure) return failure
      const leftMs = this.requests.patienceMs(monotonic())
      if (leftMs <= 0) return undefined
      await this.#bell.wait(leftMs, signal)
    }
  }
}

function aborted({ aborted }: AbortSignal): Failure | undefined {
  return aborted ? { phase: 'transfer', code: 'ABORTED', message: 'the exchange was called off' } : undefined
}
