/** One direction of payloads in a run: sender and receiver, their agents, and the addresses between them. */
import { isIPv6 } from 'node:net'
import { SetupError } from '../../base/errors.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import { AgentPair } from './agent-pair.ts'
import type { AgentHandle } from './calls/handle.ts'
import { answered, type Place, type Role } from './places.ts'
import { RemoteAgent } from './remote/remote.ts'

/** How the sender's data reach the receiver. */
export interface Route {
  /** Where the receiver binds, unless its server decides that. */
  readonly bind: Endpoint
  /** The only host that our own receiver accepts data from. */
  readonly peer: string | undefined
  /** The receiver's host as the sender reaches it; undefined for the address that the receiver reports. */
  readonly reachedAt: string | undefined
  /** Our address as the receiver knows it; undefined for a sending server, which knows its own. */
  readonly sendFrom: string | undefined
}

export class Direction implements AsyncDisposable {
  readonly name: TrialRecord['direction']
  readonly sender: Place
  /** Undefined for a foreign receiver. */
  readonly receiver: Place | undefined
  readonly agents: AgentPair
  readonly #introduced = new WeakMap<AgentHandle, AgentHandle>()

  /** @param agents shared with another direction between the same places */
  constructor(
    name: TrialRecord['direction'],
    sender: Place,
    receiver: Place | undefined,
    agents: AgentPair = new AgentPair(),
  ) {
    this.name = name
    this.sender = sender
    this.receiver = receiver
    this.agents = agents
  }

  /** Returns the agent of a role, or opens a new one and passes it to `prepare`. @throws SetupError */
  async agent(
    role: Role,
    signal: AbortSignal,
    prepare: (agent: AgentHandle, place: Place) => Promise<void>,
  ): Promise<AgentHandle> {
    const place = role === 'sender' ? this.sender : this.receiver
    if (!place) throw new Error('a receiver that is not ours has no agent')
    return this.agents.agent(role, place, signal, prepare)
  }

  /** Lets two remote servers see each other, which is required before one accepts the other's data. @throws SetupError */
  async introduce(sender: AgentHandle, receiver: AgentHandle, signal: AbortSignal): Promise<void> {
    const [from, to] = [this.sender.server, this.receiver?.server]
    if (!(sender instanceof RemoteAgent && receiver instanceof RemoteAgent && from && to)) return
    if (this.#introduced.get(sender) === receiver) return
    const ticket = await answered(to, () => receiver.invitation(signal))
    const problem = await answered(from, () => sender.visit(to, ticket, signal))
    if (problem !== undefined)
      throw new SetupError(
        `${from.name} cannot reach ${to.name}, port ${to.port}: ${problem}; open the way between them`,
      )
    this.#introduced.set(sender, receiver)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [this.agents, this.sender, this.receiver]
    await Promise.all(ends.map(end => end?.[Symbol.asyncDispose]()))
  }
}

/** The engine of both ends: `native`, or `native-node` if they differ. */
export function engineName({ sender, receiver }: Pick<Direction, 'sender' | 'receiver'>): string {
  const receiving = receiver?.engine ?? sender.engine
  return receiving === sender.engine ? sender.engine : `${sender.engine}-${receiving}`
}

/** @param own address that the ends on this host are bound to; for another host, the control connection is bound and determines it */
export function routeBetween(
  sender: AgentHandle,
  receiver: AgentHandle,
  family: 4 | 6,
  own: string | undefined,
): Route {
  const within = { host: own ?? (family === 6 ? '::1' : '127.0.0.1'), port: 0, family }
  const toReceiver = receiver.path
  if (toReceiver) {
    const sendFrom = sender.path ? undefined : toReceiver.ourHost
    return { bind: within, peer: undefined, reachedAt: toReceiver.itsHost, sendFrom }
  }
  const toSender = sender.path
  if (!toSender) return { bind: within, peer: undefined, reachedAt: undefined, sendFrom: own }
  const bind = {
    host: toSender.ourHost,
    port: 0,
    family: isIPv6(toSender.ourHost) ? (6 as const) : (4 as const),
  }
  return { bind, peer: toSender.itsHost, reachedAt: undefined, sendFrom: undefined }
}
