/** What a search or a probe found, as it is stored. Pure. */
import type { TrialRecord } from '../schema/columns.ts'
import type { Findings } from '../schema/findings.ts'
import type { Manifest } from '../schema/manifest.ts'
import { probedLimits } from './probe-results.ts'
import { type Found, searchResults } from './search-results.ts'
import type { CaseSummary } from './summary.ts'

/** Nothing of a run that was neither. */
export function findingsOf(
  records: readonly TrialRecord[],
  summaries: readonly CaseSummary[],
  { search, probe }: Manifest,
): Findings {
  return {
    ...(search ? { search: searchResults(summaries, [{ search }]).map(searchFinding) } : {}),
    ...(probe
      ? {
          probe: probedLimits(records).map(({ limit, family, bytes, refusal }) => ({
            limit: limit.what,
            ip_family: family,
            bytes,
            ...(refusal === undefined ? {} : { error_code: refusal }),
          })),
        }
      : {}),
  }
}

function searchFinding({ cell, goal, lower, upper, throughput, trials, limit, unfinished }: Found) {
  return {
    cell: Object.fromEntries(Object.entries(cell).filter(([, value]) => value !== undefined)),
    loss_ratio: goal.lossRatio,
    ...(lower === undefined ? {} : { lower_bound_bps: lower }),
    ...(upper === undefined ? {} : { upper_bound_bps: upper }),
    ...(throughput === undefined ? {} : { conditional_throughput_bps: throughput }),
    trials,
    limit: limit === 'as fast as the sender can' ? 'sender-limited' : limit,
    finished: !unfinished,
  }
}
