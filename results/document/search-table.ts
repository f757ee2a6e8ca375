/** What a search for the highest rate within a loss found: a line a case and goal, with the words of RFC 9971. Pure. */
import { formatCount, formatDuration, formatPercent, formatRate } from '../../base/units.ts'
import { cellKey } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type Found, type SearchLimit, searchResults } from '../statistics/search-results.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { nameColumns } from './case-rows.ts'
import { captionedTable, column, figureCell } from './figures.ts'
import type { Block } from './model.ts'

/** Nothing if no run was a search. */
export function searchBlocks(
  summaries: readonly CaseSummary[],
  manifests: readonly Manifest[],
): readonly Block[] {
  const found = searchResults(summaries, manifests)
  const [first] = found
  if (!first) return []
  const { durationSumMs, exceedRatio } = first.goal
  const caption = 'Highest rate within a loss, of payload (RFC 9971)'
  const columns = [
    ...nameColumns(found),
    column('loss', 'right', found, ({ goal }) => figureCell(goal.lossRatio, formatPercent)),
    column('lower bound', 'right', found, each => figureCell(each.lower, formatRate)),
    column('upper bound', 'right', found, each => figureCell(each.upper, formatRate)),
    column('conditional\nthroughput', 'right', found, each => figureCell(each.throughput, formatRate)),
    column('trials', 'right', found, each => figureCell(each.trials, formatCount)),
    column('limit', 'left', found, each => ({ text: limitWords(each) })),
  ]
  const share = exceedRatio === 0.5 ? 'half' : formatPercent(1 - exceedRatio)
  return [
    captionedTable(caption, columns),
    {
      kind: 'legend',
      lines: [
        `At the lower bound, trials of at least ${share} of ${formatDuration(durationSumMs)} were within the loss; at the upper bound, they cannot be. Conditional throughput: the lower bound less what its trials lost.`,
      ],
    },
  ]
}

/** The cases at the rates that are no longer within a loss, where some was: why that is so, and what would help, is in their warnings. */
export function casesAtBounds(
  summaries: readonly CaseSummary[],
  manifests: readonly Manifest[],
): readonly CaseSummary[] {
  const bounds = new Set(
    searchResults(summaries, manifests)
      .filter(({ limit }) => limit !== 'sender-limited')
      .map(({ cell, upper }) => cellKey({ ...cell, rate_bps: upper })),
  )
  return summaries.filter(({ cell }) => cell.rate_bps !== undefined && bounds.has(cellKey(cell)))
}

/** The bounds as marks on the axis of the rate; of one case alone, so that it is clear whose they are. */
export function boundMarks(
  summaries: readonly CaseSummary[],
  manifests: readonly Manifest[],
): readonly { readonly x: number; readonly text: string }[] {
  const found = searchResults(summaries, manifests)
  if (new Set(found.map(({ cell }) => cellKey(cell))).size > 1) return []
  return found.flatMap(({ lower, upper, goal }) => {
    const within = `for ${formatPercent(goal.lossRatio)}`
    return [
      ...(lower === undefined ? [] : [{ x: lower, text: `lower bound ${within}` }]),
      ...(upper === undefined ? [] : [{ x: upper, text: `upper bound ${within}` }]),
    ]
  })
}

const LIMITS: Readonly<Partial<Record<SearchLimit, string>>> = {
  unknown: 'loss of unknown cause',
  queue: 'a queue on the way fills',
  asked: 'as much as --rate allows',
  'as fast as the sender can': 'sender-limited',
}

function limitWords({ limit, lower, upper, unfinished }: Found): string {
  const words = LIMITS[limit] ?? limit
  if (unfinished) return upper === undefined ? 'not finished' : `${words}; not finished`
  return lower === undefined ? `${words}; none within it` : words
}
