/** Monotonic clock in milliseconds. Its origin belongs to the host, not the process, so readings from two processes are comparable. */
export type Clock = () => number

/**
 * CLOCK_MONOTONIC (Linux, BSD), mach_continuous_time (macOS) or QPC (Windows). `performance.now()` starts at 0 in each process, so it
 * cannot be compared.
 */
export const monotonic: Clock = () => Number(process.hrtime.bigint()) / 1e6

/** The system's clock may differ from ours by so much before it has been set, in ms: `Date.now()` has whole ones only. */
const MOST_APART_MS = 2
/** A tick that was awaited while others had the CPU is known less well than this, in ms; and how many are awaited then. */
const WELL_KNOWN_MS = 0.05
const MOST_TICKS = 5

/**
 * The wall clock to a microsecond, where `Date.now()` has whole milliseconds: the monotonic clock since one of its ticks. Both are slewed alike
 * on Linux.
 */
export class WallClock {
  /** The tick, in whole ms since 1970, and when it was on the monotonic clock. */
  tickMs = 0
  tickAt = 0
  /** How well that is known, in ms. */
  errorMs = 0

  /** Waits for a tick, up to 1 ms on an idle machine. */
  constructor() {
    this.#awaitTick()
    for (let ticks = 1; ticks < MOST_TICKS && this.errorMs > WELL_KNOWN_MS; ticks++) this.#awaitTick()
  }

  /** Notices that somebody has set the system's clock; only then it waits for a tick again. */
  follow(at: number): void {
    const oursMs = this.tickMs + at - this.tickAt
    if (Math.abs(Date.now() - oursMs) > MOST_APART_MS) this.#awaitTick()
  }

  #awaitTick(): void {
    const first = Date.now()
    let before = monotonic()
    for (;;) {
      const now = Date.now()
      const after = monotonic()
      if (now !== first) {
        this.tickMs = now
        this.tickAt = (before + after) / 2
        this.errorMs = (after - before) / 2
        return
      }
      before = after
    }
  }
}

/** Windows rounds waits up to its next tick, every 15.6 ms. */
export const WINDOWS_TICK_MS = 16
