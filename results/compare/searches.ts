/** Searches of several files side by side: the bounds of each, and whether these exclude each other. Pure. */
import { formatPercent, formatRate } from '../../base/units.ts'
import { nameColumns } from '../document/case-rows.ts'
import { captionedTable, column, NONE } from '../document/figures.ts'
import type { Block, TableCell } from '../document/model.ts'
import { cellKey } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type Found, searchResults } from '../statistics/search-results.ts'
import type { CaseSummary } from '../statistics/summary.ts'

export interface Searched {
  readonly label: string
  readonly summaries: readonly CaseSummary[]
  readonly manifests: readonly Manifest[]
}

/** A line a case and goal; the others are compared with the first. */
export function searchesBlocks([first, ...others]: readonly [Searched, ...Searched[]]): readonly Block[] {
  const keyOf = ({ cell, goal }: Found) => `${cellKey(cell)} ${goal.lossRatio}`
  const all = [first, ...others].map(({ label, summaries, manifests }) => {
    const found = searchResults(summaries, manifests)
    return { label, found: new Map(found.map(each => [keyOf(each), each])) }
  })
  const rows = [...new Map(all.flatMap(({ found }) => [...found])).entries()]
  const caption = 'Highest rate within a loss, of payload (RFC 9971)'
  const base = all[0]?.found
  const columns = [
    ...nameColumns(rows.map(([, each]) => each)),
    column('loss', 'right', rows, ([, { goal }]) => ({ text: formatPercent(goal.lossRatio) })),
    ...all.map(({ label, found }, index) =>
      column(label, 'right', rows, ([key]) =>
        boundsCell(found.get(key), index === 0 ? undefined : base?.get(key)),
      ),
    ),
  ]
  return [
    captionedTable(caption, columns),
    {
      kind: 'legend',
      lines: [
        `Lower to upper bound. Higher, lower: the bounds exclude those of ${first.label}. One search says nothing of how much a path differs from hour to hour; search again to learn that.`,
      ],
    },
  ]
}

function boundsCell(found: Found | undefined, base: Found | undefined): TableCell {
  if (!found) return NONE
  const { lower, upper, unfinished } = found
  const text = [lower, upper].map(bps => (bps === undefined ? '?' : formatRate(bps))).join(' – ')
  const verdict = unfinished ? 'not finished' : base && verdictOf(found, base)
  return {
    text,
    ...(lower === undefined ? {} : { value: lower }),
    ...(verdict === undefined ? {} : { detail: verdict }),
  }
}

function verdictOf(found: Found, base: Found): string | undefined {
  const low = (each: Found) => each.lower ?? 0
  // Nothing above it was tried, or could be.
  const high = (each: Found) => each.upper ?? Number.POSITIVE_INFINITY
  if (low(found) >= high(base)) return 'higher'
  if (high(found) <= low(base)) return 'lower'
  return 'no proof'
}
