/** What a search, a probe or a fleet found, as it is stored. Pure. */
import type { Cell } from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { Findings } from '../schema/findings.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type Disturbance, disturbancesOf, type HostMatrix, hostMatrices } from './fleet.ts'
import { oddOnes } from './fleet-odd.ts'
import { probedLimits } from './probe-results.ts'
import { type Found, searchResults } from './search-results.ts'
import type { CaseSummary } from './summary.ts'

/** Nothing of another run. */
export function findingsOf(
  records: readonly TrialRecord[],
  summaries: readonly CaseSummary[],
  manifest: Manifest,
): Findings {
  const { search, probe, fleet } = manifest
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
    ...(fleet ? { fleet: fleetFindings(hostMatrices(summaries, [manifest])) } : {}),
  }
}

function fleetFindings(matrices: readonly HostMatrix[]) {
  const disturbances = disturbancesOf(matrices)
  return matrices.map((matrix, index) => fleetFinding(matrix, disturbances[index]))
}

function fleetFinding(matrix: HostMatrix, disturbance: Disturbance | undefined) {
  return {
    cell: knownIn(matrix.cell),
    figure: matrix.figure,
    odd: oddOnes(matrix).map(each => ({ ...each, names: [...each.names] })),
    ...(disturbance
      ? { disturbance: { ...disturbance, pairs: disturbance.pairs.map(each => ({ ...each })) } }
      : {}),
  }
}

function knownIn(cell: Cell) {
  return Object.fromEntries(Object.entries(cell).filter(([, value]) => value !== undefined))
}

function searchFinding({ cell, goal, lower, upper, throughput, trials, limit, unfinished }: Found) {
  return {
    cell: knownIn(cell),
    loss_ratio: goal.lossRatio,
    ...(lower === undefined ? {} : { lower_bound_bps: lower }),
    ...(upper === undefined ? {} : { upper_bound_bps: upper }),
    ...(throughput === undefined ? {} : { conditional_throughput_bps: throughput }),
    trials,
    limit: limit === 'as fast as the sender can' ? 'sender-limited' : limit,
    finished: !unfinished,
  }
}
