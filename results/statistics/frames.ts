/** Pictures in a row, over all trials of a case. Pure. */
import type { TrialRecord } from '../schema/columns.ts'
import { type MedianTime, timeOf } from './figure.ts'
import { median } from './quantiles.ts'

export interface FramesSummary {
  readonly due: number
  /** What became of them; undefined if the receiver did not report in any trial. */
  readonly fates:
    | {
        /** Pictures that were due in the trials whose receiver reported. */
        readonly due: number
        readonly onTime: number
        readonly late: number
        readonly damaged: number
        readonly dropped: number
      }
    | undefined
  readonly unsent: number
  /** Median of the medians of the trials, and the longest of all; undefined where none came whole. */
  readonly delay: (MedianTime & { readonly maxMs: number }) | undefined
  /** Medians over the trials. */
  readonly jitterMs: number | undefined
  readonly perSecond: number | undefined
}

/** A rate holds if so many of its pictures were on time, in all trials together. */
export const HOLDS = 0.99

/** Undefined for trials without pictures in a row. */
export function framesSummary(trials: readonly TrialRecord[]): FramesSummary | undefined {
  if (trials.every(each => each.frames_due === undefined)) return undefined
  const reported = trials.filter(each => each.frames_on_time !== undefined)
  const delay = timeOf(trials, 'frame_delay_p50_ms')
  const maxMs = Math.max(0, ...trials.map(each => each.frame_delay_max_ms ?? 0))
  const values = (column: 'frame_jitter_ms' | 'frames_per_second') =>
    trials.flatMap(each => each[column] ?? [])
  return {
    due: sum(trials, 'frames_due'),
    fates:
      reported.length === 0
        ? undefined
        : {
            due: sum(reported, 'frames_due'),
            onTime: sum(reported, 'frames_on_time'),
            late: sum(reported, 'frames_late'),
            damaged: sum(reported, 'frames_damaged'),
            dropped: sum(reported, 'frames_dropped'),
          },
    unsent: sum(trials, 'frames_unsent'),
    delay: delay && { ...delay, maxMs },
    jitterMs: median(values('frame_jitter_ms')),
    perSecond: median(values('frames_per_second')),
  }
}

/** Share of the pictures that were on time; undefined if that is unknown. */
export function onTimeShare({ fates }: FramesSummary): number | undefined {
  return fates && fates.due > 0 ? fates.onTime / fates.due : undefined
}

type Counts =
  | 'frames_due'
  | 'frames_on_time'
  | 'frames_late'
  | 'frames_damaged'
  | 'frames_dropped'
  | 'frames_unsent'

function sum(trials: readonly TrialRecord[], column: Counts): number {
  return trials.reduce((total, each) => total + (each[column] ?? 0), 0)
}
