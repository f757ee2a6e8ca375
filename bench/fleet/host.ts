/** A machine that can hold an end of a trial: this one, or one behind `bench serve`. Nothing above this room asks which. */
import type { Pins } from '../../scenarios/settings/words.ts'
import type { Environment } from './calls/environment.ts'
import type { AgentHandle } from './calls/handle.ts'

export type Role = 'sender' | 'receiver'
/** What an agent is for: an end, or what stands between them. */
export type AgentRole = Role | 'relay'

export interface Host extends AsyncDisposable {
  /** As the user wrote it; for messages. */
  readonly name: string
  /** This program runs on it; the column `direction` says so. */
  readonly isHere: boolean
  /** The engine under its transports. */
  readonly engine: string
  /** The only CPU for the agent of each role. */
  readonly pins?: Pins | undefined
  /** Equal for hosts of which one's agents could just as well be the other's. */
  readonly agentsKey: string
  /** As of its latest agent. */
  readonly environment: Environment
  /** Opens a new agent. @throws SetupError if there is none */
  open(role: AgentRole, signal: AbortSignal): Promise<AgentHandle>
}
