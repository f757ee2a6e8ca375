/** The engines by name: loads the sockets of each on first use, and chooses between them. */
import { errorMessage, UsageError } from '../../base/errors.ts'
import { obstacleOf, type Sockets } from '../contract/sockets.ts'
import type { Transport } from '../contract/transport.ts'
import { limited } from './limited.ts'
import { obstacleToNative, untestedNative } from './native/systems.ts'

export interface Engine {
  readonly name: string
  /** One line for `bench list`. */
  readonly summary: string
  /** Why it cannot run here; undefined if it can. */
  readonly obstacle: () => string | undefined
  /** Says why `auto` does not take it although it may work: it has never been run on this system. */
  readonly untested?: () => string | undefined
  readonly load: () => Promise<Sockets>
  /** It can set every socket option that the kernel knows, by setsockopt(2). */
  readonly asksKernel: boolean
}

/** In order of preference; the last one works everywhere. */
export const BUILT_IN_ENGINES: readonly Engine[] = [
  {
    name: 'native',
    summary:
      'libc through koffi or node:ffi: up to 64 datagrams a system call; Linux (untested: FreeBSD, macOS, Windows)',
    obstacle: () => (untestedNative() === undefined ? obstacleToNative() : undefined),
    untested: untestedNative,
    load: async () => (await import('./native/native.ts')).loadNativeSockets(),
    asksKernel: true,
  },
  {
    name: 'node',
    summary: 'node:net and node:dgram; one system call a datagram; everywhere',
    obstacle: () => undefined,
    load: async () => (await import('./node/node.ts')).nodeSockets,
    asksKernel: false,
  },
]

export interface EngineChoice {
  readonly engine: string
  /** Why a preferred engine was not chosen, if that is worth reporting. */
  readonly warning?: string
  /** What to ask of other hosts: the engine itself where their best one need not run the same transports. */
  readonly there: string
}

export class Engines implements Iterable<Engine> {
  readonly #engines: readonly Engine[]
  readonly #ours: readonly Engine[]
  readonly #loaded = new Map<string, Promise<Sockets>>()

  /** @param ours in order of preference; the last one works everywhere @param added those of plug-ins, which are used only when asked for */
  constructor(ours: readonly Engine[], added: readonly Engine[] = []) {
    this.#ours = ours
    this.#engines = [...ours, ...added]
  }

  with(added: readonly Engine[]): Engines {
    return new Engines(this.#ours, [...this.#engines.slice(this.#ours.length), ...added])
  }

  [Symbol.iterator](): Iterator<Engine> {
    return this.#engines.values()
  }

  get names(): string[] {
    return this.#engines.map(each => each.name)
  }

  /** The one that works everywhere. */
  get everywhere(): string | undefined {
    return this.#ours.at(-1)?.name
  }

  /** Returns the engine's sockets, with an emulated datagram size limit if one is given. @throws if it cannot be loaded */
  async sockets(name: string, maxDatagramBytes?: number): Promise<Sockets> {
    const engine = this.#find(name)
    if (!engine) throw new Error(`no engine ${name}`)
    const sockets = this.#loaded.get(name) ?? engine.load()
    this.#loaded.set(name, sockets)
    return maxDatagramBytes === undefined ? sockets : limited(await sockets, maxDatagramBytes)
  }

  /** True if the engine of this name can set every socket option that the kernel knows. */
  asksKernel(name: string): boolean {
    return this.#find(name)?.asksKernel ?? false
  }

  /** Returns the engine's sockets; undefined if it does not exist or does not work here. */
  async loaded(name: string): Promise<Sockets | undefined> {
    return (await this.problemOf(name)) === undefined ? this.sockets(name) : undefined
  }

  /** Names of the engines that work here, in order of preference: `auto` of another host takes the first, so those untested here are last. */
  async working(): Promise<string[]> {
    const problems = await Promise.all(this.names.map(name => this.problemOf(name)))
    const working = this.#engines.filter((_, index) => problems[index] === undefined)
    const isUntested = (each: Engine) => each.untested?.() !== undefined
    return [...working.filter(each => !isUntested(each)), ...working.filter(isUntested)].map(
      ({ name }) => name,
    )
  }

  /**
   * Returns the requested engine or, for `auto`, the preferred one of those that work here and run these transports.
   * @throws UsageError if the requested engine does not
   */
  async choose(asked: string, transports: readonly Transport[] = []): Promise<EngineChoice> {
    if (asked !== 'auto') {
      if (!this.#find(asked))
        throw new UsageError(
          `--engine: ${JSON.stringify(asked)} is not one of ${['auto', ...this.names].join(', ')}`,
        )
      const problem = await this.problemOf(asked)
      if (problem !== undefined)
        throw new UsageError(`--engine ${asked}: ${problem}; use --engine ${this.everywhere}`)
      const obstacle = await this.#obstacleOf(asked, transports)
      if (obstacle !== undefined)
        throw new UsageError(`--engine ${asked} ${obstacle}; use --engine ${this.everywhere}`)
      const untested = this.#find(asked)?.untested?.()
      const warning = untested === undefined ? {} : { warning: `the ${asked} engine ${untested}` }
      return { engine: asked, there: asked, ...warning }
    }
    const picky = transports.some(({ traits }) => traits.secured)
    const warnings: string[] = []
    for (const { name, obstacle: ofSystem, untested } of this.#ours) {
      if (ofSystem() !== undefined || untested?.() !== undefined) continue
      const problem = await this.problemOf(name)
      const obstacle = problem === undefined ? await this.#obstacleOf(name, transports) : undefined
      if (problem === undefined && obstacle === undefined)
        return { engine: name, there: picky ? name : asked, ...(warnings[0] ? { warning: warnings[0] } : {}) }
      warnings.push(`the ${name} engine ${obstacle ?? `cannot be used: ${problem}`}`)
    }
    throw new Error('no engine works here')
  }

  /** Why the engine of this name cannot be used here; undefined if it can. */
  async problemOf(name: string): Promise<string | undefined> {
    const engine = this.#find(name)
    if (!engine) return `there is no engine ${name}`
    const obstacle = engine.obstacle()
    if (obstacle !== undefined) return obstacle
    try {
      await this.sockets(name)
      return undefined
    } catch (error) {
      return errorMessage(error)
    }
  }

  /** Why an engine that works does not run all of these transports. */
  async #obstacleOf(name: string, transports: readonly Transport[]): Promise<string | undefined> {
    const sockets = await this.sockets(name)
    return transports.map(each => obstacleOf(sockets, each)).find(each => each !== undefined)
  }

  #find(name: string): Engine | undefined {
    return this.#engines.find(each => each.name === name)
  }
}
