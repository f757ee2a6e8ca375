/** Bounded waits that leave no timer or listener behind. */

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

/** Calls `expire` unless it is renewed within `ms`. Renewing is cheap, so one watchdog serves all the waits of a transfer. */
export class Watchdog implements Disposable {
  /** True if it has called `expire` and has not been renewed since. */
  expired = false
  readonly #timer: NodeJS.Timeout

  constructor(ms: number, expire: () => void) {
    this.#timer = setTimeout(() => {
      this.expired = true
      expire()
    }, timerMs(ms))
  }

  renew(): void {
    this.expired = false
    this.#timer.refresh()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

/** Node fires timers beyond 2^31 ms immediately. */
function timerMs(ms: number): number {
  return Math.min(Math.ceil(ms), 2 ** 31 - 1)
}
