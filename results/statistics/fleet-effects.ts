/** Rows, columns and single cells of a matrix that are far below the others, by median polish. Pure. */
import { ascending } from '../../base/groups.ts'
import { medianPolish, robustDeviation } from './median-polish.ts'
import { sortedMedian } from './medians.ts'

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
/** Nothing that differs less is worth a line: the change that single runs count. */
const LEAST_CHANGE = 0.15
/** Of fewer rows a median of effects says nothing. */
export const LEAST_FOR_POLISH = 4

/** Whether the difference of logarithms is worth a line. */
export function isWorse(effect: number): boolean {
  return 1 - Math.exp(effect) > LEAST_CHANGE
}

/** Rows and columns, the worst first; then cells that neither explains. @param blockOf cells of one name vary equally */
export function farEffects(
  logs: Logs,
  blockOf: (from: number, to: number) => string = () => '',
): readonly Effect[] {
  const { rows, columns, residuals } = medianPolish(logs)
  const isFar = (effect: number, deviation: number) => effect < -FAR * deviation && isWorse(effect)
  const ofEnds = (end: 'from' | 'to', effects: readonly number[]): readonly Effect[] => {
    // One of them is next to 0 because the middle was fitted to it.
    const deviation = robustDeviation(effects, 1)
    return effects.flatMap((effect, index) => (isFar(effect, deviation) ? [{ [end]: index, effect }] : []))
  }
  const ofAll = robustDeviation(residuals.flat(), rows.length + columns.length - 1)
  const deviations = new Map<string, number>()
  const deviationOf = (block: string) => {
    const own = residuals.flatMap((row, from) => row.filter((_, to) => blockOf(from, to) === block))
    const known = deviations.get(block) ?? Math.max(ofAll, robustDeviation(own, 0))
    deviations.set(block, known)
    return known
  }
  const ofCells = residuals.flatMap((row, from) =>
    row.flatMap((effect, to): Effect[] =>
      isFar(effect, deviationOf(blockOf(from, to))) ? [{ from, to, effect }] : [],
    ),
  )
  return [[...ofEnds('from', rows), ...ofEnds('to', columns)], ofCells].flatMap(all =>
    all.toSorted((a, b) => a.effect - b.effect),
  )
}

/** NaN for none. */
export function middleOf(values: readonly number[]): number {
  return sortedMedian(values.toSorted(ascending))
}
