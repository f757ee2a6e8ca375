/** `--history DIR`: uses its runs as a baseline, and keeps the judged run as the next one. */
import { accessSync, constants } from 'node:fs'
import { UsageError } from '../../../base/errors.ts'
import { makeFolder } from '../../../base/folders.ts'
import { given } from '../../../base/given.ts'
import { counted } from '../../../base/units.ts'
import { MIN_RUNS } from '../../../results/compare/changes.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import type { Note } from '../../../results/gate/check.ts'
import { gateColumns } from '../../../results/gate/columns.ts'
import { type CellBaseline, historyBaseline } from '../../../results/history/baseline.ts'
import { appendRuns } from '../../../results/history/folder.ts'
import { folderError } from '../../../results/history/folder-error.ts'
import { describeLater, laterRuns, readHistory, toldProblems } from '../../../results/history/history.ts'
import { daysOf, runName } from '../../../results/history/words.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { describeCell, tellingFields } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import type { Baseline } from './baseline.ts'
import { hasSides, type Runs } from './inputs.ts'

export interface KeptHistory {
  readonly folder: string
  /** One set per run, earliest first, none later than now. */
  readonly runs: readonly TrialSet[]
  /** How they were measured, where the files say so. */
  readonly manifests: readonly Manifest[]
  /** About what in the folder could not be used. */
  readonly notes: readonly Note[]
}

/**
 * Reads a history, whose folder is made if missing: one that cannot be written to fails before anything is measured. Runs later than
 * now are noted and left out: a clock was wrong, so their place among the others is unknown.
 * @throws UsageError, SetupError
 */
export async function openHistory(folder: string): Promise<KeptHistory> {
  const now = new Date()
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw folderError(folder, error, 'write to')
  }
  const { runs, manifests, problems } = await readHistory(folder, gateColumns())
  const later = laterRuns(runs, now)
  return {
    folder,
    runs: runs.filter(each => !later.includes(each)),
    manifests,
    notes: [...toldProblems(problems).map(message => ({ message })), ...laterNotes(folder, later, now)],
  }
}

function laterNotes(folder: string, later: readonly TrialSet[], now: Date): readonly Note[] {
  const described = describeLater(folder, later, now)
  if (described === undefined) return []
  return [
    {
      message: `${described}, and not part of the baseline`,
      remedy: `correct the clock that is wrong; if it is that of the machine that measured ${later.length === 1 ? 'it' : 'them'}, remove ${later.length === 1 ? 'the run' : 'the runs'} from the folder`,
    },
  ]
}

/** The latest run, whose cases are measured when nothing else is named; empty if there is none. */
export function latestRun({ runs, manifests }: KeptHistory): Pick<Runs, 'sets' | 'manifests'> {
  return { sets: runs.filter(run => !hasSides([run])).slice(-1), manifests }
}

/**
 * Chooses the history's runs to judge the results by.
 * @param options.since commit or day (UTC) before which no run is used
 * @throws UsageError when no run is from that commit
 */
export function baselineOfHistory(
  { folder, runs }: KeptHistory,
  results: TrialSet,
  options: {
    readonly metrics: readonly Metric[]
    readonly delta: number | undefined
    readonly anyEnvironment: boolean
    readonly since: string | undefined
  },
): Baseline {
  const { since } = options
  const usable = since === undefined ? runs : runs.slice(firstSince(runs, since, folder))
  const { set, cells, others } = historyBaseline(results, usable, options)
  const shown =
    set.runs.length === 0 ? 'no run' : `${counted(set.runs.length, 'run')} of ${folder}, ${daysOf(set.runs)}`
  return {
    set,
    gated: true,
    growing: true,
    heading: [`baseline: ${shown}`],
    notes: given(
      others > 0 && {
        message: `${counted(others, 'run')} in ${folder} ${others === 1 ? 'is' : 'are'} from other machines, and left out`,
      },
      ...tooFewNotes(cells),
      ...worseNotes(cells),
    ),
  }
}

/** Keeps the run, and returns a line that says where. @throws UsageError, SetupError */
export function keepRun(
  folder: string,
  records: readonly TrialRecord[],
  manifest: Manifest | undefined,
): string {
  return appendRuns(folder, records, manifest)
    .map(({ path, added }) => (added ? `kept in ${path}\n` : `${path} has this run already\n`))
    .join('')
}

/** Index of the first run since `2026-11-21`, or since a commit as rows have it (a prefix is enough). */
function firstSince(runs: readonly TrialSet[], since: string, folder: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(since)
  if (isDay && !isOfCalendar(since))
    throw new UsageError(`--since ${since}: not a day of the calendar; write it as 2026-11-21`)
  const first = runs.findIndex(({ runs: [run] }) =>
    isDay ? (run?.startedAt ?? '') >= since : run?.commit?.startsWith(since),
  )
  if (first >= 0) return first
  if (isDay) return runs.length
  throw new UsageError(
    `--since ${since}: no run in ${folder} is from this commit; bench trend ${folder} lists the runs`,
  )
}

/** Rejects 2026-13-01 and 2026-02-30, which some engines read as another day. */
function isOfCalendar(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** One note for all cells with the same number of runs. */
function tooFewNotes(cells: readonly CellBaseline[]): readonly Note[] {
  const counts = [...new Set(cells.map(each => each.runs))].filter(runs => runs < MIN_RUNS)
  return counts.map(runs => {
    const of = cells.filter(each => each.runs === runs).length
    const which = of === cells.length ? '' : ` for ${counted(of, 'case')}`
    return {
      message: `not enough runs yet${which}: ${runs} of ${MIN_RUNS}; how fast ${of === 1 ? 'it' : 'they'} should be is not known yet`,
    }
  })
}

/** A regression that stays does not become the baseline, and a note says so as long as it lasts. */
function worseNotes(cells: readonly CellBaseline[]): readonly Note[] {
  const fields = tellingFields(cells.map(({ cell }) => cell))
  return cells.flatMap(each => {
    const [first] = each.worse
    if (!first) return []
    const since = first.commit === undefined ? daysOf([first]) : runName(first)
    return [
      {
        message: `${describeCell(each.cell, fields)}: ${each.worse.length === 1 ? 'the run before was' : `the ${each.worse.length} runs before were`} worse too (since ${runName(first)}), and not part of the baseline`,
        remedy: `if that is intended: --since ${since}`,
      },
    ]
  })
}
