/** Where the ends of a run are: on this host, or behind `bench serve` on another one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { SetupError, UsageError } from '../../base/errors.ts'
import { reasonOfCode } from '../../base/system-errors.ts'
import type { SocketOptions } from '../../transports/contract/socket-facts.ts'
import type { SocketKind } from '../../transports/contract/sockets.ts'
import type { Environment } from './calls/environment.ts'
import { AgentError, type AgentHandle } from './calls/handle.ts'
import { environment } from './facts/environment.ts'
import { ChannelError } from './link/channel.ts'
import type { ServerAddress } from './link/connect.ts'
import { LocalAgent } from './local/local.ts'
import type { AgentProgram } from './local/process.ts'
import { translated } from './nat.ts'
import { RemoteAgent } from './remote/remote.ts'

export type Role = 'sender' | 'receiver'

export interface Place extends AsyncDisposable {
  /** Undefined for this host. */
  readonly server: ServerAddress | undefined
  /** The engine under its transports. */
  readonly engine: string
  /** As of its latest agent. */
  readonly environment: Environment
  /** Opens a new agent. @throws SetupError if there is none */
  open(role: Role, signal: AbortSignal): Promise<AgentHandle>
}

export interface LocalOptions {
  /** The only CPU for the agent of each role. */
  readonly cpus?: Readonly<Record<Role, number>> | undefined
  /** The program of its agents; this build and its Node if absent. */
  readonly program?: AgentProgram | undefined
}

/** This host. Its environment is the one that its latest agent reported. */
export class LocalPlace implements Place {
  readonly server = undefined
  readonly engine: string
  readonly #options: LocalOptions
  readonly #assumed: Environment
  #latest: LocalAgent | undefined

  constructor(engine: string, options: LocalOptions = {}) {
    this.engine = engine
    this.#options = options
    this.#assumed = { ...environment(), ...options.program?.versions }
  }

  get environment(): Environment {
    return this.#latest?.hello?.environment ?? this.#assumed
  }

  async open(role: Role): Promise<LocalAgent> {
    const { cpus, program } = this.#options
    const other = role === 'sender' ? 'receiver' : 'sender'
    this.#latest = new LocalAgent(role, { cpus: cpus && [cpus[role], cpus[other]], program })
    return this.#latest
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** How long to wait for a server that has gone, and how often to try. */
const RECONNECT_MS = 30_000
const RETRY_MS = 500

export class RemotePlace implements Place {
  readonly server: ServerAddress
  readonly engine: string
  environment: Environment
  /** Our address as it sees it, if a NAT changes it, and our own. */
  readonly translated: { readonly seenAs: string; readonly ourHost: string } | undefined
  /** Already connected, but not used yet. */
  #spare: RemoteAgent | undefined

  /**
   * Connects early, so that any problem is known before anything runs.
   * @param engine `auto`, or an engine name
   * @throws SetupError if the server cannot be reached or rejects us, UsageError if it does not have the engine
   */
  static async connect(server: ServerAddress, engine: string, signal: AbortSignal): Promise<RemotePlace> {
    const agent = await openAgent(server, 'server', signal)
    const { engines } = agent.connection.welcome
    const chosen = engine === 'auto' ? engines[0] : engines.find(each => each === engine)
    if (chosen !== undefined) return new RemotePlace(server, chosen, agent)
    await agent[Symbol.asyncDispose]()
    throw new UsageError(
      `--engine ${engine}: ${server.name} has only ${engines.join(', ')}; choose that, or leave it out`,
    )
  }

  private constructor(server: ServerAddress, engine: string, agent: RemoteAgent) {
    this.server = server
    this.engine = engine
    this.environment = agent.connection.welcome.environment
    const seenAs = translated(agent.path)
    this.translated = seenAs === undefined ? undefined : { seenAs, ourHost: agent.path.ourHost }
    this.#spare = agent
  }

  async open(role: Role, signal: AbortSignal): Promise<RemoteAgent> {
    const spare = this.#spare
    this.#spare = undefined
    if (spare?.alive) return spare
    const agent = await this.#reopened(role, signal)
    this.environment = agent.connection.welcome.environment
    return agent
  }

  /** Why a socket there cannot have these options; undefined if it can. Call before the first agent is opened. */
  async objection(kind: SocketKind, family: 4 | 6, options: SocketOptions, signal: AbortSignal) {
    const spare = this.#spare ?? (await openAgent(this.server, 'server', signal))
    this.#spare = spare
    return await answered(this.server, () => spare.objection(this.engine, kind, family, options, signal))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const spare = this.#spare
    this.#spare = undefined
    await spare?.[Symbol.asyncDispose]()
  }

  /** A server that has gone may be back soon. */
  async #reopened(role: Role, signal: AbortSignal): Promise<RemoteAgent> {
    const until = monotonic() + RECONNECT_MS
    for (;;) {
      try {
        return await openAgent(this.server, role, signal)
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        if (monotonic() > until)
          throw new SetupError(
            `${this.server.name} has been gone for ${RECONNECT_MS / 1000} s: ${error.message}`,
            { cause: error },
          )
        await sleep(RETRY_MS, undefined, { signal })
      }
    }
  }
}

/** Returns a server's answer before anything is measured. @throws SetupError if there is none; AgentError with code `ABORTED` */
export async function answered<T>(server: ServerAddress, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === 'ABORTED') throw error
    throw new SetupError(
      `${server.name}, port ${server.port}: ${error.message}; see what bench serve says there, and start it again`,
      { cause: error },
    )
  }
}

async function openAgent(server: ServerAddress, role: string, signal: AbortSignal): Promise<RemoteAgent> {
  try {
    return await RemoteAgent.connect(server, role, signal)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    throw new SetupError(`${server.name}, port ${server.port}: ${explain(error)}`, { cause: error })
  }
}

/** Messages from the server or from TLS are already one line. */
function explain({ code, message }: ChannelError): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `${reasonOfCode(code)}; start it with bench serve --listen, or name its port as HOST:PORT`
    case 'TIMEOUT':
      return `${message}; is a firewall between? bench doctor HOST looks into it`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${reasonOfCode(code)}; check the address and the network`
    default:
      return message
  }
}
