/** What a search for the highest rate within a loss found, from its trials alone. Pure. */
import { ascending, groupBy } from '../../base/groups.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import type { Manifest, SearchPlan } from '../schema/manifest.ts'
import type { LossCause } from '../schema/outcome.ts'
import { type Bounds, boundsOf, type SearchGoal } from './load-bounds.ts'
import { loadsOf, nextLoad } from './load-search.ts'
import { type CaseSummary, mainCause } from './summary.ts'

/** Why a search found no higher rate. */
export type SearchLimit =
  | LossCause
  | 'unknown'
  | 'sender-limited'
  | 'queue'
  | 'asked'
  | 'as fast as the sender can'

/** A Goal Result of a case. Rates are of payload, in bit/s. */
export interface Found extends Bounds {
  /** Without a rate. */
  readonly cell: Cell
  readonly goal: SearchGoal
  readonly trials: number
  readonly limit: SearchLimit
  /** It was not over: out of time, or interrupted. */
  readonly unfinished: boolean
}

/** One a case and goal; none if no run was a search. */
export function searchResults(
  summaries: readonly CaseSummary[],
  manifests: readonly Pick<Manifest, 'search'>[],
): readonly Found[] {
  const goals = manifests.flatMap(({ search }) => (search ? [goalsOf(search)] : []))[0] ?? []
  const cases = groupBy(summaries, ({ cell }) => cellKey({ ...cell, rate_bps: undefined })).values()
  return [...cases].flatMap(loads => goals.map(goal => foundOf(loads, goal)))
}

/** @param loads a summary for each rate of a case */
function foundOf(loads: readonly [CaseSummary, ...CaseSummary[]], goal: SearchGoal): Found {
  const records = loads.flatMap(each => each.records).sort((a, b) => ascending(a.trial, b.trial))
  const { range, results } = loadsOf(records)
  const bounds = boundsOf(results, goal)
  const atUpper = results.filter(({ load }) => load === bounds.upper)
  const limited = atUpper.filter(each => each.senderLimited).length
  const summary = loads.find(({ cell }) => cell.rate_bps === bounds.upper)
  const mostAsked = records[0]?.rate_bps !== undefined
  return {
    ...bounds,
    cell: { ...loads[0].cell, rate_bps: undefined },
    goal,
    trials: records.length,
    limit:
      bounds.upper === undefined
        ? mostAsked
          ? 'asked'
          : 'as fast as the sender can'
        : 2 * limited > atUpper.length
          ? 'sender-limited'
          : ((summary && mainCause(summary)) ?? (summary?.loss?.lost === 0 ? 'queue' : 'unknown')),
    unfinished: range === undefined || nextLoad(results, [goal], range) !== undefined,
  }
}

/** The goals as they are stored. */
function goalsOf({ goals }: SearchPlan): readonly SearchGoal[] {
  return goals.map(each => ({
    lossRatio: each.loss_ratio,
    exceedRatio: each.exceed_ratio,
    finalTrialMs: each.final_trial_ms,
    durationSumMs: each.duration_sum_ms,
    width: each.width,
  }))
}
