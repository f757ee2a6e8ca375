/** When the pictures of a camera leave: each when it is due, or after the answer to the one before. */
import { monotonic } from '../../../base/clock.ts'
import { Deadline, LONGEST_PAUSE_MS } from '../../../base/waiting.ts'
import type { SendReport } from '../../../transports/contract/reports.ts'
import type { Line } from '../../../transports/contract/transport.ts'

export interface Pace {
  readonly signal: AbortSignal
  /** Time between two pictures, which wait for no answer; each follows the answer to the one before if absent. */
  readonly everyMs?: number | undefined
  /** How many there are at most. */
  readonly frames: number
  /** None leaves later than this after the first. */
  readonly durationMs?: number | undefined
  /** What is lost is sent again: a picture goes on until it is done, and is late then. */
  readonly reliable: boolean
}

/** A picture that was sent; times in ms on the monotonic clock. */
export interface Shot {
  /** Its number, from 0. Numbers that are left out were due, and never sent. */
  readonly frame: number
  readonly dueAt: number
  /** When its sending began. */
  readonly leftAt: number
  readonly report: SendReport
}

/** Timers may be late: waits for an answer end this long before the next picture is due. */
const TIMER_SLACK_MS = 2
const NEVER = new AbortController().signal

/**
 * Sends one picture after the other. As in a camera, only one waits while the sender is busy, the newest that is due: those before it are
 * never sent, so that a slow sender is not ever later, and they are counted.
 * @param send `unanswered` aborts when the next picture is due, unless lost ones are sent again
 */
export async function* shoot(
  line: Pick<Line, 'pause'>,
  { signal, everyMs, frames, durationMs = Number.POSITIVE_INFINITY, reliable }: Pace,
  send: (frame: number, unanswered: AbortSignal) => Promise<SendReport>,
): AsyncGenerator<Shot, void> {
  const startedAt = monotonic()
  for (let next = 0; next < frames && !signal.aborted; ) {
    const elapsedMs = monotonic() - startedAt
    const newest = everyMs === undefined ? next : Math.max(next, Math.floor(elapsedMs / everyMs))
    const frame = Math.min(newest, frames - 1)
    const dueAt = startedAt + (everyMs === undefined ? elapsedMs : frame * everyMs)
    if (dueAt - startedAt >= durationMs) return
    for (let leftMs = dueAt - monotonic(); leftMs > 0 && !signal.aborted; leftMs = dueAt - monotonic())
      await line.pause(Math.min(leftMs, LONGEST_PAUSE_MS))
    if (signal.aborted) return
    const leftAt = monotonic()
    using until =
      everyMs === undefined || reliable
        ? undefined
        : new Deadline(signal, dueAt + everyMs - leftAt - TIMER_SLACK_MS)
    yield { frame, dueAt, leftAt, report: await send(frame, until?.signal ?? NEVER) }
    next = frame + 1
  }
}
