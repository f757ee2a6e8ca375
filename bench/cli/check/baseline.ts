/** Chooses the runs of a baseline to judge the results by, with notes about the others. Pure. */

import { UsageError } from '../../../base/errors.ts'
import { given } from '../../../base/given.ts'
import { MIN_RUNS } from '../../../results/compare/changes.ts'
import { DELTA, DELTA_SINGLE_BASELINE } from '../../../results/compare/judge.ts'
import { formatDelta } from '../../../results/compare/words.ts'
import type { Note } from '../../../results/gate/check.ts'
import {
  describeDifference,
  environmentDifferences,
  untoldDifferences,
} from '../../../results/gate/environment.ts'
import { together } from '../../../results/gate/together.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { describeRuns } from './inputs.ts'

export interface Baseline {
  readonly set: TrialSet
  /** May fail the results; otherwise it is only shown. */
  readonly gated: boolean
  /** From a history: it may lack cases. */
  readonly growing?: true
  readonly heading: readonly string[]
  readonly notes: readonly Note[]
}

/**
 * Chooses the runs from the results' own environment; if there are none, all runs, which judge only with `anyEnvironment`.
 * Leaves out the results themselves, since nothing is worse than itself; `anyEnvironment` keeps them if there is no other run.
 * @param measured one set per run, at least one
 * @throws UsageError when there is no other run
 */
export function chooseBaseline(
  measured: readonly TrialSet[],
  results: TrialSet,
  { anyEnvironment, delta }: { readonly anyEnvironment: boolean; readonly delta: number | undefined },
): Baseline {
  const judged = new Set(results.runs.map(run => run.id))
  const others = measured.filter(set => !set.runs.some(run => judged.has(run.id)))
  // --any-environment with a copy of the results asks for a verdict anyway; a note says what it is worth.
  const itself = others.length === 0
  const runs = itself && anyEnvironment ? measured : others
  if (runs.length === 0)
    throw new UsageError(
      'the baseline is the results themselves; name the files of earlier runs with --baseline',
    )
  const differences = new Map(runs.map(run => [run, environmentDifferences(run, results)]))
  const own = runs.filter(run => differences.get(run)?.length === 0)
  const chosen = anyEnvironment || own.length === 0 ? runs : own
  const gated = anyEnvironment || own.length > 0
  const foreign = runs.filter(run => !own.includes(run))
  const described = [...new Set(foreign.flatMap(run => differences.get(run)?.map(describeDifference) ?? []))]
  const beside = [...new Set(chosen.flatMap(run => untoldDifferences(run, results).map(describeDifference)))]
  return {
    set: together('baseline', chosen),
    gated,
    heading: given(describeRuns('baseline', chosen), beside.length > 0 && `not counted: ${list(beside)}`),
    notes: given(
      itself && ITSELF,
      runs.length < measured.length && {
        message: 'the baseline files include the results, which were left out',
      },
      foreign.length > 0 && foreignNote(foreign.length, runs.length, described, { gated, anyEnvironment }),
      gated && chosen.length < MIN_RUNS && fewRunsNote(chosen.length, delta),
    ),
  }
}

const ITSELF: Note = {
  message: 'the baseline is the results themselves, so nothing can be worse',
  remedy: 'name the files of earlier runs with --baseline',
}

function foreignNote(
  foreign: number,
  all: number,
  described: readonly string[],
  { gated, anyEnvironment }: { readonly gated: boolean; readonly anyEnvironment: boolean },
): Note {
  const which =
    foreign === all
      ? 'the baseline is from another environment'
      : `${foreign} of the ${all} baseline runs ${foreign === 1 ? 'is' : 'are'} from another environment`
  if (anyEnvironment) return { message: `${which}, and used anyway (--any-environment): ${list(described)}` }
  if (gated) return { message: `${which} and left out: ${list(described)}` }
  return {
    message: `${which}, so it is shown but not used to judge: ${list(described)}`,
    remedy: 'use a baseline from this machine, or pairs in one run (bench ab --gate), or --any-environment',
  }
}

/** Runs differ from each other by more than their trials show (docs/statistics.md). */
function fewRunsNote(runs: number, delta: number | undefined): Note {
  const least = Math.max(delta ?? DELTA, DELTA_SINGLE_BASELINE)
  return {
    message: `the baseline has ${runs === 1 ? '1 run' : `${runs} runs`}, too few to show how much runs differ from each other: only a change of ${formatDelta(least)} or more counts`,
    remedy: `give ${MIN_RUNS} or more runs with --baseline, or measure pairs in one run: bench ab --gate`,
  }
}

function list(items: readonly string[]): string {
  return items.length > 6 ? `${items.slice(0, 6).join('; ')} …` : items.join('; ')
}
