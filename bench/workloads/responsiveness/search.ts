/**
 * Fills connections until goodput, and then responsiveness, are stable: each second one more connection, with probes beside and behind them
 * (draft-ietf-ippm-responsiveness-09).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import { onAbort } from '../../../base/waiting.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import {
  confidenceOf,
  isStable,
  type Probes,
  probesPerSecond,
  responsivenessOf,
  STABLE_INTERVALS,
} from '../../../results/statistics/responsiveness.ts'
import type { Load, LoadConnection } from '../../../transports/contract/load.ts'
import type { Failure } from '../../../transports/contract/reports.ts'
import { codeOf } from '../../../transports/stream/connect.ts'

const INTERVAL_MS = 1000
const MOST_CONNECTIONS = 16
const IDLE_PROBES = 10
/** What a probe takes of the loaded direction: half of a fresh connection's four packets and a request behind the load, with all headers. */
const PROBE_BYTES = 250
/** Before the capacity is known, probes a second. */
const FIRST_PROBES = 10
/** The most fresh connections that wait for their answers. */
const MOST_WAITING = 100

/** What ended in one interval. */
class Interval implements Probes {
  readonly tcpMs: number[] = []
  readonly httpMs: number[] = []
  readonly loadedMs: number[] = []
  goodputBps: number | undefined
}

export class Search {
  readonly #connect: () => ReturnType<Load['connect']>
  readonly #frameBytes: number
  readonly #over = new AbortController()
  readonly #connections: LoadConnection[] = []
  readonly #intervals: Interval[] = []
  #latest = new Interval()
  #waiting = 0
  #goodputStable = false
  #rpmStable = false
  #failure: Failure | undefined

  /** @param frameBytes of the load */
  constructor(connect: (signal: AbortSignal) => ReturnType<Load['connect']>, frameBytes: number) {
    this.#connect = () => connect(this.#over.signal)
    this.#frameBytes = frameBytes
  }

  /** Call it once. @param mostMs 0 to ask without a load */
  async run(mostMs: number, signal: AbortSignal) {
    using _stop = onAbort(signal, () => this.#over.abort())
    try {
      const idleMs = await this.#askIdle()
      if (mostMs > 0 && !this.#failure) await this.#fillUntil(monotonic() + mostMs)
      return this.#found(idleMs)
    } finally {
      this.#over.abort()
      await Promise.all(this.#connections.map(each => each[Symbol.asyncDispose]()))
    }
  }

  /** The median of a few round trips on fresh connections, in ms. */
  async #askIdle(): Promise<number> {
    for (let probe = 0; probe < IDLE_PROBES && !this.#failure; probe++) this.#failure = await this.#askFresh()
    return median(this.#endInterval().httpMs) ?? 0
  }

  #endInterval(): Interval {
    const ended = this.#latest
    this.#latest = new Interval()
    return ended
  }

  async #fillUntil(until: number): Promise<void> {
    void this.#add()
    void this.#probe()
    let before = { at: monotonic(), bytes: 0 }
    // The last interval may be longer than asked for, so that none is much shorter than the others.
    do {
      await this.#sleep(Math.min(INTERVAL_MS, Math.max(INTERVAL_MS / 2, until - before.at)))
      const now = { at: monotonic(), bytes: this.#sum(each => each.arrivedBytes) }
      const ended = this.#endInterval()
      ended.goodputBps = ((now.bytes - before.bytes) * 8000) / (now.at - before.at)
      this.#intervals.push(ended)
      before = now
      this.#goodputStable ||= isStable(this.#intervals.map(each => each.goodputBps))
      this.#rpmStable = isStable(this.#intervals.map(each => responsivenessOf(each).rpm))
      if (this.#goodputStable && this.#rpmStable) return
      if (this.#connections.length < MOST_CONNECTIONS) void this.#add()
    } while (!this.#over.signal.aborted && before.at < until - INTERVAL_MS / 2)
  }

  /** Adds a loaded connection. */
  async #add(): Promise<void> {
    const attempt = await this.#connect()
    if (attempt.failure) {
      this.#fail(attempt.failure)
      return
    }
    const { connection } = attempt
    this.#connections.push(connection)
    if (this.#over.signal.aborted) await connection[Symbol.asyncDispose]()
    try {
      await connection.fill(this.#frameBytes)
      throw new Error('the other end closed a loaded connection')
    } catch (error) {
      this.#fail(failureOf(error))
    }
  }

  /** Probes until it is over, a fresh connection and a loaded one in turn. */
  async #probe(): Promise<void> {
    let dueAt = monotonic()
    for (let turn = 0; !this.#over.signal.aborted; turn++) {
      if (this.#waiting < MOST_WAITING) {
        this.#waiting++
        // Where one fails, the load tells why, or it is over.
        void this.#askFresh().then(() => this.#waiting--)
        const behind = this.#connections[turn % this.#connections.length]?.ask()
        behind?.then(
          ms => this.#latest.loadedMs.push(ms),
          () => {},
        )
      }
      const { goodputBps } = this.#intervals.at(-1) ?? {}
      const perSecond = goodputBps ? probesPerSecond(goodputBps, PROBE_BYTES) : FIRST_PROBES
      // A pair of probes a turn; those that were missed are not made up for.
      dueAt = Math.max(dueAt + 2000 / perSecond, monotonic())
      await this.#sleep(dueAt - monotonic())
    }
  }

  /** One request on a fresh connection. Never rejects. */
  async #askFresh(): Promise<Failure | undefined> {
    const attempt = await this.#connect()
    if (attempt.failure) return attempt.failure
    try {
      await using connection = attempt.connection
      const httpMs = await connection.ask()
      this.#latest.tcpMs.push(attempt.connectMs)
      this.#latest.httpMs.push(httpMs)
      return undefined
    } catch (error) {
      return failureOf(error)
    }
  }

  /** Ends it, unless it is over. */
  #fail(failure: Failure): void {
    if (this.#over.signal.aborted) return
    this.#failure ??= failure
    this.#over.abort()
  }

  #found(idleMs: number) {
    const last = this.#intervals.slice(-STABLE_INTERVALS)
    const { tcpMs, loadedMs } = joined(this.#intervals)
    const goodputBps = last.reduce((sum, each) => sum + (each.goodputBps ?? 0), 0) / last.length
    const [first] = this.#connections
    return {
      responsiveness: {
        idleMs,
        ...responsivenessOf(joined(last)),
        probes: tcpMs.length + loadedMs.length,
        connections: this.#connections.length,
        goodputBps: last.length > 0 ? goodputBps : undefined,
        confidence: confidenceOf(this.#goodputStable, this.#rpmStable),
      },
      bytesAccepted: this.#sum(each => each.acceptedBytes),
      state: first?.state ?? {},
      info: first?.info ?? {},
      failure: this.#failure,
    }
  }

  #sum(of: (connection: LoadConnection) => number): number {
    return this.#connections.reduce((sum, each) => sum + of(each), 0)
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => {})
  }
}

function joined(intervals: readonly Interval[]): Probes {
  return {
    tcpMs: intervals.flatMap(each => each.tcpMs),
    httpMs: intervals.flatMap(each => each.httpMs),
    loadedMs: intervals.flatMap(each => each.loadedMs),
  }
}

function failureOf(error: unknown): Failure {
  return { phase: 'transfer', code: codeOf(error), message: errorMessage(error) }
}
