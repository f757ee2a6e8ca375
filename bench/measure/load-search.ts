/**
 * Which load a search for the highest one within a loss tries next: from all trials so far, so that it needs no memory of its own. RFC 9971
 * leaves this to whoever implements it. Pure.
 */
import { ascending } from '../../base/groups.ts'
import { boundsOf, type LoadTrial, type SearchGoal } from '../../results/statistics/load-bounds.ts'

export interface LoadSearch {
  readonly goals: readonly SearchGoal[]
  /** Nothing is tried outside of these. */
  readonly least: number
  readonly most: number
}

export interface NextTrial {
  readonly load: number
  readonly durationMs: number
}

/** Undefined when all goals have their bounds, or reach the least or the most load. */
export function nextTrial(trials: readonly LoadTrial[], search: LoadSearch): NextTrial | undefined {
  // What one goal has measured serves the others: less loss is found first.
  const goals = search.goals.toSorted((a, b) => ascending(a.lossRatio, b.lossRatio))
  for (const goal of goals) {
    const load = nextLoad(trials, goal, search)
    if (load !== undefined) return { load, durationMs: goal.finalTrialMs }
  }
  return undefined
}

/** It stays the same until trials decide it. */
function nextLoad(
  trials: readonly LoadTrial[],
  goal: SearchGoal,
  { least, most }: LoadSearch,
): number | undefined {
  const { lower, upper } = boundsOf(trials, goal)
  if (lower !== undefined && upper !== undefined)
    return (upper - lower) / upper <= goal.width ? undefined : Math.sqrt(lower * upper)
  const within = (load: number) => Math.min(most, Math.max(least, load))
  const loads = new Set(trials.map(each => each.load))
  // Steps away from what is known double, as far as all there is.
  const step = 1 + goal.width * 2 ** loads.size
  if (lower !== undefined) return lower >= most ? undefined : within(lower * step)
  if (upper !== undefined) return upper <= least ? undefined : within(upper / step)
  // What comes through of the most is near what is looked for.
  const first = trials.find(each => each.load === most)
  return first ? within(most * (1 - first.lossRatio)) : most
}
