/** What a workload does in an agent's process. */
import type { Doing } from '../../../scenarios/settings/words.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import type { FromAgent, Go, Prepare, Settle, WarmUp } from '../calls/agent-calls.ts'

/** Code of a trial that failed because the received data could not be saved. */
export const KEEP_FAILED = 'KEEP_FAILED'

export interface EndOptions {
  readonly message: Prepare
  /** The parameters of the workload. */
  readonly wishes: Doing['wishes']
  readonly transport: Transport
  /** With the emulated datagram limit, where the end has one. */
  readonly sockets: Sockets
  /** Aborts when the trial is called off. */
  readonly signal: AbortSignal
  readonly post: (message: FromAgent) => void
}

/** One end of one trial: how an agent handles the messages after `prepare`. */
export interface End extends AsyncDisposable {
  /** Where a receiver is reached, for the trial and for a rehearsal. */
  readonly endpoint?: Endpoint | undefined
  readonly rehearsal?: Endpoint | undefined
  /** Posts `sent`, then a `send-report`. */
  go?(message: Go): Promise<void>
  /** Posts a `receive-report`. */
  settle?(message: Settle): Promise<void>
  unanswered?(): void
}

/** The ends of all trials of a workload in one process. */
export interface Ends {
  /** Resolves when the end is ready: a receiver is bound. @throws the system's error */
  open(options: EndOptions): Promise<End>
  /** Runs the code of both ends within this process for a while, before the first trial. */
  warmUp(message: WarmUp, options: Pick<EndOptions, 'transport' | 'sockets' | 'signal'>): Promise<void>
}

/** The workloads that an agent knows, by name. */
export type WorkloadEnds = ReadonlyMap<string, { ends(): Ends }>
