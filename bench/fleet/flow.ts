/** What crosses in one direction of a trial: from a host to another one or to itself, by two agents. */
import { isIPv6 } from 'node:net'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { loopback } from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import { AgentPair } from './agent-pair.ts'
import type { AgentHandle } from './calls/handle.ts'
import type { Host } from './host.ts'
import { LocalHost, type LocalOptions } from './local/local.ts'

/** A receiver at a host, or a foreign one, which reports nothing. */
export type Destination = { readonly host: Host } | { readonly target: Endpoint }

/** A flow between two agents of this host, or from one of them to a foreign receiver. */
export function flowHere(
  engine: string,
  { target, ...options }: LocalOptions & { readonly target?: Endpoint | undefined } = {},
): Flow {
  const here = new LocalHost(engine, options)
  return new Flow(here, target ? { target } : { host: here })
}

export class Flow implements AsyncDisposable {
  readonly from: Host
  readonly to: Destination
  readonly agents: AgentPair

  /** @param agents shared with a flow between the same hosts */
  constructor(from: Host, to: Destination, agents: AgentPair = new AgentPair()) {
    this.from = from
    this.to = to
    this.agents = agents
  }

  /** The hosts of its ends that are agents: the sender's, then the receiver's. */
  get hosts(): readonly Host[] {
    return 'host' in this.to ? [this.from, this.to.host] : [this.from]
  }

  /** Both ends are agents of one host: they share a clock, and nothing is in flight between them. */
  get withinHost(): boolean {
    return 'host' in this.to && this.to.host === this.from
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.agents, ...this.hosts].map(each => each[Symbol.asyncDispose]()))
  }
}

/** The engine of all ends: `native`, or `native-node` if they differ. */
export function engineOf(flows: readonly Flow[]): string {
  return [...new Set(flows.flatMap(({ hosts }) => hosts.map(host => host.engine)))].join('-')
}

/** The column `direction` of one of a trial's flows. */
export function directionOf({ from, to }: Flow, flows: readonly Flow[]): TrialRecord['direction'] {
  if ('target' in to) return 'send'
  if (from.isHere === to.host.isHere) return from.isHere ? 'local' : 'third-party'
  const direction = from.isHere ? 'forward' : 'reverse'
  return flows.some(other => other.from !== from) ? `bidir-${direction}` : direction
}

/** How the sender's data reach the receiver. What a server decides for its agents is not passed on to it. */
export interface Route {
  /** Where the receiver binds. */
  readonly bind: Endpoint
  /** The only host that it accepts data from. */
  readonly peer?: string | undefined
  /** Its host as the sender reaches it; undefined for the address that it reports. */
  readonly reachedAt?: string | undefined
  /** The sender's address as the receiver knows it. */
  readonly sendFrom?: string | undefined
}

/** @param own address that the ends on this host are bound to */
export function routeBetween(
  { standing: sender }: AgentHandle,
  { standing: receiver }: AgentHandle,
  family: 4 | 6,
  own: string | undefined,
): Route {
  const host = sender.ourHost ?? own ?? loopback(family).host
  return {
    bind: { host, port: 0, family: isIPv6(host) ? 6 : 4 },
    peer: sender.itsHost,
    reachedAt: receiver.itsHost,
    sendFrom: receiver.ourHost ?? own,
  }
}
