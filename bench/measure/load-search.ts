/** The search for the highest load within a loss, for each case of a run: all have the same goals, and the same time. */
import { type Clock, monotonic } from '../../base/clock.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { flowsOf, foldTrial } from '../../results/schema/fold.ts'
import type { SearchPlan } from '../../results/schema/manifest.ts'
import type { SearchGoal } from '../../results/statistics/load-bounds.ts'
import { loadsOf, nextLoad } from '../../results/statistics/load-search.ts'
import type { Case } from '../../scenarios/plan.ts'
import type { Search } from './search.ts'

export class LoadSearch implements Search {
  readonly stored: Search['stored']
  readonly #withinMs: number
  readonly #goals: readonly SearchGoal[]
  readonly #clock: Clock
  /** Of the first trial that counts: what comes before it is not of the search. */
  #startedAt: number | undefined
  /** Cases whose turn came after the time. */
  readonly #late = new Set<number>()
  /** Of each pair. */
  readonly #trials = new Map<number, readonly TrialRecord[]>()

  /** @param withinMs no trial begins later */
  constructor(goals: readonly SearchGoal[], withinMs: number, clock: Clock = monotonic) {
    this.#goals = goals
    this.#clock = clock
    this.#withinMs = withinMs
    this.stored = { search: { goals: goals.map(storedGoal), within_ms: withinMs } }
  }

  get time() {
    return { endsAt: (this.#startedAt ?? this.#clock()) + this.#withinMs, withinMs: this.#withinMs }
  }

  /** How many cases had no trial, since the time was over. */
  get unbegun(): number {
    return this.#late.size
  }

  /** The case at its next load; undefined when its search is over. The first one is as it was asked for. @param pair its number */
  next(pair: number, each: Case): Case | undefined {
    this.#startedAt ??= this.#clock()
    if (this.#clock() >= this.time.endsAt) {
      if (!this.#trials.has(pair)) this.#late.add(pair)
      return undefined
    }
    const { range, results } = loadsOf(this.#trials.get(pair) ?? [])
    // Nothing can be learned of a case whose first trial says no rate.
    if (!range) return this.#trials.has(pair) ? undefined : each
    const load = nextLoad(results, this.#goals, range)
    return load === undefined ? undefined : { ...each, rateBps: load }
  }

  /** @param rows of a trial, one a flow */
  add(pair: number, rows: readonly TrialRecord[]): void {
    this.#trials.set(pair, [...(this.#trials.get(pair) ?? []), ...flowsOf(rows).trials.map(foldTrial)])
  }
}

function storedGoal(each: SearchGoal): SearchPlan['goals'][number] {
  return {
    loss_ratio: each.lossRatio,
    exceed_ratio: each.exceedRatio,
    final_trial_ms: each.finalTrialMs,
    duration_sum_ms: each.durationSumMs,
    width: each.width,
  }
}
