/** The levels that a series of medians keeps, and where it changes from one to the next. Pure. */
import { smallestOf } from '../../base/groups.ts'
import { changePoints } from '../statistics/change-points.ts'
import { median } from '../statistics/quantiles.ts'

export interface Level {
  /** Index of its first median, and the one behind its last. */
  readonly from: number
  readonly to: number
  /** Median of the medians. */
  readonly value: number
  /** Of the change that it begins with; undefined for the first level. */
  readonly p: number | undefined
}

/**
 * Levels between change points (E-divisive means on logarithms, see change-points.ts) that lie at least `delta` apart, as a factor of
 * 1 + delta either way: what is closer to its neighbour is one level with it, the closest two first. One level where nothing has
 * changed, none of nothing.
 */
export function levelsOf(medians: readonly number[], delta: number): readonly Level[] {
  const logs = logarithms(medians)
  const starts = changePoints(logs).map(({ at, p }) => ({ from: at, p }))
  let levels = between([{ from: 0, p: undefined }, ...starts], logs)
  while (levels.length > 1) {
    const steps = levels.slice(1).map((level, index) => Math.abs(level.value - (levels[index]?.value ?? 0)))
    const least = Math.min(...steps)
    if (least >= Math.log1p(delta)) break
    levels = between(levels.toSpliced(steps.indexOf(least) + 1, 1), logs)
  }
  return levels.map(level => ({ ...level, value: median(medians.slice(level.from, level.to)) ?? 0 }))
}

type Start = Pick<Level, 'from' | 'p'>

function between(starts: readonly Start[], logs: readonly number[]): readonly Level[] {
  if (logs.length === 0) return []
  return starts.map(({ from, p }, index) => {
    const to = starts[index + 1]?.from ?? logs.length
    return { from, to, p, value: median(logs.slice(from, to)) ?? 0 }
  })
}

/** Nothing (0) is a million times less than the least that there is. */
function logarithms(values: readonly number[]): readonly number[] {
  const least = smallestOf(values, value => (value > 0 ? value * 1e-6 : undefined)) ?? 1
  return values.map(value => Math.log(Math.max(value, least)))
}
