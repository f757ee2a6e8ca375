/** Detects when the calling thread could not run: being stopped (SIGSTOP, a debugger, other load on its CPU) is not slowness of its own. */
import { monotonic } from '../../../base/clock.ts'
import { numberIn, textOf } from '../../../base/system-files.ts'

/** The interval between checks, in ms. */
const EVERY_MS = 10
/** A reading thread returns to the event loop more often than this; shorter stalls cannot be distinguished from that. */
const SHORTEST_STALL_MS = 20
const SHORTEST_WAIT_MS = 1
/** How many to keep: more than the longest trial needs. */
const MOST_SPANS = 1000

/** What kept a thread from running. */
export interface Stalls {
  /** The longest time in which neither the thread's event loop nor its process ran, in ms; 0 if under 20. */
  readonly stallMs: number
  /** Time runnable but without a CPU, in ms. Undefined if the system does not report it. */
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

  /** Counts from now on. A short trial ends before the first tick. */
  restart(): void {
    this.#look()
    this.#spans.length = 0
  }

  /** @param at on the monotonic clock: ignores stalls that ended earlier; absent for all of them */
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

/** Total time that the calling thread was runnable without a CPU, in ms: the second number of schedstat (Linux). */
export function cpuWaitMs(): number | undefined {
  const waited = numberIn(textOf('/proc/thread-self/schedstat')?.split(' ')[1])
  return waited === undefined ? undefined : waited / 1e6
}
