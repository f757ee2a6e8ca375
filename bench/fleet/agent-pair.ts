/** The agent processes that run the trials of a flow: two, and one between them where a way is emulated. */
import type { AgentHandle } from './calls/handle.ts'
import type { AgentRole, Host } from './host.ts'

/**
 * Opens agents on first use, replaces those that have died, and replaces all of them after `renew`. Several flows between the same
 * hosts may share a pair, so that all their trials run in the same processes.
 */
export class AgentPair implements AsyncDisposable {
  readonly #agents = new Map<AgentRole, AgentHandle>()
  #process: number | undefined
  static #trials = 0
  /** Whether these processes have practised a kind of trial, or failed to. Forgotten when one of them is replaced. */
  readonly practised = new Map<string, boolean>()
  /** The previous trial: its round, and what went wrong in it. */
  latest: { readonly round: number; readonly problem: string | undefined } | undefined

  /** Agents that have ended since then and will be replaced, and why; empty if a row already says so. */
  get lost(): readonly { readonly role: AgentRole; readonly reason: string }[] {
    if (this.latest?.problem !== undefined && this.latest.round > 0) return []
    return [...this.#agents].flatMap(([role, { goneReason: reason }]) =>
      reason === undefined ? [] : [{ role, reason }],
    )
  }

  /** Returns the agent of a role, or opens a new one and passes it to `prepare`. @throws SetupError */
  async agent(
    role: AgentRole,
    host: Host,
    signal: AbortSignal,
    prepare: (agent: AgentHandle) => Promise<void>,
  ): Promise<AgentHandle> {
    const known = this.#agents.get(role)
    if (known?.alive) return known
    const fresh = await host.open(role, signal)
    await known?.[Symbol.asyncDispose]()
    this.#agents.set(role, fresh)
    this.#process = undefined
    this.practised.clear()
    await prepare(fresh)
    return fresh
  }

  /** Returns the number of these processes, which changes when one of them is replaced. @param next allocates a number */
  process(next: () => number): number {
    this.#process ??= next()
    return this.#process
  }

  /** Returns a trial number unique to all agents, so that a late message is never taken for an answer. */
  nextTrial(): number {
    return ++AgentPair.#trials
  }

  /** Ends both agents; the next trial gets new ones. */
  async renew(): Promise<void> {
    const agents = [...this.#agents.values()]
    this.#agents.clear()
    this.practised.clear()
    await Promise.all(agents.map(agent => agent[Symbol.asyncDispose]()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.renew()
  }
}
