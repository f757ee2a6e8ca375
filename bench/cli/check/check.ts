/** `bench check`: holds results to thresholds and to earlier runs. Ends with 3 when one is broken or a regression is proven. */

import { SetupError, UsageError } from '../../../base/errors.ts'
import { counted } from '../../../base/units.ts'
import { titleOf } from '../../../results/compare/words.ts'
import { type Check, type Gate, isSuspicious, verdictOfChecks } from '../../../results/gate/check.ts'
import { confirm, unconfirmed } from '../../../results/gate/confirm.ts'
import { renderGate } from '../../../results/gate/document.ts'
import { changedSince } from '../../../results/gate/environment.ts'
import { type Expected, unjudged } from '../../../results/gate/unjudged.ts'
import { readRecords } from '../../../results/read/read.ts'
import { cellKey, shorten } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import type { Extended } from '../../fleet/plugins.ts'
import { detectCommit } from '../commit.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import type { CheckArguments } from './arguments.ts'
import { type Baseline, chooseBaseline } from './baseline.ts'
import { GateRun } from './gate-run.ts'
import { baselineOfHistory, keepRun, latestRun, openHistory } from './history.ts'
import { readRuns } from './inputs.ts'
import { checkCommonCases, checkDemands, type Judge, judge, type Results, resultsOf } from './judging.ts'
import { narrowed, plannedCells } from './measurer.ts'
import { githubEnvironment, Outputs, tellGithub, tellUnwritten } from './outputs.ts'
import { type Subject, subjectOf } from './subject.ts'

export async function check(
  terminal: Terminal,
  args: CheckArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  const files = args.baseline.length > 0 ? await readRuns(args.baseline, args.metrics) : undefined
  const history = args.history === undefined ? undefined : await openHistory(args.history, args.metrics)
  await using subject = await subjectOf(args, files ?? (history && latestRun(history)), catalog, signal)
  if (!subject.stored) {
    checkDemands(subject.demands, scenario => cellsOf(subject, scenario))
    if (files) checkCommonCases(files.sets, cellsOf(subject, undefined))
  }
  using outputs = new Outputs(args)
  const commit = args.run.commit ?? (history && (await detectCommit()))
  await using run = new GateRun(terminal, { ...args.run, commit }, subject.prepared, catalog, signal)
  const startedAt = new Date().toISOString()
  if (!subject.stored || args.run.out !== undefined) run.open()

  const measured = subject.stored ? [] : await run.measure(subject.prepared)
  if (signal.aborted) return run.interrupted()
  const results = subject.stored ?? resultsOf(measured, args.metrics)
  const baseline = files
    ? chooseBaseline(files.sets, results.set, args)
    : history && baselineOfHistory(history, results.set, args)
  const rule = ruleOf(args, subject, baseline)
  const found = judge(rule, results)
  const judged = await measuredAgain(found.checks, results, subject, rule, run, args, signal)
  const checks = args.strict ? [...judged, ...unjudged(judged, expected(results, subject, baseline))] : judged

  const read = [...(files?.notes ?? []), ...(history?.notes ?? [])]
  const gate: Gate = {
    verdict: verdictOfChecks(checks, args.strict),
    strict: args.strict,
    heading: [...headingOf(subject, results), ...(baseline?.heading ?? [])],
    checks,
    notes: [...read, ...subject.notes, ...(baseline?.notes ?? []), ...found.notes, ...run.notes],
  }
  tell(terminal, gate)
  const unwritten: Error[] = [...outputs.write(gate, results.set, startedAt)]
  if (signal.aborted) run.tellInterrupted('what looked worse was not confirmed')
  await run.close()
  if (history) {
    try {
      const { records, manifest } = subject.stored
        ? await storedRecords(args, commit, run)
        : { records: measured, manifest: run.manifest }
      run.say(keepRun(history.folder, records, manifest))
    } catch (error) {
      if (!(error instanceof SetupError || error instanceof UsageError)) throw error
      unwritten.push(error)
    }
  }
  return tellUnwritten(terminal, unwritten, codeOf(gate, run, signal))
}

function codeOf({ verdict }: Gate, { failures, lost }: GateRun, signal: AbortSignal): ExitCode {
  if (signal.aborted) return EXIT.interrupted
  if (verdict === 'failed') return EXIT.regression
  return failures > 0 || lost ? EXIT.failed : EXIT.measured
}

function tell(terminal: Terminal, gate: Gate): void {
  terminal.out(renderGate(gate, terminal))
  const github = githubEnvironment(process.env)
  if (!github) return
  tellGithub(
    gate,
    github,
    text => terminal.out(text),
    text => terminal.err(text),
  )
}

/** Whole rows, with the commit that they lack; and how they were measured, where one file says it of all. */
async function storedRecords(
  { results }: CheckArguments,
  commit: string | undefined,
  run: GateRun,
): Promise<{ readonly records: readonly TrialRecord[]; readonly manifest: Manifest | undefined }> {
  const { records, manifests, problems } = await readRecords([...new Set(results)])
  for (const { message } of problems) run.say(`${message}\n`)
  const [manifest, other] = manifests.flat()
  return {
    records: records.map(each => ({ ...each, commit: each.commit ?? commit })),
    manifest: other ? undefined : manifest,
  }
}

function ruleOf(
  { metrics, delta }: CheckArguments,
  { demands, sideA }: Subject,
  baseline: Baseline | undefined,
): Judge {
  const base = sideA
    ? { set: sideA, gated: true, bySide: true }
    : baseline && { set: baseline.set, gated: baseline.gated, bySide: false, growing: baseline.growing }
  return { demands, metrics, delta, base }
}

/** Whatever was measured, or should have been. */
function expected(
  { set }: Results,
  { unmeasured, sideA }: Subject,
  baseline: Baseline | undefined,
): readonly Expected[] {
  const reason = sideA
    ? 'side A does not have it'
    : !baseline
      ? 'no threshold speaks of it'
      : baseline.growing
        ? 'the history does not have enough runs of it'
        : 'the baseline does not have it'
  const before = new Set((sideA ?? baseline?.set)?.cells.map(({ cell }) => cellKey(cell)))
  return [
    ...set.cells.map(({ cell }) => ({
      cell,
      reason: before.has(cellKey(cell)) ? 'no trial of it came so far' : reason,
    })),
    ...unmeasured.map(each => ({ cell: each.cell, reason: `it was not measured, since ${each.reason}` })),
  ]
}

/** What fails and could be chance is measured again and has to fail again. */
async function measuredAgain(
  checks: readonly Check[],
  results: Results,
  { prepared, obstacleTo }: Subject,
  rule: Judge,
  run: GateRun,
  { remeasure, metrics }: CheckArguments,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const cells = checks.filter(isSuspicious).flatMap(({ cell }) => cell ?? [])
  if (cells.length === 0) return checks
  if (!remeasure) return unconfirmed(checks, '--no-remeasure')
  const again = narrowed(prepared, cells)
  if (again.length === 0) return unconfirmed(checks, obstacleTo)
  run.say('measuring again what looks worse, in twice as many rounds\n')
  const fresh = resultsOf(await run.measure(again), metrics)
  if (signal.aborted) return unconfirmed(checks, 'the run was ended before')
  if (fresh.set.cells.length === 0) return unconfirmed(checks, obstacleTo)
  const [changed] = changedSince(results.set, fresh.set)
  if (changed) {
    const { column, base, results: now } = changed
    return unconfirmed(
      checks,
      `${titleOf(column)} was ${shorten(base || 'unset')} before, and ${shorten(now || 'unset')} in the fresh trials`,
    )
  }
  return confirm(checks, judge(rule, fresh).checks, obstacleTo)
}

function cellsOf({ prepared }: Subject, scenario: string | undefined) {
  return prepared
    .filter(({ plan }) => scenario === undefined || plan.scenario === scenario)
    .flatMap(plannedCells)
}

function headingOf({ stored, heading }: Subject, { set }: Results): readonly string[] {
  if (stored) return heading
  const trials = set.cells.reduce((sum, { count }) => sum + count, 0)
  return [`results: measured now, ${counted(set.cells.length, 'case')}, ${counted(trials, 'trial')}`]
}
