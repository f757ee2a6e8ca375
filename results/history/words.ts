/** A trend in words: runs, machines, changes. Whatever stands in a file is shown as plain text. */

import { given } from '../../base/given.ts'
import { counted, formatCount, formatPercent } from '../../base/units.ts'
import { formatDelta, formatP, formatRatio, titleOf } from '../compare/words.ts'
import { commonUnit } from '../document/format.ts'
import { describeCells } from '../document/heading.ts'
import type { RunInfo } from '../read/trial-set.ts'
import { type Cell, type CellField, describeCell, shorten, tellingFields } from '../schema/cells.ts'
import { type ColumnName, columnOf } from '../schema/columns.ts'
import { MIN_SAMPLES } from '../statistics/change-points.ts'
import type { CellCourse, Course, Trend, TrendChange } from './trend.ts'

/** `1a2b3c4`, `1a2b3c4-dirty`, `v1.2.3` … and, where no commit is known, the day and time. */
export function runName({ commit, startedAt }: Pick<RunInfo, 'commit' | 'startedAt'>): string {
  if (commit === undefined) return shorten(startedAt.slice(0, 16).replace('T', ' '))
  const [, hash, dirty] = /^([0-9a-f]{7})[0-9a-f]{0,57}(-dirty)?$/i.exec(commit) ?? []
  return hash === undefined ? shorten(commit) : `${hash}${dirty ?? ''}`
}

/** `1a2b3c4 (2026-11-14)` */
function datedName(run: RunInfo): string {
  return run.commit === undefined ? runName(run) : `${runName(run)} (${daysOf([run])})`
}

/** `goodput in Gbit/s over 12 runs, 2026-11-01 to 2026-11-21, 1a2b3c4 to 9f8e7d6` */
export function titleOfCourse({ metric }: Trend, course: Course): string {
  const { runs } = course
  const unit = unitOf(metric, course)
  const commits = new Set([runs[0], runs.at(-1)].map(run => (run?.commit === undefined ? '' : runName(run))))
  return given(
    `${metric.title}${unit ? ` in ${unit.name}` : ''} over ${counted(runs.length, 'run')}`,
    daysOf(runs),
    !commits.has('') && [...commits].join(' to '),
  ).join(', ')
}

/** `2026-11-01 to 2026-11-21`: of runs in the order in which they began; empty for none. */
export function daysOf(runs: readonly Pick<RunInfo, 'startedAt'>[]): string {
  const ends = [runs[0], runs.at(-1)].flatMap(run => (run ? shorten(run.startedAt.slice(0, 10)) : []))
  return [...new Set(ends)].join(' to ')
}

/** The unit in which all medians of a course can be written. */
export function unitOf(metric: Trend['metric'], { cells }: Course) {
  return commonUnit(
    metric.units,
    cells.flatMap(({ points }) => points.map(point => point.median)),
  )
}

/** `linux 6.18, x64, Example CPU, 2 CPUs, node 20` */
export function machineText({ machine }: Course): string {
  const known = new Map(machine.map(({ column, value }) => [column, value && shorten(value)]))
  const say = (column: ColumnName, words: (value: string) => string = value => value) => {
    const value = known.get(column)
    return value ? words(value) : undefined
  }
  const cpus = (count: string) => `${count} ${count === '1' ? 'CPU' : 'CPUs'}`
  return given(
    given(say('os'), say('os_release')).join(' ') || undefined,
    say('arch'),
    say('cpu_model'),
    say('cpu_count', cpus),
    say('cpu_quota', quota => `a quota of ${cpus(quota)}`),
    say('node_version', version => `node ${version}`),
    say('pinned_cpus', pinned => `pinned to ${pinned}`),
    // Ends of a run on one host are that host.
    ...machine
      .filter(({ column }) => columnOf(column).end !== undefined)
      .map(({ column }) => say(column, value => `${titleOf(column)} ${value}`)),
  ).join(', ')
}

/** What all cells of a course have in common. */
export function commonText({ cells }: Course): string {
  return describeCells(cells.map(({ cell }) => cell)).join(', ')
}

/** What distinguishes the cells of a course; the transport in any case. */
export function fieldsOf({ cells }: Course): readonly CellField[] {
  const telling = tellingFields(cells.map(({ cell }): Cell => cell))
  return ['transport', ...telling.filter(field => field !== 'transport')]
}

/** From the first level to the last: `−51.9 %`, `back` where it is what it was; `~` where none was found, nothing where none can be. */
export function changeText({ delta }: Trend, { points, changes, first, last }: CellCourse): string {
  if (points.length < MIN_SAMPLES) return ''
  if (changes.length === 0 || first === undefined || last === undefined) return '~'
  return Math.abs(Math.log(last / first)) < Math.log1p(delta) ? 'back' : formatRatio(last / first)
}

/** What is said of a cell behind its name: that it changed, where and by how much; then what else changed there. */
export function changeSentences(
  { metric }: Trend,
  { runs }: Course,
  { points }: CellCourse,
  change: TrendChange,
): readonly string[] {
  const { ratio, before, after, verdict, p, sameCommit, alsoChanged, point } = change
  const [run, previous] = [point, point - 1].map(index => runs[points[index]?.run ?? -1])
  if (!run || !previous) return []
  const amount = Number.isFinite(ratio)
    ? `${ratio < 1 ? 'fell' : 'rose'} by ${formatPercent(Math.abs(ratio - 1))}`
    : 'rose from nothing'
  const [was, is] = [before, after].map(metric.format)
  return given(
    `got ${verdict} at ${datedName(run)}: ${metric.title} ${amount}, from ${was} to ${is}; p ${formatP(p)}.`,
    sameCommit
      ? 'The run before it has the same commit, so the code is not what changed.'
      : `The run before it was ${datedName(previous)}.`,
    alsoChanged.length > 0 &&
      `Also changed there: ${alsoChanged.map(each => `${titleOf(each.column)} ${shorten(each.before)} to ${shorten(each.after)}`).join(', ')}.`,
  )
}

/** What the signs mean, and what could not be looked for; sentences. */
export function notesOf(trend: Trend, course: Course): readonly string[] {
  const { delta } = trend
  const { cells, runs, older } = course
  const long = cells.filter(({ points }) => points.length >= MIN_SAMPLES)
  const short = cells.filter(({ points }) => points.length > 0 && points.length < MIN_SAMPLES)
  const none = cells.filter(({ points }) => points.length === 0)
  return given(
    older > 0 &&
      `The last ${formatCount(runs.length)} of ${formatCount(runs.length + older)} runs; --last ${runs.length + older} shows all.`,
    long.length > 0 &&
      `first, last: medians of these runs. change: from the first level to the last; levels are ${formatDelta(delta)} apart or more (E-divisive means, p ≤ 0.01).${signs(trend, long)}`,
    short.length > 0 &&
      `${short.length === cells.length ? 'Too few runs' : `${counted(short.length, 'case has', 'cases have')} too few runs`} to look for changes: it takes ${MIN_SAMPLES}${long.length > 0 ? '' : `, and there are ${formatCount(Math.max(...short.map(each => each.points.length)))}`}.`,
    ...cells.flatMap(each => (each.points.length > 0 ? withoutNotes(trend, course, each) : [])),
    none.length > 0 && `${counted(none.length, 'case has', 'cases have')} no such figure in any run.`,
  )
}

/** `udp-header has no goodput in 2 of 12 runs, including the last one: 6 refused.` */
function withoutNotes({ metric }: Trend, course: Course, { cell, points, without }: CellCourse) {
  const last = without.at(-1)
  if (!last) return []
  const run = course.runs[last.run]
  const runs = counted(points.length + without.length, 'run')
  const where =
    last.run === course.runs.length - 1 ? 'including the last one' : `last at ${run ? datedName(run) : ''}`
  return [
    `${describeCell(cell, fieldsOf(course))} has no ${metric.title} in ${formatCount(without.length)} of ${runs}, ${where}: ${last.outcomes}.`,
  ]
}

function signs(trend: Trend, cells: readonly CellCourse[]): string {
  const texts = new Set(cells.map(each => changeText(trend, each)))
  return given(
    texts.has('~') && ' ~ no change found.',
    texts.has('back') && ' back: changed, and returned to what it was.',
  ).join('')
}
