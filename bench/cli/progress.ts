/** The live line of a run: how far it is, what runs, and how long it will take. Only for a person who watches. */

import { createLogUpdate } from 'log-update'
import { monotonic } from '../../base/clock.ts'
import { given } from '../../base/given.ts'
import { counted, formatCount, formatDuration, formatRate, formatSize } from '../../base/units.ts'
import type { IntervalRecord } from '../../results/schema/intervals.ts'
import { type Case, isExchange, isStream } from '../../scenarios/plan.ts'
import { type Catalog, inOneDatagram } from '../../transports/catalog.ts'
import type { Look } from '../measure/looks.ts'
import type { Search } from '../measure/search.ts'
import { IntervalSums, intervalLine } from './interval-lines.ts'
import { describeWidest } from './looks.ts'
import type { Terminal } from './terminal.ts'

/** No more often than a person can read. */
const EVERY_MS = 80

/** @param trials how many there will be, warm-up included; with `looked` or `search` no more than the least number */
export function liveProgress(
  stream: Terminal['errStream'],
  trials: number,
  catalog: Catalog,
  search?: Search,
) {
  const line = createLogUpdate(stream)
  const startedAt = monotonic()
  let done = 0
  let drawnAt = 0
  let look: Look | undefined
  const sums = new IntervalSums()
  return {
    /** @param side if two are measured in turn, which are counted as pairs */
    began(each: Case, round: number, side?: string): void {
      const now = monotonic()
      if (now - drawnAt < EVERY_MS) return
      drawnAt = now
      const running = { each, round, side, width: stream.columns ?? 80, catalog }
      const open = search?.time ? { ...search.time, known: paceOf(each) } : look && openEnd(look)
      line(open ? openLine(done, open, now, running) : progressLine(done, trials, now - startedAt, running))
    },
    ended(): void {
      done++
    },
    /** Rounds go on until medians are known well. */
    looked(now: Look): void {
      look = now
    },
    /** Prints a line above: what a stream did, or all of the case that run at the same time. */
    interval(row: IntervalRecord): void {
      const all = sums.add(row)
      if (!all) return
      line.clear()
      stream.write(`${intervalLine(all)}\n`)
    },
    clear: () => line.clear(),
  }
}

/** What runs, and in how many columns it is to be said. */
interface Running {
  readonly each: Case
  /** 0 or less in warm-up. */
  readonly round: number
  readonly side?: string | undefined
  readonly width: number
  readonly catalog: Catalog
}

/**
 * `━━━─── 34 of 63 trials · round 12 · udp-marker 800 KiB in chunks of 1 KiB · 2 s left`, and with a side `17 of 60 pairs · round 12 ·
 * A: udp-marker …`. Leaves out what does not fit into `width` columns, the least needed first: a line that wraps cannot be redrawn in
 * place.
 */
export function progressLine(done: number, trials: number, elapsedMs: number, running: Running): string {
  const count =
    running.side === undefined
      ? `${formatCount(done)} of ${counted(trials, 'trial')}`
      : `${formatCount(Math.floor(done / 2))} of ${counted(trials / 2, 'pair')}`
  const left = done > 0 && `${eta((elapsedMs / done) * (trials - done))} left`
  return fitting({ share: done / trials, count, left }, running)
}

/**
 * `━━━─── 34 trials · round 12 · ± 8.2 % so far, until ± 5 % · udp-marker 800 KiB … · 4 min 10 s left at most`, where the number of rounds is
 * not fixed; the bar shows the time that is over.
 * @param now on the monotonic clock, in ms
 */
export function openLine(
  done: number,
  { endsAt, withinMs, known }: OpenEnd,
  now: number,
  running: Running,
): string {
  const leftMs = Math.max(0, endsAt - now)
  const share = 1 - leftMs / withinMs
  const left = `${eta(leftMs)} left at most`
  return fitting({ share, count: counted(done, 'trial'), known, left }, running)
}

/** Of a run whose number of trials is not fixed. */
interface OpenEnd {
  /** On the monotonic clock, in ms. */
  readonly endsAt: number
  readonly withinMs: number
  readonly known?: string | undefined
}

export function openEnd(look: Look): OpenEnd {
  return { endsAt: look.endsAt, withinMs: look.until.withinMs, known: describeWidest(look) }
}

function paceOf({ rateBps }: Case): string {
  return rateBps === undefined ? 'unpaced' : `at ${formatRate(rateBps)}`
}

interface Progress {
  readonly share: number
  readonly count: string
  readonly known?: string | undefined
  readonly left: string | false
}

/** The longest line that fits into `width` columns; the shortest cut off if none does. */
function fitting(
  { share, count, known, left }: Progress,
  { each, round, side, width, catalog }: Running,
): string {
  const counts = `${barOf(share)} ${count}`
  const rounds = round > 0 ? `round ${round}` : 'warm-up'
  const what = side === undefined ? each.transport : `${side.toUpperCase()}: ${each.transport}`
  const shortest = known ?? count
  const lines = [
    given(counts, rounds, known, `${what} ${payloadOf(each, catalog)}`, left),
    given(counts, rounds, known, what, left),
    given(counts, known, left),
    given(shortest, left),
  ].map(parts => parts.join(' · '))
  return lines.find(line => line.length < width) ?? shortest.slice(0, Math.max(0, width - 1))
}

function payloadOf(each: Case, catalog: Catalog): string {
  const chunks =
    isExchange(each) || inOneDatagram(catalog, each.transport)
      ? ''
      : ` in chunks of ${formatSize(each.chunkBytes)}`
  const { durationMs = 0 } = each
  const pace = each.fps === undefined ? '' : `${each.fps} fps of `
  return `${pace}${isStream(each) ? formatDuration(durationMs) : formatSize(each.sizeBytes)}${chunks}`
}

function barOf(share: number): string {
  const filled = Math.round(Math.min(1, share) * 20)
  return `${'━'.repeat(filled)}${'─'.repeat(20 - filled)}`
}

function eta(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
