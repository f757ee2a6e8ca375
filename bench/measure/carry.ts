/** Carries one flow of a trial, whatever its workload is: the walk of its agents, and the account of their reports. */
import { SetupError } from '../../base/errors.ts'
import { KEEP_FAILED } from '../fleet/agent/end.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { AgentError } from '../fleet/calls/mailbox.ts'
import { routeBetween } from '../fleet/flow.ts'
import { type Clocks, readClocks, rttOf, UNREAD } from '../workloads/clocks.ts'
import type { AlignedReports, FlowColumns, Job, Limits, Reports, Workload } from '../workloads/workload.ts'
import { practise } from './fresh-agents.ts'
import { believed } from './plausible.ts'
import { runForeignTrial, runTrial, type TrialSetting } from './trial.ts'
import { checkedAccount, checkedLimits } from './workload-checks.ts'

/** A job whose agents are ready. */
export interface Task extends Job {
  readonly sender: AgentHandle
  /** The sender itself if the receiver is foreign. */
  readonly receiver: AgentHandle
  /** Hears the intervals of a stream. */
  readonly heard?: TrialSetting['heard']
  readonly together?: TrialSetting['together']
  /** Where the receiver saves the received data. */
  readonly keepAs: string | undefined
  readonly signal: AbortSignal
}

/** Any failure of the network or an agent is in the columns; every wait has a deadline. @throws AgentError with code `ABORTED`, SetupError */
export async function carry(workload: Workload, task: Task): Promise<FlowColumns> {
  const { sender, receiver, signal } = task
  const before = await readClocks(sender, receiver, signal).catch((error: unknown) => {
    if (!(error instanceof AgentError) || signal.aborted) throw error
    return { phase: 'prepare', code: error.code, message: error.message }
  })
  if ('phase' in before)
    return checkedAccount(workload, task, onOneClock({ problem: before, foreign: false }, UNREAD))
  const limits = checkedLimits(workload, task, before)
  if ('outcome' in limits) return limits
  const reports = await walk(task, limits)
  // Closer in time to the transfer than the reading before it, unless the link was lost in the meantime.
  const after = await readClocks(sender, receiver, signal).catch(() => before)
  return { ...checkedAccount(workload, task, onOneClock(reports, after)), control_rtt_ms: rttOf(after) }
}

async function walk(task: Task, limits: Limits): Promise<Reports> {
  const { each, plan, transport, flow, sender, receiver, keepAs, heard, together, signal } = task
  const setting = {
    ...limits,
    trial: flow.agents.nextTrial(),
    engines: { sender: flow.from.engine, receiver: ('host' in flow.to ? flow.to.host : flow.from).engine },
    route: routeBetween(sender, receiver, each.ipFamily, each.bind),
    rehearse: plan.warmup > 0 && flow.withinHost,
    ...{ transport, keepAs, signal, heard, together },
    ...(plan.reportEveryMs === undefined ? {} : { reportEveryMs: plan.reportEveryMs }),
  }
  if ('target' in flow.to) return runForeignTrial(each, setting, sender, flow.to.target)
  const practised = setting.rehearse && (await practise(each, setting, flow.agents, sender, receiver))
  const reports = await runTrial(each, { ...setting, practised }, sender, receiver)
  const { problem } = reports
  if (problem?.code === KEEP_FAILED) throw new SetupError(problem.message)
  return believed(reports, each, flow.withinHost)
}

/** Converts the receiver's times to the sender's clock. */
function onOneClock(reports: Reports, { sender, receiver }: Clocks): AlignedReports {
  const clockErrorMs = sender.errorMs + receiver.errorMs
  const shiftMs = sender.offsetMs - receiver.offsetMs
  const received = reports.receiver
  if (!received || shiftMs === 0) return { ...reports, clockErrorMs }
  const { firstAt, lastAt } = received.report
  const report = {
    ...received.report,
    ...(firstAt === undefined ? {} : { firstAt: firstAt + shiftMs }),
    ...(lastAt === undefined ? {} : { lastAt: lastAt + shiftMs }),
  }
  return { ...reports, receiver: { ...received, report }, clockErrorMs }
}
