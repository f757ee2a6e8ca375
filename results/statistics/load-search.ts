/**
 * Which load a search for the highest one within a loss tries next: from all trials so far, so that it needs no memory of its own, and
 * stored rows say whether it was over. RFC 9971 leaves this to whoever implements it. Pure.
 */
import { ascending } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { boundsOf, type LoadResult, type LoadTrial, loadResultOf, type SearchGoal } from './load-bounds.ts'

export interface LoadRange {
  /** Nothing is tried outside of these. */
  readonly least: number
  readonly most: number
  /** What came through of the most, where that is known. */
  readonly likely?: number
}

/** Undefined when all goals have their bounds, or reach the least or the most load. */
export function nextLoad(
  trials: readonly LoadTrial[],
  goals: readonly SearchGoal[],
  range: LoadRange,
): number | undefined {
  // What one goal has measured serves the others: less loss is found first.
  for (const goal of goals.toSorted((a, b) => ascending(a.lossRatio, b.lossRatio))) {
    const load = nextOf(trials, goal, range)
    if (load !== undefined) return load
  }
  return undefined
}

/** It stays the same until trials decide it. */
function nextOf(
  trials: readonly LoadTrial[],
  goal: SearchGoal,
  { least, most, likely }: LoadRange,
): number | undefined {
  const { lower, upper, decided } = boundsOf(trials, goal)
  if (lower !== undefined && upper !== undefined)
    return (upper - lower) / upper <= goal.width ? undefined : Math.sqrt(lower * upper)
  const within = (load: number) => Math.min(most, Math.max(least, load))
  // Steps away from what is known double, as far as all there is.
  const step = 1 + goal.width * 2 ** decided
  if (lower !== undefined) return lower >= most ? undefined : within(lower * step)
  if (upper !== undefined) return upper <= least ? undefined : within(upper / step)
  // What comes through of the most is near what is looked for.
  const lossRatio = trials.find(each => each.load === most)?.lossRatio ?? 0
  return within(likely ?? (lossRatio < 1 ? most * (1 - lossRatio) : most))
}

/** So few datagrams a trial that one of them lost says something. */
const LEAST_DATAGRAMS = 10

/** The whole trials of one case, in order. The first says what the most is: as fast as the sender can, or as it may. */
export function loadsOf(records: readonly TrialRecord[]): {
  /** Undefined while nothing was sent. */
  readonly range: LoadRange | undefined
  readonly results: readonly LoadResult[]
} {
  const first = records.find(each => each.rate_achieved_bps !== undefined)
  if (!first) return { range: undefined, results: [] }
  const { chunk_bytes: chunkBytes, duration_asked_ms: durationMs = 1000 } = first
  return {
    range: {
      least: (LEAST_DATAGRAMS * chunkBytes * 8000) / durationMs,
      most: first.rate_bps ?? first.rate_achieved_bps ?? 0,
      ...(first.rate_bps === undefined && first.goodput_bps ? { likely: first.goodput_bps } : {}),
    },
    results: records.flatMap(each => loadResultOf(each) ?? []),
  }
}
