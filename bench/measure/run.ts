/** Turns a plan into records: the schedule and the trials of one run. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import { type Case, filesOf, type Plan, planScenario } from '../../scenarios/plan.ts'
import type { Scenario } from '../../scenarios/schema.ts'
import type { Catalog } from '../../transports/catalog.ts'
import { checkedFile } from './files.ts'
import { Measuring, type MeasuringOptions, Numbers } from './measuring.ts'
import { newRunId } from './run-id.ts'
import { schedule } from './schedule.ts'

export interface RunOptions extends Omit<MeasuringOptions, 'runId' | 'side'> {
  /** Shared by all plans of a run; generated if absent. */
  readonly runId?: string
  /** Numbers the trials and processes of all plans of a run; new if absent. */
  readonly numbers?: Numbers
  /** Called when a trial begins; `round` is 0 or less in warm-up. */
  readonly began?: (each: Case, round: number) => void
  /** Called when a trial has ended, warm-up included. */
  readonly ended?: () => void
}

/**
 * Runs a plan and yields each record as its trial ends. Replaces the agents with new ones `plan.processes - 1` times and when they die,
 * and ends them with the run.
 * @throws AgentError with code `ABORTED` if `signal` aborts; the trial in progress is not recorded
 */
export async function* runPlan(plan: Plan, options: RunOptions): AsyncGenerator<TrialRecord> {
  const { runId = newRunId(new Date()), numbers = new Numbers(), began, ended } = options
  await using measuring = new Measuring(plan, numbers, { ...options, runId })
  const trial = async (each: Case, round: number) => {
    began?.(each, round)
    const records = await measuring.trial(each, round)
    ended?.()
    return records
  }
  const visits = { trial, renew: () => measuring.renew() }
  for await (const records of schedule(plan.cases, plan, visits, durationOf)) yield* records
}

/** The duration of a trial to report to tinybench. */
export function durationOf([first]: readonly TrialRecord[]): number | undefined {
  return first?.delivery_ms ?? first?.total_ms
}

/** Turns a scenario into a plan, and examines the files that it names. @throws UsageError if one cannot be sent */
export async function planFor(scenario: Scenario, engine: string, catalog: Catalog): Promise<Plan> {
  const sizes = new Map<string, number>()
  for (const path of filesOf(scenario)) sizes.set(path, await checkedFile(path))
  return planScenario(scenario, catalog.transports, sizes, await catalog.engines.sockets(engine))
}
