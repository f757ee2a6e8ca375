/** Cuts the counts of an end of a stream into intervals, and posts each as it ends. */
import type { SocketInfo } from '../../transports/contract/socket-facts.ts'
import type { Meter, Progress } from '../../transports/contract/transport.ts'
import type { FromAgent, Prepare, ReceiveSide, SendSide } from '../fleet/calls/agent-calls.ts'

type Times = NonNullable<Prepare['stream']>

const NOTHING: Progress = { bytes: 0 }

export class IntervalMeter implements Meter {
  nextAt = Number.NEGATIVE_INFINITY
  readonly #trial: number
  readonly #times: Times
  readonly #post: (message: FromAgent) => void
  #startedAt = 0
  /** Where the current interval began, after `#startedAt`, and what had been counted then. */
  #fromMs = 0
  #begun = NOTHING
  #index = 0
  #retransmits = 0
  /** What had been counted when the part that does not count was over, and at the end of the duration or, if that was before, of the stream. */
  #omitted = NOTHING
  #end: { readonly bytes: number; readonly ms: number } | undefined
  readonly #rtts = { sumMs: 0, count: 0 }
  #deliveryRateBps = 0

  constructor(trial: number, times: Times, post: (message: FromAgent) => void) {
    this.#trial = trial
    this.#times = times
    this.#post = post
  }

  reach(at: number, counts: Progress, info?: () => SocketInfo): void {
    if (this.nextAt === Number.NEGATIVE_INFINITY) {
      this.#startedAt = at
      this.#begun = counts
    }
    if (at >= this.nextAt && this.#elapsed(at) > 0) this.#cutUpTo(this.#elapsed(at), counts, info?.())
    this.nextAt = this.#startedAt + this.#nextMs
  }

  /** The stream is over, the last of it came at `at`; silence up to its duration is in intervals too, as far as `now` has passed it. */
  end(at: number, now: number, counts: Progress, info?: SocketInfo): void {
    if (this.nextAt === Number.NEGATIVE_INFINITY) return
    const { durationMs } = this.#times
    const untilMs = Math.max(this.#elapsed(at), Math.min(this.#elapsed(now), durationMs))
    this.#cutUpTo(untilMs, counts, info)
    this.#end ??= { bytes: counts.bytes, ms: untilMs }
    if (this.#isLeft(counts) || this.#fromMs < Math.min(untilMs, durationMs))
      this.#cut(Math.max(this.#fromMs, untilMs), counts, info)
  }

  /** What arrived within the duration, after the part that does not count, and how long that is; undefined if the stream was over before. */
  get counted(): ReceiveSide['report']['counted'] {
    const ms = (this.#end?.ms ?? 0) - (this.#times.omitMs ?? 0)
    return this.#end && ms > 0 ? { bytes: this.#end.bytes - this.#omitted.bytes, ms } : undefined
  }

  get polled(): SendSide['report']['polled'] {
    const { sumMs, count } = this.#rtts
    return count === 0 ? undefined : { rttMs: sumMs / count, deliveryRateBps: this.#deliveryRateBps }
  }

  #elapsed(at: number): number {
    return at - this.#startedAt
  }

  /** When the current interval ends, after the start: the part that does not count and the duration end with one of their own. */
  get #nextMs(): number {
    const { durationMs, everyMs, omitMs = 0 } = this.#times
    if (this.#fromMs < omitMs) return Math.min(omitMs, everyMs * (Math.floor(this.#fromMs / everyMs) + 1))
    const nextMs = omitMs + everyMs * (Math.floor((this.#fromMs - omitMs) / everyMs + 1e-9) + 1)
    return this.#fromMs < durationMs ? Math.min(nextMs, durationMs) : nextMs
  }

  #cutUpTo(untilMs: number, counts: Progress, info: SocketInfo | undefined): void {
    for (let toMs = this.#nextMs; toMs <= untilMs; toMs = this.#nextMs) {
      this.#cut(toMs, counts, info)
      if (toMs === this.#times.omitMs) this.#omitted = counts
      if (toMs === this.#times.durationMs) this.#end = { bytes: counts.bytes, ms: toMs }
    }
  }

  #isLeft(counts: Progress): boolean {
    const { bytes, datagrams = 0, advanced = 0 } = this.#begun
    return counts.bytes > bytes || (counts.datagrams ?? 0) > datagrams || (counts.advanced ?? 0) > advanced
  }

  #cut(toMs: number, counts: Progress, info: SocketInfo | undefined): void {
    const { rttMs, cwndSegments, retransmits, deliveryRateBps = 0 } = info ?? {}
    if (rttMs !== undefined) {
      this.#rtts.sumMs += rttMs
      this.#rtts.count++
    }
    this.#deliveryRateBps = Math.max(this.#deliveryRateBps, deliveryRateBps)
    const since = (key: 'datagrams' | 'advanced') =>
      counts[key] === undefined ? undefined : Math.max(0, counts[key] - (this.#begun[key] ?? 0))
    this.#post({
      type: 'interval',
      trial: this.#trial,
      index: this.#index++,
      fromMs: this.#fromMs,
      toMs,
      bytes: counts.bytes - this.#begun.bytes,
      datagrams: since('datagrams'),
      advanced: since('advanced'),
      ...(rttMs === undefined ? {} : { info: { rttMs, cwndSegments } }),
      ...(retransmits === undefined ? {} : { retransmits: retransmits - this.#retransmits }),
    })
    this.#retransmits = retransmits ?? this.#retransmits
    this.#fromMs = toMs
    this.#begun = counts
  }
}
