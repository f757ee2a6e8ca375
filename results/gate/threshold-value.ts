/** What a cell has of what a threshold is about. */
import { formatCount } from '../../bench/units.ts'
import { OUTCOMES, type OutcomeKind } from '../outcome.ts'
import type { CellTrials } from '../read/trial-set.ts'
import { medianInterval } from '../statistics/bootstrap.ts'
import { lossInterval } from '../statistics/loss.ts'
import { type Interval, quantile } from '../statistics/quantiles.ts'
import type { TrialCount } from './subjects.ts'
import type { Statistic, Threshold } from './threshold.ts'

/** The columns that it asks for; those of metrics come to them. */
export const COUNT_NUMBERS = [
  'datagrams_offered',
  'datagrams_accepted',
  'datagrams_refused',
  'datagrams_lost',
  'datagrams_corrupt',
  'loss_ratio',
  'payload_intact',
] as const
export const COUNT_TEXTS = ['error_code'] as const

export interface Measured {
  readonly value: number
  /** 95 %. */
  readonly interval?: Interval | undefined
  /** What the value is of. */
  readonly count: number
  readonly basis: 'trials' | 'datagrams'
}

/** `none of it`: a cell of this kind has no such thing (loss over TCP). `unknown`: no trial came far enough to tell. */
export type Found = Measured | 'none of it' | 'unknown'

export function measured({ subject, statistic, asShare }: Threshold, trials: CellTrials): Found {
  switch (subject.kind) {
    case 'rate':
    case 'time':
      return ofSamples(endedSamples(trials, trials.numbers(subject.column)), statistic ?? MEDIAN, trials)
    case 'loss':
      if (isStream(trials)) return 'none of it'
      if (!statistic) return lossOf(trials)
      return ofSamples(Array.from(trials.numbers('loss_ratio')).filter(isKnown), statistic, trials)
    case 'refused': {
      if (isStream(trials)) return 'none of it'
      const offered = sum(trials.numbers('datagrams_offered'))
      if (offered === 0) return 'unknown'
      const refused = sum(trials.numbers('datagrams_refused'))
      return { value: asShare ? refused / offered : refused, count: offered, basis: 'datagrams' }
    }
    case 'trials': {
      const count = countTrials(trials, subject.counts)
      return { value: asShare ? count / trials.count : count, count: trials.count, basis: 'trials' }
    }
  }
}

/**
 * Trials that ended so; `failed` includes those that timed out, and `damaged` are those of which damaged bytes came, or whose payload
 * came whole and is not what was sent.
 */
export function countTrials(trials: CellTrials, counts: TrialCount): number {
  const codes = trials.texts('error_code')
  const corrupt = trials.numbers('datagrams_corrupt')
  const intact = trials.numbers('payload_intact')
  let count = 0
  for (let index = 0; index < trials.count; index++) {
    const outcome = outcomeAt(trials, index)
    if (counts === 'damaged') {
      const spoilt = outcome === 'completed' && intact[index] === 0
      if (codes[index] === 'DAMAGED' || (corrupt[index] ?? 0) > 0 || spoilt) count++
    } else if (outcome === counts || (counts === 'failed' && outcome === 'timed-out')) count++
  }
  return count
}

/** `18 failed, 2 timed-out` */
export function describeOutcomes(trials: CellTrials): string {
  const kinds = Array.from(trials.outcomes, (_, index) => outcomeAt(trials, index))
  return OUTCOMES.map(kind => [kinds.filter(each => each === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${formatCount(count)} ${kind}`)
    .join(', ')
}

const MEDIAN = { kind: 'quantile', p: 0.5 } as const
/** How long a trial took that hung or broke says nothing. */
const ENDED: readonly OutcomeKind[] = ['completed', 'incomplete']

function ofSamples(samples: readonly number[], statistic: Statistic, trials: CellTrials): Found {
  const value = statisticOf(samples, statistic)
  if (value === undefined) return hasEnded(trials) ? 'none of it' : 'unknown'
  const median = statistic.kind === 'quantile' && statistic.p === MEDIAN.p
  const interval = median ? medianInterval(samples) : undefined
  return { value, interval, count: samples.length, basis: 'trials' }
}

function statisticOf(samples: readonly number[], statistic: Statistic): number | undefined {
  if (samples.length === 0) return undefined
  switch (statistic.kind) {
    case 'quantile':
      return quantile(samples, statistic.p)
    case 'min':
      return samples.reduce((least, each) => Math.min(least, each))
    case 'max':
      return samples.reduce((most, each) => Math.max(most, each))
    case 'mean':
      return sum(samples) / samples.length
  }
}

function lossOf(trials: CellTrials): Found {
  const share = lossInterval(trials.numbers('datagrams_lost'), trials.numbers('datagrams_accepted'))
  if (!share) return 'unknown'
  return { value: share.ratio, interval: share.interval, count: share.accepted, basis: 'datagrams' }
}

function endedSamples(trials: CellTrials, values: Float64Array): number[] {
  return Array.from(values).filter(
    (value, index) => isKnown(value) && ENDED.includes(outcomeAt(trials, index)),
  )
}

function hasEnded(trials: CellTrials): boolean {
  return trials.outcomes.some((_, index) => ENDED.includes(outcomeAt(trials, index)))
}

/** Trials ran to their end, and none counted datagrams. */
function isStream(trials: CellTrials): boolean {
  return hasEnded(trials) && !trials.numbers('datagrams_offered').some(isKnown)
}

function outcomeAt(trials: CellTrials, index: number): OutcomeKind {
  return OUTCOMES[trials.outcomes[index] ?? -1] ?? 'failed'
}

function isKnown(value: number): boolean {
  return !Number.isNaN(value)
}

function sum(values: ArrayLike<number>): number {
  return Array.from(values)
    .filter(isKnown)
    .reduce((total, value) => total + value, 0)
}
