/**
 * What of a matrix is its row's, its column's, and neither's: median polish (Tukey, "Exploratory Data Analysis", 1977, chapter 11), which a few
 * odd values do not sway. Pure.
 */
import { ascending } from '../../base/groups.ts'
import { sortedMedian } from './medians.ts'

export interface Polished {
  readonly overall: number
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  /** NaN where the matrix has no value. */
  readonly residuals: readonly (readonly number[])[]
}

/** Sweeps end when they change no more than this share of the spread, or after so many. */
const LEAST_CHANGE = 1e-6
const MOST_SWEEPS = 50

/** @param matrix rows of equal length; NaN for what is not known */
export function medianPolish(matrix: readonly (readonly number[])[]): Polished {
  const residuals = matrix.map(row => [...row])
  const rows = matrix.map(() => 0)
  const columns = (matrix[0] ?? []).map(() => 0)
  let overall = 0
  /** Moves the median of effects into the overall one. */
  const centre = (effects: number[]) => {
    const median = medianOf(effects)
    overall += median
    for (const [index, effect] of effects.entries()) effects[index] = effect - median
  }
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let change = 0
    for (const [row, values] of residuals.entries()) {
      const median = medianOf(values)
      change = Math.max(change, Math.abs(median))
      rows[row] = (rows[row] ?? 0) + median
      for (const [column, value] of values.entries()) values[column] = value - median
    }
    centre(columns)
    for (const column of columns.keys()) {
      const median = medianOf(residuals.map(values => values[column] ?? Number.NaN))
      change = Math.max(change, Math.abs(median))
      columns[column] = (columns[column] ?? 0) + median
      for (const values of residuals) values[column] = (values[column] ?? Number.NaN) - median
    }
    centre(rows)
    if (change <= LEAST_CHANGE * Math.abs(overall)) break
  }
  return { overall, rows, columns, residuals }
}

/**
 * Half of the values are this far from 0 or nearer, scaled so that it is the deviation of normal ones; NaN is none.
 * @param fitted so many are next to 0 because the middle was fitted to them, and say nothing of how far the others are
 */
export function robustDeviation(values: readonly number[], fitted: number): number {
  const far = values.flatMap(value => (Number.isNaN(value) ? [] : [Math.abs(value)])).sort(ascending)
  return 1.4826 * medianOf(far.slice(Math.min(fitted, far.length - 1)))
}

/** Of those that are known; 0 for none. */
function medianOf(values: readonly number[]): number {
  const known = values.filter(value => !Number.isNaN(value)).sort(ascending)
  return known.length === 0 ? 0 : sortedMedian(known)
}
