/** The figures that are to be seen first: one for each case, or for each line the best of its cases. */
import { given } from '../../../base/given.ts'
import { counted, formatCount, formatMs, formatPercent } from '../../../base/units.ts'
import { type Case, colorBook, namedCases, namedLines } from '../../charts/case.ts'
import { endsOf, formatEstimate } from '../../document/format.ts'
import type { Figure } from '../../document/model.ts'
import { describeField } from '../../schema/cells.ts'
import type { CaseSummary } from '../../statistics/summary.ts'

/** More of them would not be seen first. */
const MOST = 6

/** None where there are more than a glance can take. */
export function tilesOf(cases: readonly Case[]): readonly Figure[] {
  const colors = colorBook()
  const known = cases.filter(each => each.goodput !== undefined)
  if (known.length <= MOST) return namedCases(known, colors).map(each => tile(each.name, each, []))
  const lines = namedLines(known, colors)
  if (lines.length > MOST) return []
  return lines.map(({ name, cases: all }) => {
    const best = all.reduce((a, b) => (medianOf(b) > medianOf(a) ? b : a))
    const varies = (field: 'size_bytes' | 'chunk_bytes') =>
      new Set(known.map(each => each.cell[field])).size > 1
    const where = (['size_bytes', 'chunk_bytes'] as const)
      .filter(varies)
      .map(field => describeField(best.cell, field))
      .join(', ')
    return tile(name, best, where === '' ? [] : [`the most, at ${where}`])
  })
}

function tile(label: string, summary: Case, before: readonly string[]): Figure {
  const { goodput, totalMs, loss, outcomes, records } = summary
  const ends = goodput && endsOf(goodput)
  const estimate = formatEstimate(goodput?.medianBps ?? 0, ends)
  const { refused = 0, offered = 1 } = summary.refusals ?? {}
  return {
    label,
    value: estimate.value,
    details: given(
      estimate.low !== undefined && `${ends?.name}: ${estimate.low} – ${estimate.high}`,
      ...before,
      loss && lossOf(loss, outcomes.incomplete, records.length),
      refused > 0 && `${formatPercent(refused / offered)} refused`,
      refused === 0 &&
        outcomes.refused > 0 &&
        `${formatCount(outcomes.refused)} of ${counted(records.length, 'trial')} refused`,
      totalMs && describeTotal(totalMs),
    ),
  }
}

/** A trial of which no payload was lost may be incomplete all the same: what begins or ends it was. */
function lossOf({ lost, ratio }: NonNullable<CaseSummary['loss']>, incomplete: number, trials: number) {
  if (lost > 0) return `${formatPercent(ratio)} lost`
  return incomplete > 0
    ? `${formatCount(incomplete)} of ${counted(trials, 'trial')} incomplete`
    : 'nothing lost'
}

function describeTotal({ p50, p99, max, trials }: NonNullable<CaseSummary['totalMs']>): string {
  const middle = `total ${formatMs(p50)}`
  if (trials === 1) return middle
  return p99 === undefined
    ? `${middle}, at most ${formatMs(max)} in ${formatCount(trials)} trials`
    : `${middle}, 99 % within ${formatMs(p99)}`
}

function medianOf({ goodput }: Case): number {
  return goodput?.medianBps ?? 0
}
