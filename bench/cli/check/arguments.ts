/** What `bench check` was asked for. */
import type { Metric } from '../../../results/compare/metrics.ts'
import type { Threshold } from '../../../results/gate/threshold.ts'
import type { RunArguments } from '../run-flags.ts'
import type { OutputArguments } from './outputs.ts'

export interface CheckArguments extends OutputArguments {
  /** Files of rows that are judged; none: they are measured now. */
  readonly results: readonly string[]
  /** What is measured, where `measuring` says that it is not the baseline's own cases. */
  readonly run: RunArguments
  /** Flags that say what is measured, as they are written. */
  readonly measuring: readonly string[]
  readonly baseline: readonly string[]
  readonly history: string | undefined
  readonly since: string | undefined
  readonly thresholds: readonly Threshold[]
  readonly metrics: readonly Metric[]
  /** As a share. */
  readonly delta: number | undefined
  readonly anyEnvironment: boolean
  readonly strict: boolean
  readonly remeasure: boolean
}
