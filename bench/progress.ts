/** The live line of a run: how far it is, what runs, and how long it will take. Only where a person watches. */
import { createLogUpdate } from 'log-update'
import { monotonic } from './clock.ts'
import type { Case } from './plan.ts'
import { formatSize } from './units.ts'

export interface Progress {
  began(each: Case, round: number): void
  ended(): void
  /** Takes the line off the screen. */
  clear(): void
}

/** No more often than a person can read. */
const EVERY_MS = 80

/** @param trials how many there will be, warm-up included */
export function liveProgress(stream: NodeJS.WritableStream, trials: number): Progress {
  const line = createLogUpdate(stream)
  const startedAt = monotonic()
  let done = 0
  let drawnAt = 0
  return {
    began(each, round) {
      const now = monotonic()
      if (now - drawnAt < EVERY_MS) return
      drawnAt = now
      line(progressLine(done, trials, now - startedAt, each, round))
    },
    ended() {
      done++
    },
    clear: () => line.clear(),
  }
}

/** Nobody watches. */
export const noProgress: Progress = { began() {}, ended() {}, clear() {} }

/** `34 of 63 trials · round 12 · udp-marker 800 KiB in chunks of 1 KiB · 1.2 s left` */
export function progressLine(
  done: number,
  trials: number,
  elapsedMs: number,
  each: Case,
  round: number,
): string {
  const filled = Math.round((done / trials) * 20)
  const bar = `${'━'.repeat(filled)}${'─'.repeat(20 - filled)}`
  const what = `${each.transport} ${formatSize(each.sizeBytes)} in chunks of ${formatSize(each.chunkBytes)}`
  const left = done === 0 ? '' : ` · ${eta((elapsedMs / done) * (trials - done))} left`
  return `${bar} ${done} of ${trials} trials · ${round > 0 ? `round ${round}` : 'warm-up'} · ${what}${left}`
}

function eta(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
