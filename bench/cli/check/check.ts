/** `bench check`: checks results against thresholds and earlier runs. Exits with 3 if a threshold is broken or a regression is proven. */

import { SetupError, UsageError } from '../../../base/errors.ts'
import { counted } from '../../../base/units.ts'
import { usualMetric } from '../../../results/compare/metrics.ts'
import { type Check, type Gate, isSuspicious, verdictOfChecks } from '../../../results/gate/check.ts'
import { unconfirmed } from '../../../results/gate/confirm.ts'
import { renderGate } from '../../../results/gate/document.ts'
import { type Expected, unjudged } from '../../../results/gate/unjudged.ts'
import { readRecords } from '../../../results/read/read.ts'
import { hasValues } from '../../../results/read/trial-set.ts'
import { cellKey } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { type Block, blocksOf } from '../../measure/blocks.ts'
import type { Measured } from '../../measure/run.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { detectCommit } from '../commit.ts'
import { Session } from '../session.ts'
import { type ExitCode, reportUnwritten, type Terminal } from '../terminal.ts'
import type { CheckArguments } from './arguments.ts'
import { type Baseline, chooseBaseline } from './baseline.ts'
import { baselineOfHistory, keepRun, latestRun, openHistory } from './history.ts'
import { readRuns } from './inputs.ts'
import { checkCommonCases, checkDemands, type Judge, judge, type Results, resultsOf } from './judging.ts'
import { Outputs, reportToGithub } from './outputs.ts'
import { caseKey, cellsOfCase, plannedCells } from './planned-cells.ts'
import { lookAgain } from './second-look.ts'
import { type Subject, subjectOf } from './subject.ts'
import { notesOf } from './trial-notes.ts'

export async function check(
  terminal: Terminal,
  args: CheckArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  const files = args.baseline.length > 0 ? await readRuns(args.baseline) : undefined
  const history = args.history === undefined ? undefined : await openHistory(args.history)
  await using subject = await subjectOf(args, files ?? (history && latestRun(history)), catalog, signal)
  if (!subject.stored) {
    checkDemands(subject.demands, scenario => cellsOf(subject, scenario))
    if (files) checkCommonCases(files.sets, cellsOf(subject, undefined))
  }
  using outputs = new Outputs(args, args.run.force)
  const commit = args.run.commit ?? (history && (await detectCommit()))
  const blocks = blocksOf(subject.works.map(work => [{ ...work, commit }]))
  const options = {
    ...args.run,
    format: 'table',
    blocks,
    keepDir: subject.keepDir,
    suffix: '-check',
  } as const
  await using session = new Session(options, { terminal, catalog, signal })
  const startedAt = new Date().toISOString()
  if (!subject.stored || args.run.out !== undefined) await session.open()

  const measured = subject.stored ? [] : recordsOf(await measure(session, blocks))
  if (signal.aborted) {
    await session.close()
    return session.end({ unjudged: '; nothing was judged' })
  }
  // Nothing is judged by half of the trials.
  if (session.trouble !== undefined) throw session.trouble
  const results = subject.stored ?? resultsOf(measured)
  const before = files?.sets ?? history?.runs ?? (subject.sideA ? [subject.sideA] : [])
  const metrics = args.metrics ?? [
    usualMetric(column => [results.set, ...before].some(set => hasValues(set, column))),
  ]
  const baseline = files
    ? chooseBaseline(files.sets, results.set, args)
    : history && baselineOfHistory(history, results.set, { ...args, metrics })
  const rule = ruleOf({ ...args, metrics }, subject, baseline)
  const found = judge(rule, results)
  const judged = await measuredAgain(found.checks, results, subject, rule, session, args, signal)
  const checks = args.strict ? [...judged, ...unjudged(judged, expected(results, subject, baseline))] : judged

  const read = [...(files?.notes ?? []), ...(history?.notes ?? [])]
  const gate: Gate = {
    verdict: verdictOfChecks(checks, args.strict),
    strict: args.strict,
    heading: [...headingOf(subject, results), ...(baseline?.heading ?? [])],
    checks,
    notes: [...read, ...subject.notes, ...(baseline?.notes ?? []), ...found.notes, ...notesOf(session)],
  }
  terminal.out(renderGate(gate, terminal))
  reportToGithub(gate, terminal)
  const unwritten: Error[] = [...outputs.write(gate, results.set, startedAt)]
  await session.close()
  const code = session.end({
    proven: gate.verdict === 'failed',
    unjudged: '; what looked worse was not confirmed',
  })
  if (history) {
    try {
      const { records, manifest } = subject.stored
        ? await storedRecords(args, commit, session)
        : { records: measured, manifest: session.manifest }
      session.say(keepRun(history.folder, records, manifest))
    } catch (error) {
      if (!(error instanceof SetupError || error instanceof UsageError)) throw error
      unwritten.push(error)
    }
  }
  return reportUnwritten(terminal, unwritten, code)
}

async function measure(session: Session, blocks: readonly Block[]): Promise<readonly Measured[]> {
  await session.open()
  session.announce(blocks)
  return session.measure(blocks)
}

function recordsOf(measured: readonly Measured[]): readonly TrialRecord[] {
  return measured.map(({ record }) => record)
}

/** Whole rows, with the commit filled in; and how they were measured, if one file says so for all. */
async function storedRecords(
  { results }: CheckArguments,
  commit: string | undefined,
  session: Session,
): Promise<{ readonly records: readonly TrialRecord[]; readonly manifest: Manifest | undefined }> {
  const { records, manifests, problems } = await readRecords([...new Set(results)])
  for (const { message } of problems) session.say(`${message}\n`)
  const [manifest, other] = manifests.flat()
  return {
    records: records.map(each => ({ ...each, commit: each.commit ?? commit })),
    manifest: other ? undefined : manifest,
  }
}

function ruleOf(
  { metrics, delta }: Pick<Judge, 'metrics' | 'delta'>,
  { demands, sideA }: Subject,
  baseline: Baseline | undefined,
): Judge {
  const base = sideA
    ? { set: sideA, gated: true, bySide: true }
    : baseline && { set: baseline.set, gated: baseline.gated, bySide: false, growing: baseline.growing }
  return { demands, metrics, delta, base }
}

/** Everything that was measured, or should have been. */
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

/** Measures again what fails and could be chance. */
async function measuredAgain(
  checks: readonly Check[],
  results: Results,
  { obstacleTo }: Subject,
  rule: Judge,
  session: Session,
  { remeasure }: CheckArguments,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const cells = checks.filter(isSuspicious).flatMap(({ cell }) => cell ?? [])
  if (cells.length === 0) return checks
  if (!remeasure) return unconfirmed(checks, '--no-remeasure')
  const wanted = new Set(cells.map(caseKey))
  const again = session.again(each => cellsOfCase(each).some(cell => wanted.has(caseKey(cell))))
  if (again.length === 0) return unconfirmed(checks, obstacleTo)
  session.say('measuring again what looks worse, in twice as many rounds\n')
  const judged = (fresh: readonly Measured[]) => {
    const found = resultsOf(recordsOf(fresh))
    return { set: found.set, checks: judge(rule, found).checks }
  }
  return lookAgain({ set: results.set, checks }, () => measure(session, again), judged, obstacleTo, signal)
}

function cellsOf({ works }: Subject, scenario: string | undefined) {
  return works
    .filter(({ plan }) => scenario === undefined || plan.scenario === scenario)
    .flatMap(plannedCells)
}

function headingOf({ stored, heading }: Subject, { set }: Results): readonly string[] {
  if (stored) return heading
  const trials = set.cells.reduce((sum, { count }) => sum + count, 0)
  return [`results: measured now, ${counted(set.cells.length, 'case')}, ${counted(trials, 'trial')}`]
}
