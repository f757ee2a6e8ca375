/**
 * Goodput over time, from the intervals of streams as they come: the sum over the streams of each trial and direction, of which the median
 * over the trials of a case is shown. However long a stream is, it is held in a few bins: neighbours are put together as it grows.
 */
import { largestOf } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { IntervalRecord } from '../schema/intervals.ts'
import { median } from './quantiles.ts'
import { known } from './summary.ts'

/** The most bins that a trial is held in. */
const MOST_BINS = 60

export interface TimePoint {
  /** In ms since the first datagram or write. */
  readonly fromMs: number
  readonly toMs: number
  /** Medians over the trials. */
  readonly goodputBps: number
  readonly retransmits: number | undefined
  readonly rttMs: number | undefined
  /** Datagrams missing among those that arrived, by their indices. */
  readonly lost: number | undefined
  /** Trials behind it. */
  readonly trials: number
}

export class OverTime {
  readonly #trials = new Map<string, Bins>()

  add(row: IntervalRecord): void {
    const key = keyOf(row)
    let bins = this.#trials.get(key)
    if (!bins) {
      bins = new Bins()
      this.#trials.set(key, bins)
    }
    bins.add(row)
  }

  /** What the trials of a case have in common; empty where no receiver reported. */
  of(trials: readonly TrialRecord[]): readonly TimePoint[] {
    const all = known(trials, each => this.#trials.get(keyOf(each)))
    const each = largestOf(all, bins => bins.each) ?? 1
    for (const bins of all) bins.widen(each)
    const full = all.map(bins => bins.full())
    const length = largestOf(full, bins => bins.length) ?? 0
    return Array.from({ length }, (_, at) => known(full, bins => bins[at])).flatMap(found => {
      const bins = found.filter(bin => Number.isFinite(goodputOf(bin)))
      const of = (value: (bin: Bin) => number) => median(bins.map(value).filter(Number.isFinite))
      const goodputBps = of(goodputOf)
      const [first] = bins
      // A trial that took longer is not what all of them did.
      if (!first || goodputBps === undefined || 2 * bins.length < all.length) return []
      return [
        {
          ...{ fromMs: first.fromMs, toMs: first.toMs, goodputBps, trials: bins.length },
          retransmits: of(bin => bin.retransmits),
          rttMs: of(bin => bin.rttSumMs / bin.rtts),
          lost: of(bin => bin.lost),
        },
      ]
    })
  }
}

/** The same for the intervals and for the row of a trial. */
function keyOf(row: Pick<IntervalRecord, 'run_id' | 'trial' | 'direction'>): string {
  return `${row.run_id} ${row.trial} ${row.direction}`
}

/** What some intervals of all streams brought. */
interface Bin {
  fromMs: number
  toMs: number
  /** NaN where an end did not report it. */
  bytes: number
  retransmits: number
  lost: number
  rttSumMs: number
  rtts: number
}

class Bins {
  /** Intervals in a bin. */
  each = 1
  #bins: (Bin | undefined)[] = []

  add(row: IntervalRecord): void {
    const { interval = 1, from_ms = 0, to_ms = 0, rtt_ms } = row
    while (interval > MOST_BINS * this.each) this.widen(2 * this.each)
    this.#put(Math.ceil(interval / this.each) - 1, {
      ...{ fromMs: from_ms, toMs: to_ms },
      bytes: row.bytes_delivered ?? Number.NaN,
      // While the last bytes arrive, the sender of a stream over TCP counts no more.
      retransmits:
        row.retransmits ?? ((row.bytes_accepted ?? row.datagrams_delivered) === undefined ? 0 : Number.NaN),
      lost: row.datagrams_lost ?? Number.NaN,
      ...{ rttSumMs: rtt_ms ?? 0, rtts: rtt_ms === undefined ? 0 : 1 },
    })
  }

  /** Puts so many intervals in each bin, a multiple of what there are. */
  widen(each: number): void {
    if (each === this.each) return
    const factor = each / this.each
    const bins = this.#bins
    this.each = each
    this.#bins = []
    for (const [at, bin] of bins.entries()) if (bin) this.#put(Math.floor(at / factor), bin)
  }

  /** Without a last one that is much shorter than the others: what was left in the buffers. */
  full(): readonly (Bin | undefined)[] {
    const usualMs = median(this.#bins.flatMap(bin => (bin ? lengthOf(bin) : []))) ?? 0
    const last = this.#bins.at(-1)
    return last && 2 * lengthOf(last) < usualMs ? this.#bins.slice(0, -1) : this.#bins
  }

  #put(at: number, bin: Bin): void {
    const before = this.#bins[at]
    if (!before) {
      this.#bins[at] = { ...bin }
      return
    }
    before.fromMs = Math.min(before.fromMs, bin.fromMs)
    before.toMs = Math.max(before.toMs, bin.toMs)
    for (const name of ['bytes', 'retransmits', 'lost', 'rttSumMs', 'rtts'] as const)
      before[name] += bin[name]
  }
}

function lengthOf({ fromMs, toMs }: Bin): number {
  return toMs - fromMs
}

/** In bit/s. */
function goodputOf(bin: Bin): number {
  return (bin.bytes * 8000) / lengthOf(bin)
}
