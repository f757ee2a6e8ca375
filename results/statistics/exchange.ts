/** Requests and their answers, over all trials of a case. Pure. */
import { Latencies } from '../../base/latencies.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type MedianTime, timeOf } from './figure.ts'

export interface RequestCounts {
  readonly requests: number
  readonly answered: number
  /** Requests lost on the way there, and answers lost on the way back, as far as that is known. */
  readonly lostThere: number
  readonly lostBack: number
  readonly late: number
}

export interface ExchangeSummary extends RequestCounts {
  /** Median of the medians of the trials; undefined where nothing was answered. */
  readonly rtt: MedianTime | undefined
  /** All round trips of all trials. */
  readonly trips: Latencies
}

/** Shares of the percentiles that are shown where enough answers stand behind them. */
export const SHARES: readonly { readonly name: string; readonly share: number }[] = [
  { name: 'p90', share: 0.9 },
  { name: 'p99', share: 0.99 },
  { name: 'p99.9', share: 0.999 },
  { name: 'p99.99', share: 0.9999 },
]

/** Undefined for trials without requests. */
export function exchangeSummary(trials: readonly TrialRecord[]): ExchangeSummary | undefined {
  if (trials.every(each => each.requests === undefined)) return undefined
  const trips = new Latencies()
  for (const { rtt_histogram: encoded } of trials) if (encoded) trips.merge(Latencies.from(encoded))
  return { ...requestCounts(trials), rtt: timeOf(trials, 'rtt_p50_ms'), trips }
}

export function requestCounts(trials: readonly TrialRecord[]): RequestCounts {
  const sum = (column: 'requests' | 'answered' | 'answers_late' | 'answers_lost' | 'datagrams_lost') =>
    trials.reduce((total, each) => total + (each[column] ?? 0), 0)
  return {
    requests: sum('requests'),
    answered: sum('answered'),
    lostThere: sum('datagrams_lost'),
    lostBack: sum('answers_lost'),
    late: sum('answers_late'),
  }
}
