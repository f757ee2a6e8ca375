/** The arguments of `bench check`. */
import type { Metric } from '../../../results/compare/metrics.ts'
import type { Threshold } from '../../../results/gate/threshold.ts'
import type { RunArguments } from '../run-flags.ts'
import type { OutputArguments } from './outputs.ts'

export interface CheckArguments extends OutputArguments {
  /** Result files to judge; empty: measure now. */
  readonly results: readonly string[]
  /** What to measure, unless `measuring` leaves that to the baseline's own cases. */
  readonly run: RunArguments
  /** The given flags that say what to measure, as typed. */
  readonly measuring: readonly string[]
  readonly baseline: readonly string[]
  readonly history: string | undefined
  readonly since: string | undefined
  readonly thresholds: readonly Threshold[]
  /** Undefined for the usual one. */
  readonly metrics: readonly Metric[] | undefined
  /** As a share. */
  readonly delta: number | undefined
  readonly anyEnvironment: boolean
  readonly strict: boolean
  readonly remeasure: boolean
}
