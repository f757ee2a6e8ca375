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
  /** Undefined: this host. */
  readonly server: ServerAddress | undefined
  /** What its transports stand on. */
  readonly engine: string
  /** As it was when its latest agent was opened. */
  readonly environment: Environment
  /** A fresh agent. @throws SetupError when there is none to be had */
  open(role: Role, signal: AbortSignal): Promise<AgentHandle>
}

export interface LocalOptions {
  /** The only CPU of each role's agent. */
  readonly cpus?: Readonly<Record<Role, number>> | undefined
  /** What its agents are; of this build and its Node when absent. */
  readonly program?: AgentProgram | undefined
}

/** This host. Its environment is what its latest agent has said of itself. */
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
    this.#latest = new LocalAgent(role, { cpu: cpus?.[role], program })
    return this.#latest
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** How long a server that is gone is waited for, and how often it is tried. */
const RECONNECT_MS = 30_000
const RETRY_MS = 500

export class RemotePlace implements Place {
  readonly server: ServerAddress
  readonly engine: string
  environment: Environment
  /** Our address as it sees it, where a NAT between makes another one of it, and our own. */
  readonly translated: { readonly seenAs: string; readonly ourHost: string } | undefined
  /** Connected already and not yet asked for. */
  #spare: RemoteAgent | undefined

  /**
   * Connects, so that whatever is wrong is known before anything runs.
   * @param engine `auto`, or the name of one
   * @throws SetupError when the server cannot be reached or does not let us in, UsageError when it has no such engine
   */
  static async connect(server: ServerAddress, engine: string, signal: AbortSignal): Promise<RemotePlace> {
    const agent = await opened(server, 'server', signal)
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

  /** Why a socket there cannot be given these options, if it cannot; before the first agent is opened. */
  async objection(kind: SocketKind, family: 4 | 6, options: SocketOptions, signal: AbortSignal) {
    const spare = this.#spare ?? (await opened(this.server, 'server', signal))
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
        return await opened(this.server, role, signal)
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

/** What a server answers before anything is measured. @throws SetupError when it does not; AgentError with code `ABORTED` */
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

async function opened(server: ServerAddress, role: string, signal: AbortSignal): Promise<RemoteAgent> {
  try {
    return await RemoteAgent.connect(server, role, signal)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    throw new SetupError(`${server.name}, port ${server.port}: ${explain(error)}`, { cause: error })
  }
}

/** What the server itself says, or TLS, is a line already. */
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
