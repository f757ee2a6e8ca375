/** Whether the calling thread could run: what was done to it (SIGSTOP, a debugger, a CPU that others had) is no slowness of its own. */
import { readFileSync } from 'node:fs'
import { monotonic } from '../../../base/clock.ts'

/** How often it looks, in ms. */
const EVERY_MS = 10
/** A thread that reads has its turn of the event loop more often; of what is shorter nothing can be told. */
const SHORTEST_STALL_MS = 20
const SHORTEST_WAIT_MS = 1
/** What is remembered: more than the longest trial needs. */
const MOST_SPANS = 1000

/** What kept a thread from running. */
export interface Stalls {
  /** The longest time without a turn of its event loop in which its process did not work either, in ms; 0 for less than 20. */
  readonly stallMs: number
  /** Ready to run, and without a CPU, in ms. Undefined where the system does not say. */
  readonly cpuWaitMs: number | undefined
}

interface Span extends Stalls {
  readonly endedAt: number
}

export class StallWatch implements Disposable {
  readonly #timer = setInterval(() => this.#look(), EVERY_MS).unref()
  readonly #spans: Span[] = []
  #at = monotonic()
  #cpu = process.cpuUsage()
  #waited = cpuWaitMs()

  /** @param at of the monotonic clock: what ended before it does not count; absent: all since it was made */
  since(at = Number.NEGATIVE_INFINITY): Stalls {
    this.#look()
    const spans = this.#spans.filter(each => each.endedAt >= at)
    return {
      stallMs: spans.reduce((most, each) => Math.max(most, each.stallMs), 0),
      cpuWaitMs:
        this.#waited === undefined ? undefined : spans.reduce((sum, each) => sum + (each.cpuWaitMs ?? 0), 0),
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const endedAt = monotonic()
    const { user, system } = process.cpuUsage(this.#cpu)
    const idleMs = endedAt - this.#at - EVERY_MS - (user + system) / 1000
    const waited = cpuWaitMs()
    const waitMs = (waited ?? 0) - (this.#waited ?? 0)
    this.#at = endedAt
    this.#cpu = process.cpuUsage()
    this.#waited = waited
    const stallMs = idleMs < SHORTEST_STALL_MS ? 0 : idleMs
    if (stallMs === 0 && waitMs < SHORTEST_WAIT_MS) return
    this.#spans.push({ endedAt, stallMs, cpuWaitMs: waitMs })
    if (this.#spans.length > MOST_SPANS) this.#spans.shift()
  }
}

/** How long the calling thread was ready to run and had no CPU, so far: the second number of schedstat, in ns (Linux). */
export function cpuWaitMs(): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const [, waited = ''] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')
    return /^\d+$/.test(waited) ? Number(waited) / 1e6 : undefined
  } catch {
    return undefined
  }
}
