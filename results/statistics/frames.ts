/** Pictures in a row, over all trials of a case. Pure. */
import { largestOf, sumOf } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { timeOf } from './figure.ts'
import { median } from './quantiles.ts'

/** A rate holds if so many of its pictures were on time, in all trials together. */
export const HOLDS = 0.99

export type FramesSummary = NonNullable<ReturnType<typeof framesSummary>>

/** Undefined for trials without pictures in a row. */
export function framesSummary(trials: readonly TrialRecord[]) {
  if (trials.every(each => each.frames_due === undefined)) return undefined
  const reported = trials.filter(each => each.frames_on_time !== undefined)
  const delay = timeOf(trials, 'frame_delay_p50_ms')
  const maxMs = largestOf(trials, each => each.frame_delay_max_ms) ?? 0
  return {
    due: sumOf(trials, each => each.frames_due),
    /** What became of those that were due in the trials whose receiver reported; undefined if it did in none. */
    fates:
      reported.length === 0
        ? undefined
        : {
            due: sumOf(reported, each => each.frames_due),
            onTime: sumOf(reported, each => each.frames_on_time),
            late: sumOf(reported, each => each.frames_late),
            damaged: sumOf(reported, each => each.frames_damaged),
            dropped: sumOf(reported, each => each.frames_dropped),
          },
    unsent: sumOf(trials, each => each.frames_unsent),
    /** Median of the medians of the trials, and the longest of all; undefined where none came whole. */
    delay: delay && { ...delay, maxMs },
    /** Medians over the trials. */
    jitterMs: median(trials.flatMap(each => each.frame_jitter_ms ?? [])),
    perSecond: median(trials.flatMap(each => each.frames_per_second ?? [])),
  }
}

/** Share of the pictures that were on time; undefined if that is unknown. */
export function onTimeShare({ fates }: FramesSummary): number | undefined {
  return fates && fates.due > 0 ? fates.onTime / fates.due : undefined
}
