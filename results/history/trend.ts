/** The course of figures over runs: the model that `bench trend` and reports are rendered from. Pure: runs in, a model out. */

import { groupBy } from '../../base/groups.ts'
import { DELTA } from '../compare/judge.ts'
import type { Metric } from '../compare/metrics.ts'
import { type EnvironmentDifference, type MachineFact, machineOf } from '../gate/environment.ts'
import { describeOutcomes } from '../gate/trials.ts'
import { estimateOf, type RunInfo, type TrialSet } from '../read/trial-set.ts'
import { type Cell, cellKey, compareCells } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import type { Estimate } from '../statistics/processes.ts'
import { alsoChanged } from './also-changed.ts'
import { levelsOf } from './levels.ts'

export interface Trend {
  readonly metric: Metric
  /** The least change that counts, as a share. */
  readonly delta: number
  /** One for each kind of machine, in the order in which they first appear: runs of two machines say nothing of a change between them. */
  readonly courses: readonly Course[]
}

export interface Course {
  /** What all its runs have in common. */
  readonly machine: readonly MachineFact[]
  /** In the order in which they began. */
  readonly runs: readonly RunInfo[]
  /** Runs before these that were left out. */
  readonly older: number
  /** Sorted as in tables. */
  readonly cells: readonly CellCourse[]
}

export interface CellCourse {
  readonly cell: Cell
  /** One for each run that has a trial of the cell with a value of the metric. */
  readonly points: readonly TrendPoint[]
  readonly changes: readonly TrendChange[]
  /** Runs whose trials of the cell have no value at all: an index in the course's runs, and how these trials ended. */
  readonly without: readonly { readonly run: number; readonly outcomes: string }[]
  /** The level before the first change, and since the last one: medians of the points' medians. Undefined without a point. */
  readonly first: number | undefined
  readonly last: number | undefined
}

/** The median of a run's trials. */
export interface TrendPoint extends Estimate {
  /** Index in the course's runs. */
  readonly run: number
}

export interface TrendChange {
  /** Index of the point with which the new level begins. */
  readonly point: number
  /** The levels before and after: medians of medians. */
  readonly before: number
  readonly after: number
  /** after / before. */
  readonly ratio: number
  readonly verdict: 'better' | 'worse'
  /** Of the permutation test. */
  readonly p: number
  /** The runs on both sides tested one commit: what changed is something else. */
  readonly sameCommit: boolean
  /** What else is not the same in the runs on both sides. */
  readonly alsoChanged: readonly EnvironmentDifference[]
}

export interface TrendOptions {
  readonly metric: Metric
  /** The most runs of a course: the last ones. */
  readonly last?: number
  readonly delta?: number
}

/** Columns of numbers that the reader has to give for `trendOf`. */
export function trendColumns(...metrics: readonly Metric[]): readonly ColumnName[] {
  return [...metrics.map(({ column }) => column), 'process']
}

/** @param runs a set a run, in the order in which they began (`readHistory`), which hold `trendColumns(metric)` */
export function trendOf(runs: readonly TrialSet[], options: TrendOptions): Trend {
  const { metric, last = Number.POSITIVE_INFINITY, delta = DELTA } = options
  const courses = groupBy(runs, run => JSON.stringify(machineOf(run)))
  return {
    metric,
    delta,
    courses: [...courses.values()].map(course => {
      const shown = course.slice(-last)
      return {
        machine: machineOf(course[0]),
        runs: shown.flatMap(set => set.runs.slice(0, 1)),
        older: course.length - shown.length,
        cells: cellCourses(shown, metric, delta),
      }
    }),
  }
}

function cellCourses(runs: readonly TrialSet[], metric: Metric, delta: number): readonly CellCourse[] {
  const all = runs.flatMap((set, run) =>
    set.cells.map(trials => ({
      run,
      trials,
      cell: trials.cell,
      estimate: estimateOf(trials, metric.column),
    })),
  )
  const variants = [...new Set(all.map(({ cell }) => cell.variant))]
  return [...groupBy(all, ({ cell }) => cellKey(cell)).values()]
    .sort(([a], [b]) => compareCells(a.cell, b.cell, variants))
    .map(ofCell => {
      const points = ofCell.flatMap(({ run, estimate }) => (estimate ? { run, ...estimate } : []))
      const without = ofCell.flatMap(({ run, trials, estimate }) =>
        estimate ? [] : { run, outcomes: describeOutcomes(trials) },
      )
      return { ...courseOf(ofCell[0].cell, points, runs, metric, delta), without }
    })
}

function courseOf(
  cell: Cell,
  points: readonly TrendPoint[],
  runs: readonly TrialSet[],
  metric: Metric,
  delta: number,
): Omit<CellCourse, 'without'> {
  const levels = levelsOf(
    points.map(each => each.median),
    delta,
  )
  const setsOf = (from: number, to: number) => points.slice(from, to).flatMap(each => runs[each.run] ?? [])
  const changes = levels.slice(1).map((level, index): TrendChange => {
    const before = levels[index]
    const from = before?.from ?? 0
    const [was, is] = [before?.value ?? Number.NaN, level.value]
    const sides = [points[level.from - 1], points[level.from]]
    const commits = sides.map(each => each && runs[each.run]?.runs[0]?.commit)
    return {
      point: level.from,
      before: was,
      after: is,
      ratio: is / was,
      verdict: is > was === (metric.better === 'higher') ? 'better' : 'worse',
      p: level.p ?? Number.NaN,
      sameCommit: isOne(commits),
      alsoChanged: alsoChanged(setsOf(from, level.from), setsOf(level.from, level.to)),
    }
  })
  return { cell, points, changes, first: levels[0]?.value, last: levels.at(-1)?.value }
}

/** Two dirty trees of one commit need not be the same. */
function isOne([before, after]: readonly (string | undefined)[]): boolean {
  return before !== undefined && before === after && !before.endsWith('-dirty')
}
