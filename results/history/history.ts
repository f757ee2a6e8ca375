/** The runs of a folder, read. */

import { accessSync, constants } from 'node:fs'
import { given } from '../../base/given.ts'
import { readError } from '../../base/system-errors.ts'
import { counted } from '../../base/units.ts'
import { type FileProblem, type ReadOptions, readTrials } from '../read/read.ts'
import { byBeginning, type TrialSet } from '../read/trial-set.ts'
import { shorten } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'
import { historyFiles } from './folder.ts'

export interface History {
  /** A set a run, in the order in which they began; those of which the filter chooses nothing are not there. */
  readonly runs: readonly TrialSet[]
  /** How they were measured, where the files say it. */
  readonly manifests: readonly Manifest[]
  /** Files of results in the folder. */
  readonly files: number
  /** What was left out other than by the filter; the caller has to report it. */
  readonly problems: readonly FileProblem[]
}

/**
 * All runs of a folder. Files without a trial are reported and left out, as damaged rows are; a run that is in several files appears
 * once. No runs where there is no such folder, or nothing in it.
 * @throws UsageError, SetupError if it is not a folder, or it or a file cannot be read
 */
export async function readHistory(
  folder: string,
  options: Pick<ReadOptions, 'numbers' | 'texts' | 'filter' | 'signal'>,
): Promise<History> {
  const files = historyFiles(folder) ?? []
  const locked = files.flatMap(path => unreadable(path) ?? [])
  const readable = files.filter(path => !locked.some(each => each.path === path))
  if (readable.length === 0) return { runs: [], manifests: [], files: files.length, problems: locked }
  const { sets, manifests, problems } = await readTrials(readable, {
    ...options,
    by: 'run_id',
    mayBeNone: true,
  })
  return {
    runs: sets.toSorted(byBeginning),
    manifests,
    files: files.length,
    problems: [...locked, ...problems.filter(each => !each.notChosen)],
  }
}

/** Those that begin after `now`, by a clock that was wrong here or there. @param runs as in History */
export function laterRuns(runs: readonly TrialSet[], now: Date): readonly TrialSet[] {
  return runs.filter(each => (each.runs[0]?.startedAt ?? '') > now.toISOString())
}

/** `1 run of kept is later than now (2099-01-01 00:00, and it is 2026-11-28 18:00 UTC)`; undefined where there is none. */
export function describeLater(folder: string, later: readonly TrialSet[], now: Date): string | undefined {
  const last = later.at(-1)?.runs[0]
  if (!last) return undefined
  const [moment, until] = [now.toISOString(), last.startedAt].map(each => each.slice(0, 16).replace('T', ' '))
  return `${counted(later.length, 'run')} of ${folder} ${later.length === 1 ? 'is' : 'are'} later than now (${shorten(until ?? '')}, and it is ${moment} UTC)`
}

/** More problems than this are counted: a folder may hold hundreds of files of one kind. */
const MOST_TOLD = 5

/** Problems to report, a line each. */
export function toldProblems(problems: readonly FileProblem[]): readonly string[] {
  const more = problems.length - MOST_TOLD
  return given(
    ...problems.slice(0, MOST_TOLD).map(each => each.message),
    more > 0 && counted(more, 'more such note on other files', 'more such notes on other files'),
  )
}

/** A link to nowhere, or an unreadable file, does not hide the others. */
function unreadable(path: string): FileProblem | undefined {
  try {
    accessSync(path, constants.R_OK)
    return undefined
  } catch (thrown) {
    const { message } = readError(`cannot read ${path}`, thrown)
    return { path, message, rowsSkipped: 0, rowsRead: 0 }
  }
}
