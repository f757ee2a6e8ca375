/** Turns results into checks: thresholds, and changes since the baseline or from side A to side B. Pure. */

import { basename } from 'node:path'
import { UsageError } from '../../../base/errors.ts'
import { given } from '../../../base/given.ts'
import { type Cells, haveRowInCommon } from '../../../results/compare/fields.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { formatValues, titleOf } from '../../../results/compare/words.ts'
import type { Check, Note } from '../../../results/gate/check.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { checkThreshold, fewForQuantile } from '../../../results/gate/check-thresholds.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { fullName } from '../../../results/gate/names.ts'
import { speaksOf, type Threshold } from '../../../results/gate/threshold.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { trialSet } from '../../../results/read/trial-set-builder.ts'
import type { Cell } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'

/** A threshold from a flag, or from a scenario, for whose trials alone it holds. */
export interface Demand {
  readonly threshold: Threshold
  readonly scenario: string | undefined
}

export interface Judge {
  readonly demands: readonly Demand[]
  readonly metrics: readonly Metric[]
  readonly delta: number | undefined
  /** What the results are compared with; undefined if there are only thresholds. */
  readonly base:
    | {
        readonly set: TrialSet
        readonly gated: boolean
        readonly bySide: boolean
        /** May lack cases; those are judged by facts alone, and its own notes say so. */
        readonly growing?: true | undefined
      }
    | undefined
}

export interface Results {
  readonly set: TrialSet
  readonly ofScenario: (name: string) => TrialSet
}

export function resultsOf(records: readonly TrialRecord[]): Results {
  const columns = gateColumns()
  return {
    set: trialSet('results', records, columns),
    ofScenario: name =>
      trialSet(
        'results',
        records.filter(each => each.scenario === name),
        columns,
      ),
  }
}

/** @throws UsageError when the results have no cell in common with the baseline */
export function judge(
  { demands, metrics, delta, base }: Judge,
  results: Results,
): { readonly checks: readonly Check[]; readonly notes: readonly Note[] } {
  const asked = demands.map(({ threshold, scenario }) => ({
    threshold,
    set: scenario === undefined ? results.set : results.ofScenario(scenario),
  }))
  const limits = asked.flatMap(({ threshold, set }) => checkThreshold(threshold, set))
  const few = asked.flatMap(({ threshold, set }) => fewForQuantile(threshold, set) ?? [])
  if (!base) return { checks: limits, notes: few }
  const { checks, fresh, settings } = checkChanges(base.set, results.set, {
    metrics,
    delta,
    bySide: base.bySide,
  })
  if (
    !base.growing &&
    fresh.length > 0 &&
    checks.every(({ kind, cell }) => kind === 'missing' || (cell && fresh.includes(cell)))
  )
    throw new UsageError(nothingInCommon(base.set, results.set, base.bySide))
  const notes = given(
    ...few,
    ...settings.map(({ column, values: [before = [], now = []] }) => ({
      message: `${titleOf(column)} is ${formatValues(before)} in ${base.bySide ? 'A' : 'the baseline'}, and ${formatValues(now)} in ${base.bySide ? 'B' : 'the results'}`,
    })),
    fresh.length > 0 &&
      !base.growing && {
        message: `${fresh.length === 1 ? '1 case is' : `${fresh.length} cases are`} not in the baseline, and cannot be compared`,
      },
  )
  return { checks: [...limits, ...(base.gated ? checks : checks.map(shown))], notes }
}

/** Refuses a threshold that matches no cell to be measured, before anything is. @throws UsageError */
export function checkDemands(
  demands: readonly Demand[],
  planned: (scenario: string | undefined) => readonly Cell[],
): void {
  for (const { threshold, scenario } of demands) {
    const cells = planned(scenario)
    if (cells.some(cell => speaksOf(threshold, cell))) continue
    const transports = [...new Set(cells.map(cell => cell.transport))].join(', ')
    throw new UsageError(
      `threshold ${JSON.stringify(threshold.text)} matches none of the cases to measure (${transports}), so it could never fail; change it, or measure a case that it matches`,
    )
  }
}

/**
 * Refuses a baseline without any of the cases to be measured, before they are.
 * @param planned the cells to be measured
 * @throws UsageError
 */
export function checkCommonCases(baseline: readonly TrialSet[], planned: readonly Cell[]): void {
  const base = { cells: baseline.flatMap(set => set.cells) }
  // Rows hold only the name of a file.
  const results = {
    cells: planned.map(cell => ({
      cell: cell.file === undefined ? cell : { ...cell, file: basename(cell.file) },
    })),
  }
  if (!haveRowInCommon(base, results)) throw new UsageError(nothingInCommon(base, results, false))
}

/** A check that is only shown is not measured again either. */
function shown({ suspect: _suspect, ...check }: Check): Check {
  return { ...check, status: 'skipped' }
}

function nothingInCommon(base: Cells, results: Cells, bySide: boolean): string {
  const names = (set: Cells) => {
    const all = [...new Set(set.cells.map(({ cell }) => fullName(cell)))]
    return all.length > 3 ? `${all.slice(0, 3).join('; ')} …` : all.join('; ')
  }
  return bySide
    ? `the sides have no case in common (A: ${names(base)}; B: ${names(results)}); bench ab --gate judges such pairs while it measures them`
    : `the results have no case in common with the baseline (baseline: ${names(base)}; results: ${names(results)}); measure what the baseline has, as bench check --baseline FILES does`
}
