/** The two processes that carry the trials of a direction. */
import type { AgentHandle } from './calls/handle.ts'
import type { Place, Role } from './places.ts'

/**
 * Agents are opened when they are first needed, replaced when they have died, and replaced by fresh ones after `renew`. Several directions
 * with the same places may share a pair: then all their trials run in the same processes.
 */
export class AgentPair implements AsyncDisposable {
  readonly #agents = new Map<Role, AgentHandle>()
  #process: number | undefined
  #trials = 0
  readonly #practised = new Set<string>()
  /** The trial before: its round, and what went wrong with it. */
  latest: { readonly round: number; readonly problem: string | undefined } | undefined

  /** Those that have ended since, and will be replaced; empty where a row says so. */
  get lost(): readonly Role[] {
    if (this.latest?.problem !== undefined && this.latest.round > 0) return []
    return [...this.#agents].flatMap(([role, agent]) => (agent.alive ? [] : [role]))
  }

  /** The agent of a role: the one there is, or a fresh one, which `prepare` gets first. @throws SetupError */
  async agent(
    role: Role,
    place: Place,
    signal: AbortSignal,
    prepare: (agent: AgentHandle, place: Place) => Promise<void>,
  ): Promise<AgentHandle> {
    const known = this.#agents.get(role)
    if (known?.alive) return known
    const fresh = await place.open(role, signal)
    await known?.[Symbol.asyncDispose]()
    this.#agents.set(role, fresh)
    this.#process = undefined
    this.#practised.clear()
    await prepare(fresh, place)
    return fresh
  }

  /** The number of these processes: the same until one of them is another one. @param next gives a new number */
  process(next: () => number): number {
    this.#process ??= next()
    return this.#process
  }

  /** True once for each task, until one of the agents is another one. */
  isNew(task: string): boolean {
    const isNew = !this.#practised.has(task)
    this.#practised.add(task)
    return isNew
  }

  /** A number for a trial that no other trial of these agents has, so that a late message is never an answer. */
  nextTrial(): number {
    return ++this.#trials
  }

  /** Ends both: the next trial has fresh ones. */
  async renew(): Promise<void> {
    const agents = [...this.#agents.values()]
    this.#agents.clear()
    this.#practised.clear()
    await Promise.all(agents.map(agent => agent[Symbol.asyncDispose]()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.renew()
  }
}
