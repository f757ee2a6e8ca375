/**
 * Which load a search for the highest one within a loss tries next: from all trials so far, so that it needs no memory of its own. RFC 9971
 * leaves this to whoever implements it.
 */
import { type Clock, monotonic } from '../../base/clock.ts'
import { ascending } from '../../base/groups.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { flowsOf, foldTrial } from '../../results/schema/fold.ts'
import {
  boundsOf,
  type LoadTrial,
  loadResultOf,
  type SearchGoal,
} from '../../results/statistics/load-bounds.ts'
import type { Case } from '../../scenarios/plan.ts'

export interface LoadRange {
  /** Nothing is tried outside of these. */
  readonly least: number
  readonly most: number
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
  { least, most }: LoadRange,
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
  return lossRatio < 1 ? within(most * (1 - lossRatio)) : most
}

/** The search for each case of a run: all have the same goals, and the same time. */
export class LoadSearch {
  readonly #goals: readonly SearchGoal[]
  readonly #endsAt: number
  readonly #clock: Clock
  readonly #trials = new Map<number, { readonly mostBps: number; readonly results: LoadTrial[] }>()

  /** @param withinMs no trial begins later */
  constructor(goals: readonly SearchGoal[], withinMs: number, clock: Clock = monotonic) {
    this.#goals = goals
    this.#clock = clock
    this.#endsAt = clock() + withinMs
  }

  get isLate(): boolean {
    return this.#clock() >= this.#endsAt
  }

  /** The case at its next load; undefined when its search is over. The first one is as it was asked for. @param pair its number */
  next(pair: number, each: Case): Case | undefined {
    if (this.isLate) return undefined
    const { mostBps: most, results } = this.#trials.get(pair) ?? { results: [] }
    if (most === undefined) return each
    const load = nextLoad(results, this.#goals, { least: leastBps(each), most })
    return load === undefined ? undefined : { ...each, rateBps: load }
  }

  /** @param rows of a trial, one a flow */
  add(pair: number, rows: readonly TrialRecord[]): void {
    for (const record of flowsOf(rows).trials.map(foldTrial)) {
      const { rate_bps: asked, rate_achieved_bps: offered } = record
      const own = this.#trials.get(pair)
      const result = loadResultOf(record)
      if (own && result) own.results.push(result)
      // As fast as the sender can, or as it may.
      else if (!own && offered !== undefined)
        this.#trials.set(pair, { mostBps: asked ?? offered, results: [] })
    }
  }
}

/** So few datagrams a trial that one of them lost says something. */
const LEAST_DATAGRAMS = 10

function leastBps({ chunkBytes, durationMs = 1000 }: Case): number {
  return (LEAST_DATAGRAMS * chunkBytes * 8000) / durationMs
}
