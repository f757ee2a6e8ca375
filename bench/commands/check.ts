/** `bench check`: holds results to thresholds and to earlier runs. Ends with 3 when one is broken or a regression is proven. */
import type { TrialRecord } from '../../results/columns.ts'
import { type Check, type Gate, isSuspicious, verdictOfChecks } from '../../results/gate/check.ts'
import { confirm, unconfirmed } from '../../results/gate/confirm.ts'
import { renderGate } from '../../results/gate/render.ts'
import { readRecords } from '../../results/read/read.ts'
import type { FileWriter } from '../../results/writers.ts'
import { type Baseline, chooseBaseline } from '../check/baseline.ts'
import { baselineOfHistory, keepRun, latestRun, openHistory } from '../check/history.ts'
import { readRuns } from '../check/inputs.ts'
import { checkDemands, type Judge, judge, type Results, resultsOf } from '../check/judging.ts'
import { measure, narrowed, type Prepared, plannedCells, trialsOf } from '../check/measurer.ts'
import { githubEnvironment, Outputs, tellGithub } from '../check/outputs.ts'
import { type Subject, subjectOf } from '../check/subject.ts'
import { detectCommit } from '../commit.ts'
import { describePlan } from '../echo.ts'
import { errorMessage } from '../errors.ts'
import { liveProgress, noProgress } from '../progress.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import type { CheckArguments } from './check-flags.ts'
import { counted, openOutput } from './output.ts'

export async function check(
  terminal: Terminal,
  args: CheckArguments,
  signal: AbortSignal,
): Promise<ExitCode> {
  const runs = args.baseline.length > 0 ? await readRuns(args.baseline, args.metrics) : undefined
  const history = args.history === undefined ? undefined : await openHistory(args.history, args.metrics)
  await using subject = await subjectOf(args, runs?.sets ?? (history && latestRun(history)), signal)
  if (!subject.stored) checkDemands(subject.demands, scenario => cellsOf(subject, scenario))
  using outputs = new Outputs(args)
  const commit = args.run.commit ?? (history && (await detectCommit()))
  const run = { ...args.run, commit }
  using measuring = new Measuring(terminal, { ...args, run }, subject.prepared, signal)
  const startedAt = new Date().toISOString()
  if (!subject.stored || args.run.out !== undefined) measuring.open()

  const measured = subject.stored ? [] : await measuring.measure(subject.prepared)
  const results = subject.stored ?? resultsOf(measured, args.metrics)
  if (signal.aborted) return measuring.interrupted()
  const baseline = runs
    ? chooseBaseline(runs.sets, results.set, args)
    : history && baselineOfHistory(history, results.set, args)
  const rule = ruleOf(args, subject, baseline)
  const found = judge(rule, results)
  const checks = await measuredAgain(found.checks, subject, rule, measuring, args)
  if (signal.aborted) return measuring.interrupted()
  const gate: Gate = {
    verdict: verdictOfChecks(checks, args.strict),
    strict: args.strict,
    heading: [...headingOf(subject, results), ...(baseline?.heading ?? [])],
    checks,
    notes: [
      ...[
        ...(runs?.notes ?? []),
        ...(history?.notes ?? []),
        ...subject.notes,
        ...(baseline?.notes ?? []),
        ...found.notes,
      ],
      ...measuring.notes,
    ],
  }
  outputs.write(gate, results.set, startedAt)
  terminal.out(renderGate(gate, terminal))
  const github = githubEnvironment(process.env)
  if (github)
    tellGithub(
      gate,
      github,
      text => terminal.out(text),
      text => terminal.err(text),
    )
  measuring.close()
  const failed = gate.verdict === 'failed'
  if (history) {
    try {
      const records = subject.stored ? await storedRecords(args, measuring) : measured
      measuring.say(keepRun(history.folder, records))
    } catch (error) {
      // A regression that is proven stays the last word.
      if (!failed) throw error
      terminal.err(`bench: ${errorMessage(error)}\n`)
    }
  }
  if (failed) return EXIT.regression
  return measuring.failures > 0 ? EXIT.failed : EXIT.measured
}

/** Whole rows, with the commit that they lack. */
async function storedRecords(
  { results, run }: CheckArguments,
  measuring: Measuring,
): Promise<readonly TrialRecord[]> {
  const { records, problems } = await readRecords([...new Set(results)])
  for (const { message } of problems) measuring.say(`${message}\n`)
  return records.map(each => ({ ...each, commit: each.commit ?? run.commit }))
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

/** What fails and could be chance is measured again and has to fail again. */
async function measuredAgain(
  checks: readonly Check[],
  { prepared, obstacleTo }: Subject,
  rule: Judge,
  measuring: Measuring,
  { remeasure, metrics }: CheckArguments,
): Promise<readonly Check[]> {
  const cells = checks.filter(isSuspicious).flatMap(({ cell }) => cell ?? [])
  if (cells.length === 0) return checks
  if (!remeasure) return unconfirmed(checks, '--no-remeasure')
  const again = narrowed(prepared, cells)
  if (again.length === 0) return unconfirmed(checks, obstacleTo)
  measuring.say(`measuring again what failed\n`)
  const fresh = resultsOf(await measuring.measure(again), metrics)
  return fresh.set.cells.length === 0
    ? unconfirmed(checks, obstacleTo)
    : confirm(checks, judge(rule, fresh).checks, obstacleTo)
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

/** What is measured on behalf of a gate, in as many runs as it takes: rows go to one file. */
class Measuring implements Disposable {
  readonly #terminal: Terminal
  readonly #args: CheckArguments
  readonly #prepared: readonly Prepared[]
  readonly #signal: AbortSignal
  #file: FileWriter | undefined
  #rows = 0
  /** Trials that failed or timed out. */
  failures = 0

  constructor(terminal: Terminal, args: CheckArguments, prepared: readonly Prepared[], signal: AbortSignal) {
    this.#terminal = terminal
    this.#args = args
    this.#prepared = prepared
    this.#signal = signal
  }

  say(text: string): void {
    if (!this.#args.run.quiet) this.#terminal.err(text)
  }

  /** Opens the file of the rows, before anything is measured. @throws UsageError, SetupError */
  open(): FileWriter {
    this.#file ??= openOutput(
      this.#args.run,
      this.#prepared.map(({ plan }) => plan),
      new Date(),
      '-check',
    )
    return this.#file
  }

  async measure(prepared: readonly Prepared[]): Promise<readonly TrialRecord[]> {
    const file = this.open()
    for (const { plan } of prepared) {
      this.say(`${describePlan(plan)}\n`)
      for (const note of plan.notes) this.say(`${note}\n`)
    }
    const watched = this.#terminal.live && !this.#args.run.quiet
    const progress = watched ? liveProgress(this.#terminal.errStream, trialsOf(prepared)) : noProgress
    const keep = (record: TrialRecord) => {
      file.write(record)
      this.#rows++
      if (record.outcome === 'failed' || record.outcome === 'timed-out') this.failures++
    }
    return measure(prepared, progress, keep, this.#signal, this.#args.run.commit)
  }

  /** Nothing is judged by half of the trials. */
  interrupted(): ExitCode {
    this.say(`interrupted after ${counted(this.#rows, 'trial')}; nothing was judged\n`)
    this.close()
    return EXIT.interrupted
  }

  get notes() {
    return this.failures === 0
      ? []
      : [{ message: `${counted(this.failures, 'trial')} failed or timed out; ${this.#file?.path} tells why` }]
  }

  close(): void {
    if (!this.#file) return
    this.#file.close()
    this.say(`${counted(this.#rows, 'row')} in ${this.#file.path}\n`)
  }

  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]()
  }
}
