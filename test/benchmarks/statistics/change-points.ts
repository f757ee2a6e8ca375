/** How often change points are found that are not there, and those that are; and how long a history's gate keeps failing. */

import { DELTA } from '../../../results/compare/judge.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { together } from '../../../results/gate/together.ts'
import { historyBaseline } from '../../../results/history/baseline.ts'
import { levelsOf } from '../../../results/history/levels.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { trialSet } from '../../../results/read/trial-set-builder.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { drawCell, type NoiseModel, randomOf, runCell } from '../../simulation/noise.ts'
import { runValues } from '../../support/history-samples.ts'
import { rounds, stream } from '../../support/results-samples.ts'
import { markdown, percent } from './markdown.ts'

/** Trials of a run. */
const TRIALS = 20

/** A cell's runs one after another; from run `at` on it takes `slower` times as long. */
function course(seed: number, model: NoiseModel, runs: number, at: number, slower: number) {
  const random = randomOf(seed)
  const cell = drawCell(random, model)
  return Array.from({ length: runs }, (_, index) => {
    const trials = runCell(random, model, cell, TRIALS)
    return index < at ? trials : trials.map(each => each / slower)
  })
}

/** Runs before a change, and from it on. */
const SHAPES = [
  [6, 6],
  [20, 3],
  [20, 5],
  [20, 20],
  [50, 50],
] as const

/** Of series of runs with a change of level and without one, those in which one is found: at all, or at its place or one beside it. */
export function changesTable(model: NoiseModel, experiments: number): string {
  const share = (runs: number, at: number, slower: number, isHit: (starts: readonly number[]) => boolean) => {
    let hits = 0
    for (let seed = 0; seed < experiments; seed++) {
      const medians = course(seed, model, runs, at, slower).map(trials => median(trials) ?? 0)
      if (
        isHit(
          levelsOf(medians, DELTA)
            .slice(1)
            .map(level => level.from),
        )
      )
        hits++
    }
    return percent(hits / experiments)
  }
  return markdown(
    ['runs', 'no change: one found', '10 % slower found', '20 % slower found', '50 % slower found'],
    SHAPES.map(([before, after]) => {
      const runs = before + after
      const isNear = (starts: readonly number[]) => starts.some(start => Math.abs(start - before) <= 1)
      return [
        `${before} + ${after}`,
        share(runs, runs, 1, starts => starts.length > 0),
        ...[1.1, 1.2, 1.5].map(slower => share(runs, before, slower, isNear)),
      ]
    }),
  )
}

/** Of a regression that stays after ten good runs: how many of the first, second, fifth and tenth runs fail `bench check --history`. */
export function historyTable(model: NoiseModel, experiments: number): string {
  const [metric] = METRICS
  if (!metric) throw new Error('no metric')
  const fails = (results: TrialSet, base: TrialSet) =>
    checkChanges(base, results, { metrics: [metric], bySide: false }).checks.some(
      each => each.status === 'failed',
    )
  const moments = [1, 2, 5, 10]
  const rows = [1, 1.2, 1.5, 2].map(slower => {
    const failed = { ours: moments.map(() => 0), last: moments.map(() => 0) }
    for (let seed = 0; seed < experiments; seed++) {
      const runs = course(seed, model, 10 + 10, 10, slower).map(setOf)
      for (const [index, moment] of moments.entries()) {
        const results = runs[9 + moment]
        if (!results) continue
        const before = runs.slice(0, 9 + moment)
        if (fails(results, historyBaseline(results, before, { metrics: [metric] }).set))
          add(failed.ours, index)
        if (fails(results, together('baseline', before.slice(-10)))) add(failed.last, index)
      }
    }
    return { slower, failed }
  })
  return markdown(
    ['slower', 'baseline', ...moments.map(moment => `${ordinal(moment)} run`)],
    rows.flatMap(({ slower, failed }) =>
      (['ours', 'last'] as const).map(rule => [
        `${Math.round((slower - 1) * 100)} %`,
        rule === 'ours' ? 'none that was worse itself' : 'the last ten runs',
        ...failed[rule].map(count => percent(count / experiments)),
      ]),
    ),
  )
}

function setOf(trials: Float64Array, index: number): TrialSet {
  const records: readonly TrialRecord[] = rounds(trials.length, round =>
    stream(1e9 * (trials[round - 1] ?? 1), runValues(index)),
  )
  return trialSet(records[0]?.run_id ?? '', records, gateColumns())
}

function add(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

function ordinal(moment: number): string {
  return `${moment}${moment === 1 ? 'st' : moment === 2 ? 'nd' : 'th'}`
}
