/** Requests and their answers, over all trials of a case. Pure. */
import { sumOf } from '../../base/groups.ts'
import { Latencies } from '../../base/latencies.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { timeOf } from './figure.ts'

export type RequestCounts = Readonly<ReturnType<typeof requestCounts>>
export type ExchangeSummary = NonNullable<ReturnType<typeof exchangeSummary>>

/** Shares of the percentiles that are shown where enough answers stand behind them. */
export const SHARES: readonly { readonly name: string; readonly share: number }[] = [
  { name: 'p90', share: 0.9 },
  { name: 'p99', share: 0.99 },
  { name: 'p99.9', share: 0.999 },
  { name: 'p99.99', share: 0.9999 },
]

/**
 * Undefined for trials without requests. `rtt`: median of the medians of the trials, undefined where nothing was answered. `trips`: all round
 * trips of all trials.
 */
export function exchangeSummary(trials: readonly TrialRecord[]) {
  if (trials.every(each => each.requests === undefined)) return undefined
  const trips = new Latencies()
  for (const { rtt_histogram: encoded } of trials) if (encoded) trips.merge(Latencies.from(encoded))
  return { ...requestCounts(trials), rtt: timeOf(trials, 'rtt_p50_ms'), trips }
}

export function requestCounts(trials: readonly TrialRecord[]) {
  return {
    requests: sumOf(trials, each => each.requests),
    answered: sumOf(trials, each => each.answered),
    /** Requests lost on the way there, and answers lost on the way back, as far as that is known. */
    lostThere: sumOf(trials, each => each.datagrams_lost),
    lostBack: sumOf(trials, each => each.answers_lost),
    late: sumOf(trials, each => each.answers_late),
  }
}
