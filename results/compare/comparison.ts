/** What a comparison says: the model that tables, gates and reports are rendered from. */
import type { Cell, CellField } from '../cells.ts'
import type { Interval } from '../statistics/quantiles.ts'
import type { Verdict } from './judge.ts'
import type { Metric } from './metrics.ts'

export interface Comparison {
  readonly metric: Metric
  /** The first is the base, unless another one was chosen. */
  readonly sets: readonly ComparedSet[]
  readonly base: number
  /** Cell fields that tell rows apart, in the order of CELL_FIELDS. */
  readonly fields: readonly CellField[]
  readonly rows: readonly ComparedRow[]
  /** Of the ratios of all rows that have one, for each set; undefined at the base and where there is none. */
  readonly geomeans: readonly (number | undefined)[]
  /** Columns whose values are not the same in all sets: the environment, and settings that are not among `fields`. */
  readonly differences: readonly Difference[]
  readonly warnings: readonly ComparisonWarning[]
}

export interface ComparedSet {
  readonly label: string
  readonly runs: number
  readonly trials: number
}

export interface Difference {
  readonly column: string
  /** The values of each set, most frequent first. */
  readonly values: readonly (readonly string[])[]
}

export interface ComparedRow {
  readonly cell: Cell
  /** One for each set; undefined where the set has no trial of this cell. */
  readonly estimates: readonly (Estimate | undefined)[]
  /** Of each set to the base; undefined at the base, and where one of both has no sample. */
  readonly changes: readonly (Change | undefined)[]
  /** Loss as proportions of accepted datagrams; undefined for streams. */
  readonly losses: readonly (LossEstimate | undefined)[]
  /** What the system took and refused; undefined for streams. */
  readonly refusals: readonly (RefusalFacts | undefined)[]
  /** Trials whose payload came damaged over a transport that promises otherwise, or failed. */
  readonly troubles: readonly (Troubles | undefined)[]
}

export interface Estimate {
  /** Trials with a value of the metric. */
  readonly n: number
  readonly median: number
  readonly interval?: Interval
}

/** From the base to another set. */
export interface Change {
  readonly paired: boolean
  /** Pairs; of unpaired samples the smaller number of both. */
  readonly n: number
  /** Other / base: over 1 is more. */
  readonly ratio: number
  /** Of the ratio; absent for fewer than two samples. */
  readonly interval?: Interval
  /** Of the test, and after Holm over all rows and sets. */
  readonly p?: number
  readonly pHolm?: number
  /** The least effect that counts, as a share (0.05: 5%). */
  readonly delta: number
  readonly verdict: Verdict
}

export interface LossEstimate {
  readonly lost: number
  readonly accepted: number
  readonly ratio: number
  readonly interval: Interval
  /** Against the base; absent at the base. */
  readonly change?: { readonly difference: number; readonly interval: Interval; readonly verdict: Verdict }
}

export interface RefusalFacts {
  readonly refused: number
  readonly offered: number
  /** The largest datagram of a trial in which none was refused for its size, and the smallest refused (EMSGSIZE), in bytes. */
  readonly largestAcceptedBytes?: number
  readonly smallestRefusedBytes?: number
}

export interface Troubles {
  readonly trials: number
  readonly failed: number
  readonly timedOut: number
  readonly damaged: number
}

export interface ComparisonWarning {
  /** `few-rounds`, `drift`, `bimodal`, `order` … */
  readonly code: string
  /** What, where and by how much; one line. */
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
}
