/** `bench run`: measures scenarios, writes a row a trial, and shows what came out. */

import { counted } from '../../../base/units.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { type Sink, streamWriter } from '../../../results/store/writers.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import type { Extended } from '../../fleet/plugins.ts'
import { manifestOf } from '../../measure/manifest.ts'
import { Numbers } from '../../measure/measuring.ts'
import { runPlan } from '../../measure/run.ts'
import { newRunId } from '../../measure/run-id.ts'
import { roundsInAll } from '../../measure/schedule.ts'
import { interruptedAfter } from '../called-off.ts'
import { describePlan } from '../echo.ts'
import { exitCodeOf, openOutput, tellLost } from '../output.ts'
import { prepare } from '../preparation.ts'
import { liveProgress, noProgress, type Progress } from '../progress.ts'
import type { RunArguments } from '../run-flags.ts'
import { showResults, showWarnings } from '../show.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

export async function run(
  terminal: Terminal,
  args: RunArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using ready = await prepare(args, catalog, undefined, signal)
  const { plans, warning } = ready
  const startedAt = new Date()
  const { flows } = ready
  const manifest = manifestOf(
    terminal.argv,
    startedAt,
    plans.map(plan => ({ plan, flows })),
  )
  await using file = openOutput(args, manifest, plans, catalog.sinks)
  const said = args.quiet ? () => {} : (text: string) => terminal.err(text)
  if (warning !== undefined) said(`${warning}; measuring with the ${plans[0]?.engine} engine\n`)
  for (const plan of plans) {
    said(`${describePlan(plan, catalog)}\n`)
    for (const note of plan.notes) said(`${note}\n`)
  }

  await using stream =
    args.format === 'table' ? undefined : streamWriter(args.format, text => terminal.out(text), manifest)
  const progress = progressOf(terminal, args, plans, catalog)
  const records: TrialRecord[] = []
  const runId = newRunId(startedAt)
  const { keepDir, commit } = ready
  const numbers = new Numbers()
  const { began } = progress
  const gone: string[] = []
  const lost = (what: string) => void gone.push(what)
  const measuring = { catalog, signal, runId, numbers, flows, keepDir, commit, began, lost }
  let trouble: unknown
  try {
    for (const plan of plans)
      await measure(plan, measuring, [file, ...(stream ? [stream] : [])], records, progress)
  } catch (error) {
    // What has been measured is shown before it is told what ended it.
    if (records.length === 0) throw error
    trouble = error
  } finally {
    progress.clear()
    tellLost(terminal, gone)
  }

  const summaries = summarize(records)
  const warnings = findWarnings(summaries)
  await file.end(warnings)
  await stream?.end(warnings)
  if (stream) showWarnings(said, terminal, warnings)
  else showResults(terminal, summaries, warnings, args)
  if (signal.aborted) terminal.err(`${interruptedAfter(records.length, signal)}\n`)
  said(`${counted(records.length, 'row')} in ${file.path}\n`)
  if (trouble !== undefined) throw trouble
  return exitCodeOf(records, gone, signal)
}

async function measure(
  plan: Plan,
  options: Parameters<typeof runPlan>[1],
  sinks: readonly Sink[],
  records: TrialRecord[],
  progress: Progress,
): Promise<void> {
  try {
    for await (const record of runPlan(plan, { ...options, ended: progress.ended })) {
      for (const sink of sinks) await sink.write(record)
      records.push(record)
    }
  } catch (error) {
    // An interrupted run shows what it has measured.
    if (!options.signal.aborted) throw error
  }
}

function progressOf(
  terminal: Terminal,
  args: RunArguments,
  plans: readonly Plan[],
  catalog: Extended,
): Progress {
  if (args.quiet || !terminal.live) return noProgress
  const trials = plans.reduce((sum, plan) => sum + plan.cases.length * roundsInAll(plan), 0)
  return liveProgress(terminal.errStream, trials, catalog)
}
