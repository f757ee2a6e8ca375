/**
 * What trials at several loads say of the highest load within a loss: the load classification and the conditional throughput of RFC 9971
 * (MLRsearch), with its words. Pure.
 */
import { ascending, groupBy, sumOf } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'

/** A Search Goal. Shares are 0 to 1. */
export interface SearchGoal {
  /** Goal Loss Ratio: a trial that loses more is a high-loss trial. */
  readonly lossRatio: number
  /** Goal Exceed Ratio: the share of the duration that may be of high-loss trials. */
  readonly exceedRatio: number
  /** Goal Final Trial Duration, in ms: a shorter trial is a short one. */
  readonly finalTrialMs: number
  /** Goal Duration Sum, in ms: what is measured at a load before it is decided for good. */
  readonly durationSumMs: number
  /** Goal Width: (upper - lower) / upper at which the search for it ends. */
  readonly width: number
}

/** A Trial Result. */
export interface LoadTrial {
  /** Intended load, in any unit. */
  readonly load: number
  readonly durationMs: number
  /** With what the trial took beside it (Trial Effective Duration). */
  readonly effectiveMs: number
  /** 0 to 1; 1 where nothing arrived. */
  readonly lossRatio: number
}

export type LoadClass = 'lower bound' | 'upper bound' | 'undecided'

/** What trials at one load say of it: a bound only if no further trials could change that within the Goal Duration Sum. */
export function classifyLoad(trials: readonly LoadTrial[], goal: SearchGoal): LoadClass {
  const { exceedRatio } = goal
  const sums = durationSums(trials, goal)
  // Short trials count against a load, as far as good ones do not outweigh them, and never for it.
  const balancing = sums.shortLowLoss * (exceedRatio / (1 - exceedRatio))
  const highLoss = sums.highLoss + Math.max(0, sums.shortHighLoss - balancing)
  const whole = Math.max(sums.lowLoss + highLoss, goal.durationSumMs)
  const allowed = whole * exceedRatio
  if (whole - sums.lowLoss <= allowed) return 'lower bound'
  return highLoss > allowed ? 'upper bound' : 'undecided'
}

function durationSums(trials: readonly LoadTrial[], { lossRatio, finalTrialMs }: SearchGoal) {
  const sum = (isShort: boolean, isHighLoss: boolean) =>
    sumOf(trials, each =>
      each.durationMs < finalTrialMs === isShort && each.lossRatio > lossRatio === isHighLoss
        ? each.effectiveMs
        : 0,
    )
  return {
    lowLoss: sum(false, false),
    highLoss: sum(false, true),
    shortLowLoss: sum(true, false),
    shortHighLoss: sum(true, true),
  }
}

/** The load less the loss that trials of full length had at the quantile of the Goal Exceed Ratio: Conditional Throughput. */
export function conditionalThroughput(
  load: number,
  trials: readonly LoadTrial[],
  { exceedRatio, finalTrialMs, durationSumMs }: SearchGoal,
): number {
  const full = trials
    .filter(each => each.durationMs >= finalTrialMs)
    .toSorted((a, b) => ascending(a.lossRatio, b.lossRatio))
  let remainingMs =
    Math.max(
      durationSumMs,
      sumOf(full, each => each.effectiveMs),
    ) *
    (1 - exceedRatio)
  let lossRatio = 1
  for (const each of full) {
    if (remainingMs <= 0) break
    lossRatio = each.lossRatio
    remainingMs -= each.effectiveMs
  }
  return load * (1 - (remainingMs > 0 ? 1 : lossRatio))
}

/** A Goal Result: undefined where there is no such bound. */
export interface Bounds {
  /** Relevant Lower Bound: the highest lower bound below the upper one. */
  readonly lower: number | undefined
  /** Relevant Upper Bound: the lowest of all. */
  readonly upper: number | undefined
  /** At the lower bound. */
  readonly throughput: number | undefined
  /** How many loads are bounds. */
  readonly decided: number
}

export function boundsOf(trials: readonly LoadTrial[], goal: SearchGoal): Bounds {
  const loads = [...groupBy(trials, each => each.load)].sort(([a], [b]) => ascending(a, b))
  const classes = loads.map(([, at]) => classifyLoad(at, goal))
  const first = classes.indexOf('upper bound')
  const below = classes.slice(0, first < 0 ? classes.length : first)
  const [lower, at = []] = loads[below.lastIndexOf('lower bound')] ?? []
  return {
    lower,
    upper: loads[first]?.[0],
    throughput: lower === undefined ? undefined : conditionalThroughput(lower, at, goal),
    decided: classes.filter(each => each !== 'undecided').length,
  }
}

/** Less than this share of what was intended was offered: the sender, and not the path, was the limit. */
const KEPT_UP = 0.98
/** By so much an end may be late on a machine that does other things, too. */
const LATE_MS = 10

/** A trial of a stream, as a Trial Result; its load in payload bits per second. */
export interface LoadResult extends LoadTrial {
  /** The sender could not keep the load: that bounds what is found, and is no loss. Its `lossRatio` is 1. */
  readonly senderLimited: boolean
}

/** @param record of a whole trial; undefined without a rate */
export function loadResultOf(record: TrialRecord): LoadResult | undefined {
  const { rate_bps: load, chunk_bytes: chunkBytes, duration_asked_ms: durationMs = 0 } = record
  if (load === undefined) return undefined
  const { datagrams_offered: offered = 0, datagrams_delivered: delivered = 0 } = record
  const intended = (load * durationMs) / 8000 / chunkBytes
  // The last one is due when the time is over.
  const senderLimited = offered > 0 && offered < KEPT_UP * intended - 1
  // Without a report nothing is known to have arrived, and a trial that failed is none that could be borne.
  // What a queue on the way keeps until the trial is over was not carried in its time.
  const { receive_ms: arrivingMs = 0, transfer_ms: sendingMs = durationMs } = record
  // Spread further than it was sent: a delay alone spreads nothing.
  const kept = Math.max(sendingMs, durationMs) / Math.max(arrivingMs, 1)
  const slack = Math.max(1 - KEPT_UP, LATE_MS / Math.max(durationMs, 1)) + 2 / Math.max(offered, 1)
  const queued = kept < 1 - slack ? 1 - kept : 0
  const lossRatio = senderLimited || offered === 0 ? 1 : Math.max(1 - delivered / offered, queued)
  return { load, durationMs, effectiveMs: durationMs, lossRatio, senderLimited }
}
