/** This host, and its agents: processes that are forked here. */
import type { Pins } from '../../../scenarios/settings/words.ts'
import type { Hello, ToAgent } from '../calls/agent-calls.ts'
import type { Environment } from '../calls/environment.ts'
import { AgentHandle, type ClockReading, type Standing } from '../calls/handle.ts'
import { environment } from '../facts/environment.ts'
import type { AgentRole, Host } from '../host.ts'
import { type Apartness, Namespaces } from './namespaces.ts'
import { AgentProcess, type ProcessOptions, USELESS } from './process.ts'
import type { AgentProgram } from './spawn.ts'

export interface LocalOptions extends Pick<ProcessOptions, 'plugins'> {
  readonly pins?: Pins | undefined
  /** Its ends are apart from each other. */
  readonly namespaces?: Apartness | undefined
  /** The program of its agents; this build and its Node if absent. */
  readonly program?: AgentProgram | undefined
}

export class LocalHost implements Host {
  readonly isHere = true
  readonly name = 'this host'
  readonly engine: string
  readonly pins: Pins | undefined
  readonly agentsKey: string
  readonly #plugins: LocalOptions['plugins']
  readonly #program: AgentProgram | undefined
  #namespaces: Namespaces | undefined
  readonly #assumed: Environment
  #latest: LocalAgent | undefined

  constructor(engine: string, { pins, plugins, program, namespaces }: LocalOptions = {}) {
    this.engine = engine
    this.pins = pins
    this.agentsKey = JSON.stringify([program?.node, program?.main, pins, namespaces])
    this.#plugins = plugins
    this.#program = program
    this.#namespaces = namespaces && Namespaces.of(this.agentsKey, namespaces)
    this.#assumed = { ...environment(), ...program?.versions }
  }

  /** As its latest agent reported it. */
  get environment(): Environment {
    return this.#latest?.hello?.environment ?? this.#assumed
  }

  async open(role: AgentRole): Promise<LocalAgent> {
    const { sender, receiver } = this.pins ?? {}
    const own = role === 'sender' ? [sender, receiver] : role === 'receiver' ? [receiver, sender] : []
    const cpus = own.filter(cpu => cpu !== undefined)
    const place = await this.#namespaces?.place(role)
    const options = { cpus, plugins: this.#plugins, program: this.#program, before: place?.before }
    this.#latest = new LocalAgent(role, options, place?.standing)
    return this.#latest
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const namespaces = this.#namespaces
    this.#namespaces = undefined
    await namespaces?.[Symbol.asyncDispose]()
  }
}

/** Forks the process when constructed. */
export class LocalAgent extends AgentHandle {
  readonly #process: AgentProcess

  /** @param name for messages: `sender` or `receiver` */
  constructor(name: string, options: ProcessOptions, standing?: Standing) {
    super(name, standing)
    this.#process = new AgentProcess(options)
    this.#process.listen(
      message => this.put(message),
      ({ code, message }) => this.close(`the ${name}'s process ${message}`, code === USELESS),
    )
  }

  /** Its hello message: set once it has answered anything, unless it is an old build. */
  get hello(): Hello | undefined {
    return this.#process.hello
  }

  post(message: ToAgent): void {
    this.#process.send(message)
  }

  /** All processes of a host share one clock. */
  async readClock(): Promise<ClockReading> {
    return { offsetMs: 0, errorMs: 0, rttMs: undefined }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]()
  }
}
