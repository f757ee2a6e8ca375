/** The figure that a case is measured for, over its trials: what the table of a run shows with an interval. Pure. */
import { numbering } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type Certainty, type Estimate, estimateOver } from './processes.ts'

export type FigureColumn = 'goodput_bps' | 'rtt_p50_ms' | 'frame_delay_p50_ms'

/** Round trips of requests, the delay of pictures in a row, goodput of anything else. */
export function figureOf(records: readonly TrialRecord[]): FigureColumn {
  if (records.some(each => each.frames_due !== undefined)) return 'frame_delay_p50_ms'
  return records.some(each => each.requests !== undefined) ? 'rtt_p50_ms' : 'goodput_bps'
}

/** The median of the trials of a case that have this figure; undefined without any. */
export function estimateOf(records: readonly TrialRecord[], column: FigureColumn): Estimate | undefined {
  const measured = records.filter(each => each[column] !== undefined)
  return estimateOver(
    measured.map(each => each[column] ?? Number.NaN),
    processesOf(measured),
  )
}

export interface MedianTime extends Certainty {
  readonly medianMs: number
  readonly trials: number
}

/** The same of a time. */
export function timeOf(records: readonly TrialRecord[], column: FigureColumn): MedianTime | undefined {
  const estimate = estimateOf(records, column)
  if (!estimate) return undefined
  const { median: medianMs, n: trials, ...certainty } = estimate
  return { medianMs, trials, ...certainty }
}

/**
 * How well a median is known: half of its 95 % interval, as a share of it; 0 where the interval is a point, as of trials in which nothing
 * arrived. Undefined without an interval: of fewer than six trials, or of fewer than six processes that differ.
 */
export function halfWidthOf({ median, interval }: Estimate): number | undefined {
  if (!interval) return undefined
  return interval.high === interval.low ? 0 : (interval.high - interval.low) / 2 / median
}

/** A number for each record, the same for those of one run and process; NaN where the process is unknown. */
function processesOf(records: readonly TrialRecord[]): readonly number[] {
  const numberOf = numbering()
  return records.map(({ run_id, process }) =>
    process === undefined ? Number.NaN : numberOf(`${process} ${run_id}`),
  )
}
