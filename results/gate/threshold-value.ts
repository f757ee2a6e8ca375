/** What a cell has of what a threshold is about. */
import { sumOf } from '../../base/groups.ts'
import { Latencies } from '../../base/latencies.ts'
import { type CellTrials, processesOf, samplesOf } from '../read/trial-set.ts'
import type { ColumnName } from '../schema/columns.ts'
import { isPartRefused } from '../schema/datagrams.ts'
import { lossInterval } from '../statistics/loss.ts'
import { type Certainty, estimateOver } from '../statistics/processes.ts'
import { sortedKnown, sortedQuantile } from '../statistics/quantiles.ts'
import type { Subject } from './subjects.ts'
import type { Statistic, Threshold } from './threshold.ts'
import { anyEnded, countTrials, hasEnded, outcomeAt } from './trials.ts'

/** The columns that it asks for; those of metrics come to them. */
export const COUNT_NUMBERS = [
  'datagrams_offered',
  'datagrams_accepted',
  'datagrams_refused',
  'datagrams_lost',
  'datagrams_corrupt',
  'loss_ratio',
  'bytes_delivered',
  'payload_intact',
  'requests',
  'answered',
] as const
export const COUNT_TEXTS = ['error_code', 'rtt_histogram'] as const

export interface Measured extends Certainty {
  readonly value: number
  /** What the value is of. */
  readonly count: number
  readonly basis: 'trials' | 'datagrams' | 'requests'
  /** How many of the datagrams that were refused are headers or markers. */
  readonly parts?: number
}

/** `none of it`: a cell of this kind has no such thing (loss over TCP). `unknown`: no trial got far enough. */
export type Found = Measured | 'none of it' | 'unknown'

export function measured({ subject, statistic, asShare }: Threshold, trials: CellTrials): Found {
  switch (subject.kind) {
    case 'rate':
    case 'time':
    case 'share':
      return ofSamples(endedSamples(trials, samplesOf(trials, subject.column)), statistic ?? MEDIAN, trials)
    case 'trips':
      return !statistic || isMedian(statistic)
        ? ofSamples(endedSamples(trials, trials.numbers(subject.column)), MEDIAN, trials)
        : ofTrips(statistic, trials)
    case 'unanswered':
      return ofUnanswered(statistic, trials)
    case 'loss':
      if (isStream(trials)) return 'none of it'
      if (!statistic) return lossOf(trials)
      return ofSamples(trials.numbers('loss_ratio'), statistic, trials)
    case 'refused': {
      if (isStream(trials)) return 'none of it'
      const refusals = trials.numbers('datagrams_refused')
      const parts = refusals.filter((each, index) => isPartRefused(outcomeAt(trials, index), each)).length
      const offered = sumOf(trials.numbers('datagrams_offered'), Number) + parts
      if (offered === 0) return 'unknown'
      const refused = sumOf(refusals, Number) + parts
      return { value: asShare ? refused / offered : refused, count: offered, basis: 'datagrams', parts }
    }
    case 'trials': {
      const count = countTrials(trials, subject.counts)
      return { value: asShare ? count / trials.count : count, count: trials.count, basis: 'trials' }
    }
  }
}

/** Trials that say nothing of it, though others of their kind would: they failed, or the system refused what they sent. */
export function silentTrials({ subject: { kind }, asShare }: Threshold, trials: CellTrials): number {
  // A header that was refused says nothing of the share of the datagrams that would have followed.
  if (kind === 'trials' || (kind === 'refused' && !asShare)) return 0
  const column = BEGUN[kind]
  const counts = column && trials.numbers(column)
  const isSilent = (index: number) => !hasEnded(trials, index) && !((counts?.[index] ?? 0) > 0)
  return trials.outcomes.filter((_, index) => isSilent(index)).length
}

/** What a trial has some of that says something, however it ended. */
const BEGUN: Readonly<Partial<Record<Subject['kind'], ColumnName>>> = {
  unanswered: 'requests',
  loss: 'datagrams_accepted',
  refused: 'datagrams_offered',
}

const MEDIAN = { kind: 'quantile', p: 0.5 } as const

function ofSamples(values: Float64Array, statistic: Statistic, trials: CellTrials): Found {
  const sorted = sortedKnown(values)
  const value = statisticOf(sorted, statistic)
  if (value === undefined) return anyEnded(trials) ? 'none of it' : 'unknown'
  const { interval, range } = (isMedian(statistic) && estimateOver(values, processesOf(trials))) || {}
  return {
    value,
    ...(interval ? { interval } : range ? { range } : {}),
    count: sorted.length,
    basis: 'trials',
  }
}

function isMedian(statistic: Statistic): boolean {
  return statistic.kind === 'quantile' && statistic.p === MEDIAN.p
}

/** Of all requests of all trials that ran to their end. */
function ofTrips(statistic: Statistic, trials: CellTrials): Found {
  const trips = new Latencies()
  for (const [index, encoded] of trials.texts('rtt_histogram').entries())
    if (encoded && hasEnded(trials, index)) trips.merge(Latencies.from(encoded))
  if (trips.count === 0) return anyEnded(trials) ? 'none of it' : 'unknown'
  const share = statistic.kind === 'quantile' ? statistic.p : MEDIAN.p
  const values = { min: trips.minMs, max: trips.maxMs, mean: trips.meanMs, quantile: trips.quantile(share) }
  return { value: values[statistic.kind], count: trips.count, basis: 'requests' }
}

/** Requests without an answer in time. */
function ofUnanswered(statistic: Statistic | undefined, trials: CellTrials): Found {
  const [requests, answered] = [trials.numbers('requests'), trials.numbers('answered')]
  if (anyEnded(trials) && requests.every(Number.isNaN)) return 'none of it'
  const missing = requests.map((each, index) => each - (answered[index] ?? Number.NaN))
  if (statistic)
    return ofSamples(
      missing.map((each, index) => each / (requests[index] ?? Number.NaN)),
      statistic,
      trials,
    )
  const share = lossInterval(missing, requests)
  if (!share) return 'unknown'
  return { value: share.ratio, interval: share.interval, count: share.accepted, basis: 'requests' }
}

function statisticOf(sorted: Float64Array, statistic: Statistic): number | undefined {
  if (statistic.kind === 'quantile') return sortedQuantile(sorted, statistic.p)
  if (statistic.kind !== 'mean') return sorted.at(statistic.kind === 'min' ? 0 : -1)
  return sorted.length === 0 ? undefined : sumOf(sorted, Number) / sorted.length
}

function lossOf(trials: CellTrials): Found {
  const share = lossInterval(trials.numbers('datagrams_lost'), trials.numbers('datagrams_accepted'))
  if (!share) return 'unknown'
  return { value: share.ratio, interval: share.interval, count: share.accepted, basis: 'datagrams' }
}

/** NaN for trials that did not run to their end: the duration of one that hung or broke is meaningless. */
function endedSamples(trials: CellTrials, values: Float64Array): Float64Array {
  return values.map((value, index) => (hasEnded(trials, index) ? value : Number.NaN))
}

/** Trials ran to their end, and none counted datagrams. */
function isStream(trials: CellTrials): boolean {
  return anyEnded(trials) && trials.numbers('datagrams_offered').every(Number.isNaN)
}
