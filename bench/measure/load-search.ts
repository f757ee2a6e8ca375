/** The search for the highest load within a loss, for each case of a run: all have the same goals, and the same time. */
import { type Clock, monotonic } from '../../base/clock.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { flowsOf, foldTrial } from '../../results/schema/fold.ts'
import type { SearchGoal } from '../../results/statistics/load-bounds.ts'
import { loadsOf, nextLoad } from '../../results/statistics/load-search.ts'
import type { Case } from '../../scenarios/plan.ts'

export class LoadSearch {
  readonly goals: readonly SearchGoal[]
  /** No trial begins later. */
  readonly withinMs: number
  readonly endsAt: number
  readonly #clock: Clock
  /** Of each pair. */
  readonly #trials = new Map<number, readonly TrialRecord[]>()

  constructor(goals: readonly SearchGoal[], withinMs: number, clock: Clock = monotonic) {
    this.goals = goals
    this.withinMs = withinMs
    this.#clock = clock
    this.endsAt = clock() + withinMs
  }

  /** The case at its next load; undefined when its search is over. The first one is as it was asked for. @param pair its number */
  next(pair: number, each: Case): Case | undefined {
    if (this.#clock() >= this.endsAt) return undefined
    const { range, results } = loadsOf(this.#trials.get(pair) ?? [])
    if (!range) return each
    const load = nextLoad(results, this.goals, range)
    return load === undefined ? undefined : { ...each, rateBps: load }
  }

  /** @param rows of a trial, one a flow */
  add(pair: number, rows: readonly TrialRecord[]): void {
    this.#trials.set(pair, [...(this.#trials.get(pair) ?? []), ...flowsOf(rows).trials.map(foldTrial)])
  }
}
