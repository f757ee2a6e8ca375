/** What is done with a protocol in a flow of a trial, and how a flow is carried whatever that is. */

import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Outcome } from '../../results/schema/outcome.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { AgentError } from '../fleet/calls/mailbox.ts'
import type { Flow } from '../fleet/flow.ts'
import { type Clocks, readClocks, rttOf, UNREAD } from './clocks.ts'

/** A flow whose agents are ready. */
export interface ReadyFlow {
  readonly flow: Flow
  readonly sender: AgentHandle
  /** The sender itself if the receiver is foreign. */
  readonly receiver: AgentHandle
}

/** One flow of a trial that is to be carried. */
export interface Task extends ReadyFlow {
  readonly each: Case
  readonly plan: Plan
  readonly transport: Transport
  /** Where the receiver saves the received data. */
  readonly keepAs: string | undefined
  readonly signal: AbortSignal
}

/** Why a trial could not be completed. */
export interface Problem {
  readonly phase: string
  readonly code: string
  readonly message: string
}

/** What the row of a flow says of it. */
export type FlowColumns = Partial<TrialRecord> & { readonly outcome: Outcome['kind'] }

/** @param Limits how long everything may take @param Reports what the ends report, each on its own clock */
export interface Workload<Limits, Reports> {
  readonly name: string
  /** Gets a fresh agent ready for cases on this transport and engine. @param trial unique to the agent @throws AgentError with code `ABORTED` */
  warmUp(agent: AgentHandle, trial: number, each: Case, engine: string, signal: AbortSignal): Promise<void>
  /** Pure. */
  limits(task: Task, clocks: Clocks): Limits
  /** Carries the flow. Any failure of the network or an agent is in the reports; every wait has a deadline. @throws AgentError with code `ABORTED`, SetupError */
  run(task: Task, limits: Limits): Promise<Reports>
  /** The reports of a flow that could not even begin. */
  failed(problem: Problem): Reports
  /** Outcome and measures. Pure. */
  account(task: Task, reports: Reports, clocks: Clocks): FlowColumns
}

/** @throws AgentError with code `ABORTED`, SetupError */
export async function carry<Limits, Reports>(
  workload: Workload<Limits, Reports>,
  task: Task,
): Promise<FlowColumns> {
  const { sender, receiver, signal } = task
  const before = await readClocks(sender, receiver, signal).catch((error: unknown) => {
    if (!(error instanceof AgentError) || signal.aborted) throw error
    return { phase: 'prepare', code: error.code, message: error.message }
  })
  if ('phase' in before) return workload.account(task, workload.failed(before), UNREAD)
  const reports = await workload.run(task, workload.limits(task, before))
  // Closer in time to the transfer than the reading before it, unless the link was lost in the meantime.
  const after = await readClocks(sender, receiver, signal).catch(() => before)
  return { ...workload.account(task, reports, after), control_rtt_ms: rttOf(after) }
}
