/** What a search for the highest rate within a loss found: a line a case and goal, with the words of RFC 9971. Pure. */
import { groupBy } from '../../base/groups.ts'
import { formatCount, formatPercent, formatRate } from '../../base/units.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import { boundsOf, type LoadResult, loadResultOf, type SearchGoal } from '../statistics/load-bounds.ts'
import { type CaseSummary, mainCause } from '../statistics/summary.ts'
import { nameColumns } from './case-rows.ts'
import { column, figureCell, tableOfColumns } from './figures.ts'
import type { Block } from './model.ts'

interface Found {
  readonly cell: Cell
  readonly goal: SearchGoal
  readonly lower: number | undefined
  readonly upper: number | undefined
  readonly throughput: number | undefined
  readonly trials: number
  /** Why it is not more. */
  readonly limit: string
}

/** @param late there was no time for all of it */
export function searchBlocks(
  summaries: readonly CaseSummary[],
  goals: readonly SearchGoal[],
  late: boolean,
): readonly Block[] {
  const found = [
    ...groupBy(summaries, ({ cell }) => cellKey({ ...cell, rate_bps: undefined })).values(),
  ].flatMap(loads => goals.map(goal => foundOf(loads, goal, late)))
  const heading = 'highest rate within a loss (RFC 9971)'
  const columns = [
    ...nameColumns(found.map(({ cell }) => ({ cell }))),
    column('loss', 'right', found, ({ goal }) => ({ text: formatPercent(goal.lossRatio) })),
    column('lower bound', 'right', found, each => figureCell(each.lower, formatRate)),
    column('upper bound', 'right', found, each => figureCell(each.upper, formatRate)),
    column('conditional throughput', 'right', found, each => figureCell(each.throughput, formatRate)),
    column('trials', 'right', found, each => figureCell(each.trials, formatCount)),
    column('limit', 'left', found, each => ({ text: each.limit })),
  ]
  return [
    { kind: 'heading', text: [heading] },
    { kind: 'table', table: tableOfColumns(heading, columns) },
  ]
}

/** @param loads a summary for each rate of a case */
function foundOf(loads: readonly CaseSummary[], goal: SearchGoal, late: boolean): Found {
  const [{ cell } = { cell: undefined }] = loads
  if (!cell) throw new Error('a case without a trial')
  const records = loads.flatMap(each => each.records)
  const results = records.flatMap(each => loadResultOf(each) ?? [])
  const bounds = boundsOf(results, goal)
  return {
    cell: { ...cell, rate_bps: undefined },
    goal,
    ...bounds,
    trials: records.length,
    limit: limitOf(loads, results, bounds, late),
  }
}

function limitOf(
  loads: readonly CaseSummary[],
  results: readonly LoadResult[],
  { lower, upper }: { readonly lower: number | undefined; readonly upper: number | undefined },
  late: boolean,
): string {
  if (upper === undefined) return late ? 'out of time' : 'no more was asked for, or can be sent'
  const at = results.filter(({ load }) => load === upper)
  const limited = at.filter(each => each.senderLimited).length
  const bound = loads.find(({ cell }) => cell.rate_bps === upper)
  const cause = (bound && mainCause(bound)) ?? 'loss of unknown cause'
  const limit = 2 * limited > at.length ? 'sender-limited' : cause
  return lower === undefined ? `${limit}; ${late ? 'out of time' : 'no rate is within it'}` : limit
}
