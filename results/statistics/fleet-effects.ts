/** Rows, columns and single cells of a matrix that are far below the others, by median polish. Pure. */
import { ascending, sumOf } from '../../base/groups.ts'
import { medianPolish, robustDeviation } from './median-polish.ts'
import { sortedMedian } from './medians.ts'
import { normalBeyond } from './special.ts'

/** By sender, then by receiver; worse is lower, NaN is not known. */
export type Logs = readonly (readonly number[])[]

/** Of a row, a column, or a cell, by their numbers. */
export interface Effect {
  readonly from?: number
  readonly to?: number
  /** How far it is from the middle; below 0. */
  readonly effect: number
}

/** Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993: so many robust deviations from the middle. */
const FAR = 3.5
/** The chance that of all cells of a matrix, which are many, one is that far by chance. */
const FALSE_ALARM = 0.05
/** Nothing that differs less is worth a line: the change that single runs count. */
const LEAST_CHANGE = 0.15
/** A row of which only some pairs are worse is not what is bad about them. */
const LEAST_WORSE = 0.8
/** Of fewer rows a median of effects says nothing. */
export const LEAST_FOR_POLISH = 4

/** Whether the difference of logarithms is worth a line. */
export function isWorse(effect: number): boolean {
  return 1 - Math.exp(effect) > LEAST_CHANGE
}

/** Rows and columns, the worst first; then cells that neither explains, and those that are all that is known of a bad row or column. @param blockOf cells of one name share a narrow place, through which some are far slower than others for want of luck; empty for none */
export function farEffects(
  logs: Logs,
  blockOf: (from: number, to: number) => string = () => '',
): readonly Effect[] {
  const { rows, columns, residuals } = medianPolish(logs)
  const isFar = (effect: number, deviation: number, far = FAR) => effect < -far * deviation && isWorse(effect)
  const ofEnds = (end: 'from' | 'to', effects: readonly number[], own: Logs): readonly Effect[] => {
    // One of them is next to 0 because the middle was fitted to it.
    const deviation = robustDeviation(effects, 1)
    return effects.flatMap((effect, index) => {
      const known = (own[index] ?? []).flatMap((value, at) => (Number.isNaN(value) ? [] : [{ value, at }]))
      const worse = known.filter(({ value }) => isWorse(effect + value)).length
      if (!isFar(effect, deviation) || worse < LEAST_WORSE * known.length) return []
      // Of one pair alone nobody knows whether its host or its way is slow.
      const [{ at }, second] = known as [{ at: number }, unknown?]
      return [{ ...(second ? {} : { [end === 'from' ? 'to' : 'from']: at }), [end]: index, effect }]
    })
  }
  const ofAll = robustDeviation(residuals.flat(), rows.length + columns.length - 1)
  const deviations = new Map([['', ofAll]])
  const deviationOf = (block: string) => {
    const known = deviations.get(block)
    if (known !== undefined) return known
    const own = residuals.flatMap((row, from) => row.filter((_, to) => blockOf(from, to) === block))
    const far = own.flatMap(value => (Number.isNaN(value) ? [] : [Math.abs(value)])).sort(ascending)
    const deviation = Math.max(ofAll, far[Math.floor(0.9 * far.length)] ?? 0)
    deviations.set(block, deviation)
    return deviation
  }
  const ends = [
    ...ofEnds('from', rows, residuals),
    ...ofEnds(
      'to',
      columns,
      columns.map((_, to) => residuals.map(row => row[to] ?? Number.NaN)),
    ),
  ]
  // One that is slow takes more from fast ways than from slow ones, so its ways are not odd beside it.
  const isExplained = (from: number, to: number) =>
    ends.some(each => (each.from ?? from) === from && (each.to ?? to) === to)
  const count = sumOf(residuals, row => row.filter(value => !Number.isNaN(value)).length)
  const farCell = Math.max(FAR, normalBeyond(FALSE_ALARM / count))
  const ofCells = residuals.flatMap((row, from) =>
    row.flatMap((effect, to): Effect[] =>
      !isExplained(from, to) && isFar(effect, deviationOf(blockOf(from, to)), farCell)
        ? [{ from, to, effect }]
        : [],
    ),
  )
  const isWay = ({ from, to }: Effect) => from !== undefined && to !== undefined
  return [...ends, ...ofCells].sort((a, b) => Number(isWay(a)) - Number(isWay(b)) || a.effect - b.effect)
}

/** NaN for none. */
export function middleOf(values: readonly number[]): number {
  return sortedMedian(values.toSorted(ascending))
}
