/** What is done with a protocol in a flow of a trial: how its ends work, how long they may take, and what their reports say. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Outcome } from '../../results/schema/outcome.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Doing } from '../../scenarios/settings/words.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import type { RelayReport } from '../../transports/impairment/relay.ts'
import type { Ends } from '../fleet/agent/end.ts'
import type { ReceiveSide, SendSide } from '../fleet/calls/agent-calls.ts'
import type { Flow } from '../fleet/flow.ts'
import type { Clocks } from './clocks.ts'

/** A case that a flow is to carry. */
export interface Job {
  readonly each: Case
  readonly plan: Plan
  readonly transport: Transport
  readonly flow: Flow
}

/** The longest that parts of a trial may take, in ms. */
export interface Limits {
  readonly timeoutMs: number
  /** Longest wait for a reply of the protocol. */
  readonly answerTimeoutMs: number
  /** Quiet time that ends a drain. */
  readonly drainMs: number
  /** How long an acknowledgement may take after the receiver has reported. */
  readonly graceMs: number
}

/** Why a trial could not be completed. */
interface Problem {
  readonly phase: string
  readonly code: string
  readonly message: string
}

/** The reports of both ends of a trial, each on its own clock. */
export interface Reports {
  readonly sender?: SendSide | undefined
  /** Absent for a foreign receiver, and if it did not report. */
  readonly receiver?: ReceiveSide | undefined
  /** Where the data were sent; undefined if nothing was sent. */
  readonly to?: Endpoint | undefined
  /** What stood between both ends, if something did. */
  readonly relay?: RelayReport | undefined
  /** The receiver is not one of our agents, so it does not report what arrived. */
  readonly foreign: boolean
  /** Why the trial could not be completed; undefined if it was. */
  readonly problem?: Problem | undefined
}

/** The same on the sender's clock. */
export interface AlignedReports extends Reports {
  /** Uncertainty of the offset between both clocks, in ms; the offset is already subtracted from the receiver's times. */
  readonly clockErrorMs: number
}

/** What the row of a flow says of it. */
export type FlowColumns = Partial<TrialRecord> & { readonly outcome: Outcome['kind'] }

export interface Workload {
  /** As in `--workload`. */
  readonly name: string
  /** One line, for `bench list`. */
  readonly summary: string
  /** Why it cannot be carried over a transport, or with these parameters; undefined if it can. Pure. */
  obstacle(transport: Transport, wishes: Doing['wishes']): string | undefined
  /** What runs in an agent's process, which has one of these. */
  ends(): Ends
  /** Pure. */
  limits(job: Job, clocks: Clocks): Limits
  /** Outcome and measures. Pure. */
  account(job: Job, reports: AlignedReports): FlowColumns
}

/** The obstacle of a workload that has no parameters. */
export function noParameters(wishes: Doing['wishes']): string | undefined {
  const [first] = Object.keys(wishes)
  return first && `it has no parameters, such as ${first}`
}
