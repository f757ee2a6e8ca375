/**
 * Which set is the best in each case. A transport that did not deliver everything is never the best, however fast it was; nor is a file or a side
 * that lost more than another one. Pure.
 */
import { inverted } from './changes.ts'
import type { Change, ComparedRow, Comparison } from './comparison.ts'
import { isUnchecked, isWhole } from './delivered.ts'
import { LOSS_DELTA } from './judge.ts'

/** A case that several sets tried. */
export interface Contest {
  /** With the best as its base, or the first where there is none. */
  readonly comparison: Comparison
  readonly row: ComparedRow
  /** The one with the best median of those that delivered everything or, of files and sides, lost no more than the others. */
  readonly best: number | undefined
  /** The others of these, and how far the best is ahead of them; the nearest first. */
  readonly rivals: readonly Rival[]
  /**
   * `won`: it is proven to be ahead of all rivals; `alone`: it has none; `same`: it is as fast as one of them; `open`: nothing is proven;
   * `unchecked`: it has none that is known to be one, since what others delivered is unknown; `none`: there is no best.
   */
  readonly end: 'won' | 'alone' | 'same' | 'open' | 'unchecked' | 'none'
  /** The sets that tried it. */
  readonly tried: readonly number[]
}

interface Rival {
  readonly set: number
  readonly row: ComparedRow
  readonly change: Change
}

/**
 * Each case against its best, whichever that is: this needs no more correction than against one that was chosen beforehand (Hsu, The
 * Annals of Statistics 9, 1981).
 * @param first any comparison of the sets @param against the same with another base
 */
export function contestsOf(
  first: Comparison,
  against: (base: number) => Comparison | undefined,
): readonly Contest[] {
  const comparisons = new Map([[first.base, first]])
  return first.rows.flatMap((row, index) => {
    const tried = row.troubles.flatMap((trials, set) => (trials ? [set] : []))
    const isMeasured = row.estimates.some(Boolean) || row.refusals.some(each => each?.refused)
    if (tried.length < 2 || !isMeasured) return []
    const sign = first.metric.better === 'higher' ? -1 : 1
    const worth = (set: number) => sign * (row.estimates[set]?.median ?? 0)
    const contenders = tried.filter(set => row.estimates[set] && mayWin(first, row, set))
    const [best, ...others] = contenders.sort((a, b) => worth(a) - worth(b))
    const base = best ?? first.base
    const comparison = comparisons.get(base) ?? against(base) ?? first
    comparisons.set(base, comparison)
    const same = comparison.rows[index] ?? row
    const rivals = others.flatMap(set => {
      const change = same.changes[set]
      return change ? [{ set, row: same, change: turned(change) }] : []
    })
    const isUnknown = others.length === 0 && tried.some(set => isUnchecked(row, set))
    const end = isUnknown ? 'unchecked' : endOf(best, rivals, others.length)
    return [{ comparison, row: same, tried, best, rivals, end }]
  })
}

function mayWin({ by }: Comparison, row: ComparedRow, set: number): boolean {
  if (by === 'transport') return isWhole(row, set)
  const lost = row.losses.map(each => each?.ratio ?? 0)
  return (lost[set] ?? 0) <= Math.min(...lost) + LOSS_DELTA
}

function endOf(best: number | undefined, rivals: readonly Rival[], others: number): Contest['end'] {
  if (best === undefined) return 'none'
  if (others === 0) return 'alone'
  if (rivals.length < others || rivals.some(({ change }) => UNKNOWN.includes(change.verdict))) return 'open'
  return rivals.some(({ change }) => change.verdict === 'same') ? 'same' : 'won'
}

/** Pairs may say that one with a lower median is ahead. */
const UNKNOWN: readonly Change['verdict'][] = ['no evidence', 'inconclusive', 'worse']

/** The other way round: from the set to the base. */
function turned(change: Change): Change {
  const verdicts: Readonly<Partial<Record<string, Change['verdict']>>> = { better: 'worse', worse: 'better' }
  return { ...inverted(change), verdict: verdicts[change.verdict] ?? change.verdict }
}
