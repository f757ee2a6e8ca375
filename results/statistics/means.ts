/** Means of few samples, and how sure Student's distribution makes them (Biometrika 6, 1908). */
import { sortedMedian } from './medians.ts'
import type { Interval } from './quantiles.ts'
import { studentQuantile, studentUpperTail } from './special.ts'

export interface Mean {
  readonly mean: number
  /** Square of its standard error: 0 of equal samples, infinite where some are and others are not. */
  readonly squared: number
  /** Degrees of freedom that it is known with. */
  readonly degrees: number
}

/** Of two samples or more. Where some are infinite, their median stands for the mean. */
export function meanOf(samples: ArrayLike<number>): Mean {
  const values = Array.from(samples)
  const degrees = values.length - 1
  const [first = Number.NaN] = values
  // Equal samples have no error, not even by rounding; nor have infinite ones.
  if (values.every(each => each === first)) return { mean: first, squared: 0, degrees }
  if (!values.every(Number.isFinite))
    return {
      mean: sortedMedian(Float64Array.from(values).sort()),
      squared: Number.POSITIVE_INFINITY,
      degrees,
    }
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  return { mean, squared: squares / degrees / values.length, degrees }
}

/** Other - base, of samples that vary each in its own way: Welch, Biometrika 34 (1947). */
export function meanDifference(base: Mean, other: Mean): Mean {
  const squared = base.squared + other.squared
  const degrees = squared ** 2 / (base.squared ** 2 / base.degrees + other.squared ** 2 / other.degrees)
  return { mean: base.mean === other.mean ? 0 : other.mean - base.mean, squared, degrees }
}

/** What one more sample is expected to be: its error is that of the mean and its own. */
export function nextSample({ mean, squared, degrees }: Mean): Mean {
  return { mean, squared: squared * (degrees + 2), degrees }
}

/** 95 % interval of the mean; everything where its error is infinite. */
export function meanInterval({ mean, squared, degrees }: Mean): Interval {
  if (squared === 0) return { low: mean, high: mean }
  const half = Number.isFinite(squared) ? studentQuantile(0.975, degrees) * Math.sqrt(squared) : Number.NaN
  if (!Number.isFinite(half)) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  return { low: mean - half, high: mean + half }
}

/** Two-sided, of the hypothesis that the mean is 0. */
export function meanP({ mean, squared, degrees }: Mean): number {
  if (squared === 0) return mean === 0 ? 1 : 0
  if (!Number.isFinite(squared)) return 1
  return 2 * studentUpperTail(Math.abs(mean) / Math.sqrt(squared), degrees)
}
