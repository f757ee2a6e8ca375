/** Bounded waits that leave no timer or listener behind. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from './clock.ts'

/** The longest pause of a sender between two checks for an abort. */
export const LONGEST_PAUSE_MS = 250

/** Something to wait for: `ring`, a time-out or an abort wakes a waiter, which then checks its condition again. */
export class Bell {
  #wake: (() => void) | undefined

  ring(): void {
    this.#wake?.()
  }

  /** Resolves when the bell rings, `ms` have passed, or `signal` aborts; immediately if it has already aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || ms <= 0) return
    await new Promise<void>(resolve => {
      const over = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', over)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(over, timerMs(ms))
      signal.addEventListener('abort', over)
      this.#wake = over
    })
  }
}

/** Calls `act` when `signal` aborts, until it is disposed of. */
export function onAbort(signal: AbortSignal, act: () => void): Disposable {
  signal.addEventListener('abort', act, { once: true })
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', act) }
}

/** Lets what waits in sockets be read. A timer may fire before: only a turn of the event loop that delivers nothing means silence. */
export async function deliverWaiting(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

/**
 * Resolves once `isThere`, when nothing has arrived for `quietMs`, after `deadlineMs`, or when `signal` aborts.
 * @param arrivedAt when the latest arrived; undefined before the first @param bell rings when `isThere` may have become true
 */
export async function untilQuiet(
  isThere: () => boolean,
  arrivedAt: () => number | undefined,
  quietMs: number,
  deadlineMs: number,
  bell: Bell,
  signal: AbortSignal,
): Promise<void> {
  const begun = monotonic()
  const leftMs = () =>
    Math.min(Math.max(begun, arrivedAt() ?? begun) + quietMs, begun + deadlineMs) - monotonic()
  while (!isThere() && !signal.aborted) {
    const waitMs = leftMs()
    if (waitMs > 0) await bell.wait(waitMs, signal)
    else {
      await deliverWaiting()
      if (leftMs() <= 0) return
    }
  }
}

/** A signal that aborts with `signal` or after `ms`. Dispose it when the work is done. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #abort = () => this.#controller.abort(this.#outer.reason)

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer
    if (outer.aborted) this.#abort()
    outer.addEventListener('abort', this.#abort)
    this.#timer = setTimeout(this.#abort, timerMs(ms))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** True if the time has passed (rather than the outer signal having aborted). */
  get passed(): boolean {
    return this.#controller.signal.aborted && !this.#outer.aborted
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#outer.removeEventListener('abort', this.#abort)
  }
}

/**
 * Calls `expire` once, unless it is renewed within `ms`. Renewing reads the clock and touches no timer, so one watchdog serves all the
 * waits of a transfer while its clock is running.
 */
export class Watchdog implements Disposable {
  expired = false
  #renewedAt = monotonic()
  #timer: NodeJS.Timeout

  constructor(ms: number, expire: () => void) {
    const look = () => {
      const leftMs = this.#renewedAt + ms - monotonic()
      if (leftMs > 0) this.#timer = setTimeout(look, timerMs(leftMs))
      else {
        this.expired = true
        expire()
      }
    }
    this.#timer = setTimeout(look, timerMs(ms))
  }

  renew(): void {
    this.#renewedAt = monotonic()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** Node fires timers beyond 2^31 ms immediately. */
function timerMs(ms: number): number {
  return Math.min(Math.ceil(ms), 2 ** 31 - 1)
}
