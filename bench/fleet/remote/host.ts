/** A host behind `bench serve`. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../../base/clock.ts'
import { SetupError } from '../../../base/errors.ts'
import { type PluginIdentity, pluginsOfEnds } from '../../../transports/catalog.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { OptionKind } from '../../../transports/contract/sockets.ts'
import type { Environment } from '../calls/environment.ts'
import type { AgentRole, Host } from '../host.ts'
import type { Way } from '../link/connect.ts'
import { LinkError } from '../link/link.ts'
import { HostError } from '../resolve.ts'
import { RemoteAgent } from './remote.ts'

/** How long to wait for a server that has gone, and how often to try. */
const RECONNECT_MS = 30_000
const RETRY_MS = 500

/** A host where `bench serve` runs. */
export class RemoteHost implements Host {
  readonly isHere = false
  readonly agentsKey = randomUUID()
  readonly #way: Way
  readonly engine: string
  environment: Environment
  /** The addresses of its first control connection. */
  readonly path: RemoteAgent['path']
  /** Already connected, but not used yet. */
  #spare: RemoteAgent | undefined

  /**
   * Connects early, so that any problem is known before anything runs.
   * @param engine `auto`, or an engine name
   * @param plugins loaded here; those that ends need the server has to have, too
   * @throws SetupError if the server cannot be reached or rejects us, HostError if it does not have the engine or a plug-in
   */
  static async connect(
    way: Way,
    engine: string,
    plugins: readonly PluginIdentity[],
    signal: AbortSignal,
  ): Promise<RemoteHost> {
    const agent = await openAgent(way, signal)
    const { engines, plugins: there = [] } = agent.welcome
    const [difference] = pluginsOfEnds(plugins).flatMap(each => differenceOf(each, there, way.name))
    if (difference !== undefined) {
      await agent[Symbol.asyncDispose]()
      throw new HostError(...difference)
    }
    const chosen = engine === 'auto' ? engines[0] : engines.find(each => each === engine)
    if (chosen !== undefined) return new RemoteHost(way, chosen, agent)
    await agent[Symbol.asyncDispose]()
    throw new HostError(
      `--engine ${engine}: ${way.name} has only ${engines.join(', ')}`,
      'choose that, or leave it out',
    )
  }

  private constructor(way: Way, engine: string, agent: RemoteAgent) {
    this.#way = way
    this.engine = engine
    this.environment = agent.welcome.environment
    this.path = agent.path
    this.#spare = agent
  }

  get name(): string {
    return this.#way.name
  }

  async open(role: AgentRole, signal: AbortSignal): Promise<RemoteAgent> {
    const spare = this.#spare
    this.#spare = undefined
    if (spare?.alive) return spare.as(role)
    const agent = await this.#reopened(signal)
    this.environment = agent.welcome.environment
    return agent.as(role)
  }

  /** Why a socket there cannot have these options; undefined if it can. Call before the first agent is opened. */
  async objection(kind: OptionKind, family: 4 | 6, options: SocketOptions, signal: AbortSignal) {
    const spare = this.#spare ?? (await openAgent(this.#way, signal))
    this.#spare = spare
    return spare.objection(this.engine, kind, family, options, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const spare = this.#spare
    this.#spare = undefined
    await spare?.[Symbol.asyncDispose]()
  }

  /** A server that has gone may be back soon. */
  async #reopened(signal: AbortSignal): Promise<RemoteAgent> {
    const until = monotonic() + RECONNECT_MS
    for (;;) {
      try {
        return await openAgent(this.#way, signal)
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        if (monotonic() > until)
          throw new SetupError(
            `${this.#way.name} has been gone for ${RECONNECT_MS / 1000} s: ${error.message}`,
            { cause: error },
          )
        await sleep(RETRY_MS, undefined, { signal })
      }
    }
  }
}

async function openAgent(way: Way, signal: AbortSignal): Promise<RemoteAgent> {
  try {
    return await RemoteAgent.connect(way, signal)
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    throw new SetupError(way.explain(error), { cause: error })
  }
}

type Difference = readonly [finding: string, remedy: string]

/** Why an end there would not do the same as one here; empty if it would. */
function differenceOf(
  { name, version }: PluginIdentity,
  there: NonNullable<RemoteAgent['welcome']['plugins']>,
  host: string,
): readonly Difference[] {
  const other = there.find(each => each.name === name)
  if (!other)
    return [
      [`plug-in ${name} is loaded here and not at ${host}`, 'start bench serve there with --plugin, too'],
    ]
  if (other.version === version) return []
  return [
    [
      `plug-in ${name} is version ${version} here and ${other.version} at ${host}`,
      'load the same one at both ends',
    ],
  ]
}
