/** The live line of a run: how far it is, what runs, and how long it will take. Only for a person who watches. */

import { createLogUpdate } from 'log-update'
import { monotonic } from '../../base/clock.ts'
import { counted, formatCount, formatDuration, formatSize } from '../../base/units.ts'
import type { IntervalRecord } from '../../results/schema/intervals.ts'
import { type Case, isExchange, isStream } from '../../scenarios/plan.ts'
import { type Catalog, inOneDatagram } from '../../transports/catalog.ts'
import { IntervalSums, intervalLine } from './interval-lines.ts'
import type { Terminal } from './terminal.ts'

/** No more often than a person can read. */
const EVERY_MS = 80

/** @param trials how many there will be, warm-up included */
export function liveProgress(stream: Terminal['errStream'], trials: number, catalog: Catalog) {
  const line = createLogUpdate(stream)
  const startedAt = monotonic()
  let done = 0
  let drawnAt = 0
  const sums = new IntervalSums()
  return {
    /** @param side if two are measured in turn, which are counted as pairs */
    began(each: Case, round: number, side?: string): void {
      const now = monotonic()
      if (now - drawnAt < EVERY_MS) return
      drawnAt = now
      line(progressLine(done, trials, now - startedAt, each, round, stream.columns ?? 80, catalog, side))
    },
    ended(): void {
      done++
    },
    /** Prints a line above: what a stream did, or all of the case that run at the same time. */
    interval(row: IntervalRecord): void {
      const all = sums.add(row)
      if (!all) return
      line.clear()
      stream.write(`${intervalLine(all)}\n`)
    },
    /** Takes the line off the screen. */
    clear: () => line.clear(),
  }
}

/**
 * `━━━─── 34 of 63 trials · round 12 · udp-marker 800 KiB in chunks of 1 KiB · 2 s left`, and with a side `17 of 60 pairs · round 12 ·
 * A: udp-marker …`. Leaves out what does not fit into `width` columns, the least needed first: a line that wraps cannot be redrawn in
 * place.
 */
export function progressLine(
  done: number,
  trials: number,
  elapsedMs: number,
  each: Case,
  round: number,
  width: number,
  catalog: Catalog,
  side?: string,
): string {
  const filled = Math.round((done / trials) * 20)
  const bar = `${'━'.repeat(filled)}${'─'.repeat(20 - filled)}`
  const count =
    side === undefined
      ? `${formatCount(done)} of ${counted(trials, 'trial')}`
      : `${formatCount(Math.floor(done / 2))} of ${counted(trials / 2, 'pair')}`
  const rounds = round > 0 ? `round ${round}` : 'warm-up'
  const what = side === undefined ? each.transport : `${side.toUpperCase()}: ${each.transport}`
  const chunks =
    isExchange(each) || inOneDatagram(catalog, each.transport)
      ? ''
      : ` in chunks of ${formatSize(each.chunkBytes)}`
  const { durationMs = 0 } = each
  const payload = `${isStream(each) ? formatDuration(durationMs) : formatSize(each.sizeBytes)}${chunks}`
  const left = done === 0 ? [] : [`${eta((elapsedMs / done) * (trials - done))} left`]
  const lines = [
    [`${bar} ${count}`, rounds, `${what} ${payload}`, ...left],
    [`${bar} ${count}`, rounds, what, ...left],
    [`${bar} ${count}`, ...left],
    [count, ...left],
  ].map(parts => parts.join(' · '))
  return lines.find(line => line.length < width) ?? count.slice(0, Math.max(0, width - 1))
}

function eta(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
