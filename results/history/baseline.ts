/** Which runs of a history new results are judged by. Pure. */

import { groupBy } from '../../base/groups.ts'
import { MIN_RUNS } from '../compare/changes.ts'
import { DELTA } from '../compare/judge.ts'
import type { Metric } from '../compare/metrics.ts'
import { checkChanges } from '../gate/check-changes.ts'
import { machineOf } from '../gate/environment.ts'
import { together } from '../gate/together.ts'
import { byBeginning, estimateOf, type RunInfo, type TrialSet } from '../read/trial-set.ts'
import { type Cell, cellKey } from '../schema/cells.ts'
import { levelsOf } from './levels.ts'

/** Runs that a baseline takes: the variance of so many is known well enough, and older ones are of another time. */
const MOST_RUNS = 10
/** Runs that are looked at, from the last one back. */
const LOOKED_AT = 100
/** Accepted runs in which a new level is looked for. */
const LEVELLED = 3 * MOST_RUNS

export interface HistoryBaseline {
  /** The chosen runs, each with the cells that it is chosen for. Cells with fewer than MIN_RUNS runs are not in it. */
  readonly set: TrialSet
  /** One for each cell of the results. */
  readonly cells: readonly CellBaseline[]
  /** Earlier runs of other machines, which were left out. */
  readonly others: number
}

export interface CellBaseline {
  readonly cell: Cell
  /** Runs that could be chosen; fewer than MIN_RUNS are too few. */
  readonly runs: number
  /** The runs since the last of these that were worse themselves. */
  readonly worse: readonly RunInfo[]
}

export interface BaselineOptions {
  readonly metrics: readonly Metric[]
  /** The least change that counts, as a share. */
  readonly delta?: number | undefined
  /** Runs of other machines count too. */
  readonly anyEnvironment?: boolean
}

/**
 * For each cell of the results the last 10 runs before them on such a machine, but none that was proven worse by the runs before it: the
 * history is walked by the rule of the gate itself, so that a regression that stays keeps failing and never becomes what it is judged
 * by. Runs since the last change of level, where these are enough: what became better is held to being better.
 * @param history a set a run, in the order in which they began; all sets hold `gateColumns()`
 */
export function historyBaseline(
  results: TrialSet,
  history: readonly TrialSet[],
  options: BaselineOptions,
): HistoryBaseline {
  const wanted = new Map(results.cells.map(({ cell }) => [cellKey(cell), cell]))
  const walks = new Map([...wanted.keys()].map(key => [key, { accepted: [], worse: [] } as Walk]))
  const earlier = before(results, history)
  const own = options.anyEnvironment ? earlier : earlier.filter(run => isSameMachine(run, results))
  for (const run of own.slice(-LOOKED_AT)) {
    const keys = run.cells.map(({ cell }) => cellKey(cell)).filter(key => walks.has(key))
    const worse = worseCells(run, keys, walks, options)
    for (const key of keys) {
      const walk = walks.get(key)
      if (worse.has(key)) walk?.worse.push(run)
      else if (walk) {
        walk.accepted.push(run)
        walk.worse.length = 0
      }
    }
  }
  const chosen = new Map(
    [...walks].map(([key, { accepted }]) => [key, sinceLastChange(key, accepted, options).slice(-MOST_RUNS)]),
  )
  return {
    set: gathered(chosen),
    others: earlier.length - own.length,
    cells: [...wanted].map(([key, cell]) => ({
      cell,
      runs: chosen.get(key)?.length ?? 0,
      worse: (walks.get(key)?.worse ?? []).flatMap(run => run.runs),
    })),
  }
}

interface Walk {
  readonly accepted: TrialSet[]
  /** Since the last accepted one. */
  readonly worse: TrialSet[]
}

/** Runs that began before the results. */
function before(results: TrialSet, history: readonly TrialSet[]): readonly TrialSet[] {
  const ids = new Set(results.runs.map(run => run.id))
  const start = results.runs[0]?.startedAt ?? ''
  return history.filter(set => set.runs.every(run => run.startedAt < start && !ids.has(run.id)))
}

function isSameMachine(a: TrialSet, b: TrialSet): boolean {
  return JSON.stringify(machineOf(a)) === JSON.stringify(machineOf(b))
}

/** Those of `keys` in which a run would have failed, judged by the runs before it. */
function worseCells(
  run: TrialSet,
  keys: readonly string[],
  walks: ReadonlyMap<string, Walk>,
  { metrics, delta }: BaselineOptions,
): ReadonlySet<string> {
  const chosen = new Map(keys.map(key => [key, walks.get(key)?.accepted.slice(-MOST_RUNS) ?? []]))
  const base = gathered(chosen)
  if (base.cells.length === 0) return new Set()
  const judged = new Set(base.cells.map(({ cell }) => cellKey(cell)))
  const { checks } = checkChanges(base, only(run, judged), { metrics, delta, bySide: false })
  return new Set(checks.flatMap(({ status, cell }) => (status === 'failed' && cell ? [cellKey(cell)] : [])))
}

function sinceLastChange(
  key: string,
  accepted: readonly TrialSet[],
  { metrics, delta }: BaselineOptions,
): readonly TrialSet[] {
  const recent = accepted.slice(-LEVELLED)
  const column = metrics[0]?.column
  if (!column) return recent
  const medians = recent.flatMap(set => {
    const trials = set.cells.find(({ cell }) => cellKey(cell) === key)
    const estimate = trials && estimateOf(trials, column)
    return estimate ? [{ set, median: estimate.median }] : []
  })
  const level = levelsOf(
    medians.map(each => each.median),
    delta ?? DELTA,
  ).at(-1)
  const since = level ? medians.slice(level.from).map(({ set }) => set) : []
  return since.length >= MIN_RUNS ? since : recent
}

/** The runs that are chosen for each cell, as one set; cells of which there are too few are left out. */
function gathered(chosen: ReadonlyMap<string, readonly TrialSet[]>): TrialSet {
  const enough = [...chosen].filter(([, runs]) => runs.length >= MIN_RUNS)
  const cells = enough.flatMap(([key, runs]) => runs.map(run => ({ run, key })))
  const runs = [...groupBy(cells, ({ run }) => run)].map(([run, of]) =>
    only(run, new Set(of.map(({ key }) => key))),
  )
  return together('baseline', runs.toSorted(byBeginning))
}

function only(set: TrialSet, keys: ReadonlySet<string>): TrialSet {
  return { ...set, cells: set.cells.filter(({ cell }) => keys.has(cellKey(cell))) }
}
