/** Delivery traces of mahimahi: a line for each moment, in ms from the start, at which a packet of 1,500 bytes can leave; it repeats. */
import { readFileSync } from 'node:fs'
import { UsageError } from '../../base/errors.ts'
import { readError } from '../../base/system-errors.ts'

const OPPORTUNITY_BYTES = 1500
/** Of text: a day of a fast path. */
const MOST_BYTES = 64 * 2 ** 20

/** @throws UsageError in one line */
export function readTrace(path: string): readonly number[] {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    throw readError(`cannot read the trace ${path}`, error, { otherwise: 'name a trace of mahimahi' })
  }
  if (text.length > MOST_BYTES) throw new UsageError(`${path} is too long for a trace: over 64 MiB`)
  const times: number[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const word = line.trim()
    if (word === '') continue
    const at = /^\d{1,12}$/.test(word) ? Number(word) : Number.NaN
    if (!(at >= (times.at(-1) ?? 0)))
      throw new UsageError(
        `${path}:${index + 1}: ${JSON.stringify(word.slice(0, 40))} is not a time in ms that follows the one before; name a trace of mahimahi`,
      )
    times.push(at)
  }
  if ((times.at(-1) ?? 0) === 0) throw new UsageError(`${path} is not a trace: it has no time after 0`)
  return times
}

/** The longest that it lets nothing through, in ms. */
export function longestGapMs(times: readonly number[]): number {
  // The first moment comes again after the last one.
  return times.reduce((most, time, index) => Math.max(most, time - (times[index - 1] ?? 0)), 0)
}

/** What it lets through on average, in bit/s. */
export function meanBps(times: readonly number[]): number {
  return (8000 * OPPORTUNITY_BYTES * times.length) / (times.at(-1) ?? 1)
}

/** What leaves by it, in order. */
export class Opportunities {
  readonly #times: readonly number[]
  readonly #periodMs: number
  #startedAt: number | undefined
  /** The next one, over all repetitions, and how much of it is left. */
  #next = 0
  #leftBytes = OPPORTUNITY_BYTES

  constructor(times: readonly number[]) {
    this.#times = times
    this.#periodMs = times.at(-1) ?? 1
  }

  /** When the last byte leaves. @param idle nothing waits: moments that have passed are lost */
  leave(bytes: number, now: number, idle: boolean): number {
    this.#startedAt ??= now
    if (idle) while (this.#at() < now) this.#advance()
    for (let needed = bytes; ; ) {
      const at = this.#at()
      if (needed <= this.#leftBytes) {
        this.#leftBytes -= needed
        return Math.max(at, now)
      }
      needed -= this.#leftBytes
      this.#advance()
    }
  }

  #at(): number {
    const count = this.#times.length
    const time = this.#times[this.#next % count] ?? 0
    return (this.#startedAt ?? 0) + Math.floor(this.#next / count) * this.#periodMs + time
  }

  #advance(): void {
    this.#next++
    this.#leftBytes = OPPORTUNITY_BYTES
  }
}
