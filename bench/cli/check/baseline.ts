/** Which runs of a baseline the results are judged by, and what is to be said of the others. Pure. */

import { UsageError } from '../../../base/errors.ts'
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
  /** Whether it may fail the results; else it is shown. */
  readonly gated: boolean
  /** Of a history: cases that it has not are no mistake. */
  readonly growing?: true
  readonly heading: readonly string[]
  readonly notes: readonly Note[]
}

/**
 * The runs of the results' own environment; where there is none all of them, which are judged with `anyEnvironment` only.
 * Runs that are the results themselves are left out: against itself nothing is worse. Where there are no others, `anyEnvironment` keeps them.
 * @param given a set for each run, at least one
 * @throws UsageError when no other run is there
 */
export function chooseBaseline(
  given: readonly TrialSet[],
  results: TrialSet,
  { anyEnvironment, delta }: { readonly anyEnvironment: boolean; readonly delta: number | undefined },
): Baseline {
  const judged = new Set(results.runs.map(run => run.id))
  const others = given.filter(set => !set.runs.some(run => judged.has(run.id)))
  // Whoever says --any-environment to a copy of the results wants to see them judged, and is told what that is worth.
  const itself = others.length === 0
  const runs = itself && anyEnvironment ? given : others
  if (runs.length === 0)
    throw new UsageError(
      'the baseline is the results themselves; name the files of earlier runs with --baseline',
    )
  const differences = new Map(runs.map(run => [run, environmentDifferences(run, results)]))
  const own = runs.filter(run => differences.get(run)?.length === 0)
  const chosen = anyEnvironment || own.length === 0 ? runs : own
  const gated = anyEnvironment || own.length > 0
  const foreign = runs.filter(run => !own.includes(run))
  const told = [...new Set(foreign.flatMap(run => differences.get(run)?.map(describeDifference) ?? []))]
  const beside = [...new Set(chosen.flatMap(run => untoldDifferences(run, results).map(describeDifference)))]
  return {
    set: together('baseline', chosen),
    gated,
    heading: [
      describeRuns('baseline', chosen),
      ...(beside.length > 0 ? [`not counted: ${list(beside)}`] : []),
    ],
    notes: [
      ...(itself ? [ITSELF] : []),
      ...(runs.length < given.length
        ? [{ message: 'the results are among the files of the baseline, and are no part of it' }]
        : []),
      ...(foreign.length > 0
        ? [foreignNote(foreign.length, runs.length, told, { gated, anyEnvironment })]
        : []),
      ...(gated && chosen.length < MIN_RUNS ? [fewRunsNote(chosen.length, delta)] : []),
    ],
  }
}

const ITSELF: Note = {
  message: 'the baseline is the results themselves, than which nothing can be worse',
  remedy: 'name the files of earlier runs with --baseline',
}

function foreignNote(
  foreign: number,
  all: number,
  told: readonly string[],
  { gated, anyEnvironment }: { readonly gated: boolean; readonly anyEnvironment: boolean },
): Note {
  const which =
    foreign === all
      ? 'the baseline is of another environment'
      : `${foreign} of the ${all} runs of the baseline ${foreign === 1 ? 'is' : 'are'} of another environment`
  if (anyEnvironment)
    return { message: `${which}, and judged by all the same (--any-environment): ${list(told)}` }
  if (gated) return { message: `${which} and left out: ${list(told)}` }
  return {
    message: `${which}, so it is shown and not judged by: ${list(told)}`,
    remedy: 'a baseline from this machine; or pairs in one run: bench ab --gate; or --any-environment',
  }
}

/** Runs differ from each other by more than their trials show (method.md, "stored baseline"). */
function fewRunsNote(runs: number, delta: number | undefined): Note {
  const least = Math.max(delta ?? DELTA, DELTA_SINGLE_BASELINE)
  return {
    message: `the baseline has ${runs === 1 ? '1 run' : `${runs} runs`}, which tells nothing of how runs differ from each other: only a change of ${formatDelta(least)} or more counts`,
    remedy: `${MIN_RUNS} runs or more with --baseline; or pairs in one run: bench ab --gate`,
  }
}

function list(items: readonly string[]): string {
  return items.length > 6 ? `${items.slice(0, 6).join('; ')} …` : items.join('; ')
}
