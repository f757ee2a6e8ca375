/** Joins what both ends of a stream counted in each interval into rows of the table of intervals. */
import type { IntervalIdentity, IntervalRecord } from '../../results/schema/intervals.ts'
import type { Case } from '../../scenarios/plan.ts'
import type { Interval } from '../fleet/calls/agent-calls.ts'
import type { Role } from '../fleet/host.ts'
import { USUAL_EVERY_MS } from './prepare.ts'

export type TellInterval = (row: IntervalRecord) => void

/** How many more than its duration has a stream may have: the buffers empty after it. */
const MORE = 1000

export class IntervalRows {
  readonly #identity: IntervalIdentity
  readonly #omitMs: number
  readonly #most: number
  readonly #ends: Readonly<Record<Role, Interval[]>> = { sender: [], receiver: [] }
  readonly #roles: readonly Role[]
  readonly #tell: TellInterval
  #told = 0

  constructor(
    identity: IntervalIdentity,
    { durationMs = 0, omitMs = 0 }: Case,
    everyMs = USUAL_EVERY_MS,
    tell: TellInterval,
  ) {
    this.#identity = identity
    this.#omitMs = omitMs
    this.#most = Math.ceil(durationMs / everyMs) + MORE
    // A foreign receiver reports nothing.
    this.#roles = identity.direction === 'send' ? ['sender'] : ['sender', 'receiver']
    this.#tell = tell
  }

  /** Intervals come in order, each once; others are another host's mistake, and no rows. */
  readonly hear = (role: Role, interval: Interval): void => {
    const heard = this.#ends[role]
    if (interval.index !== this.#told + heard.length || interval.index >= this.#most) return
    heard.push(interval)
    while (this.#roles.every(each => this.#ends[each].length > 0)) this.#tellNext()
  }

  /** Tells what only one end has reported. */
  end(): void {
    while (this.#roles.some(each => this.#ends[each].length > 0)) this.#tellNext()
  }

  #tellNext(): void {
    const sender = this.#ends.sender.shift()
    const receiver = this.#ends.receiver.shift()
    const times = receiver ?? sender
    if (!times) return
    const { fromMs, toMs } = times
    this.#told++
    this.#tell({
      ...this.#identity,
      interval: this.#told,
      from_ms: fromMs,
      to_ms: toMs,
      omitted: toMs <= this.#omitMs,
      goodput_bps: receiver && toMs > fromMs ? (receiver.bytes * 8000) / (toMs - fromMs) : undefined,
      bytes_accepted: sender?.bytes,
      bytes_delivered: receiver?.bytes,
      datagrams_accepted: sender?.datagrams,
      datagrams_delivered: receiver?.datagrams,
      datagrams_lost: lostOf(sender, receiver),
      rtt_ms: sender?.info?.rttMs,
      cwnd_segments: sender?.info?.cwndSegments,
      retransmits: sender?.retransmits,
    })
  }
}

/** What the system refused has an index, and never left. */
function lostOf(sender: Interval | undefined, receiver: Interval | undefined): number | undefined {
  const missing = missingOf(receiver)
  return missing === undefined ? undefined : missing - (missingOf(sender) ?? 0)
}

function missingOf({ datagrams, advanced }: Partial<Interval> = {}): number | undefined {
  return datagrams === undefined || advanced === undefined ? undefined : advanced - datagrams
}
