/** An agent forked on this machine. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../clock.ts'
import { errorMessage } from '../errors.ts'
import { Bell } from '../waiting.ts'
import { type FromAgent, parseFromAgent, type ToAgent } from './messages.ts'

/** What the program sees of an agent, wherever it runs. */
export interface AgentHandle extends AsyncDisposable {
  /** False once it has ended or its channel broke: a fresh one is needed. */
  readonly alive: boolean
  post(message: ToAgent): void
  /** The next message of the trial with one of these types; messages of other trials are dropped. @throws AgentError */
  next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>>
}

/** An agent did not answer in time (`TIMEOUT`), is gone (`AGENT_DIED`), could not do its part, or the run was called off. */
export class AgentError extends Error {
  override readonly name = 'AgentError'
  readonly code: string
  readonly phase: string | undefined

  constructor(code: string, message: string, phase?: string) {
    super(message)
    this.code = code
    this.phase = phase
  }
}

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))

/** Forks an agent. `name` is for messages: `sender` or `receiver`. @param cpu the only one that it may run on */
export function forkAgent(name: string, cpu?: number): AgentHandle {
  const child = fork(MAIN, cpu === undefined ? [] : [String(cpu)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
    // What the program that uses us was started with is no matter of an agent.
    execArgv: [],
  })
  return new LocalAgent(name, child)
}

class LocalAgent implements AgentHandle {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #inbox: FromAgent[] = []
  #gone: string | undefined
  #lastWords = ''
  readonly #bell = new Bell()

  constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
    child.on('message', message => this.#take(message))
    child.stderr?.setEncoding('utf8').on('data', text => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-2000)
    })
    child.once('error', error => this.#lose(errorMessage(error)))
    child.once('exit', (code, signal) => this.#lose(signal ? `ended by ${signal}` : `ended with ${code}`))
  }

  get alive(): boolean {
    return this.#gone === undefined
  }

  post(message: ToAgent): void {
    // A message that does not reach it is no news: the exit that follows a broken channel says why.
    if (this.#gone === undefined) this.#child.send(message, () => {})
  }

  async next<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Extract<FromAgent, { type: T }>> {
    const until = monotonic() + timeoutMs
    for (;;) {
      const found = this.#find(trial, types)
      if (found) return found
      if (this.#gone !== undefined) throw new AgentError('AGENT_DIED', this.#obituary())
      if (signal.aborted) throw new AgentError('ABORTED', 'the run was called off')
      const leftMs = until - monotonic()
      if (leftMs <= 0)
        throw new AgentError('TIMEOUT', `the ${this.#name} did not answer within ${Math.round(timeoutMs)} ms`)
      await this.#bell.wait(leftMs, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A process that could not be made has no number, and never exits.
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  #take(message: unknown): void {
    this.#inbox.push(parseFromAgent(message))
    this.#bell.ring()
  }

  #find<T extends FromAgent['type']>(
    trial: number,
    types: readonly T[],
  ): Extract<FromAgent, { type: T }> | undefined {
    for (;;) {
      const message = this.#inbox.shift()
      if (!message) return undefined
      if (message.trial !== trial) continue
      if (message.type === 'failed') {
        const { code, message: text, phase } = message.failure
        throw new AgentError(code, text, phase)
      }
      if (isOneOf(message, types)) return message
    }
  }

  #lose(reason: string): void {
    this.#gone ??= reason
    this.#bell.ring()
  }

  #obituary(): string {
    const lines = this.#lastWords.trim().split('\n')
    const words = lines.find(line => /^\w*Error\b/.test(line))
    return `the ${this.#name}'s process ${this.#gone}${words ? `: ${words}` : ''}`
  }
}

function isOneOf<T extends FromAgent['type']>(
  message: FromAgent,
  types: readonly T[],
): message is Extract<FromAgent, { type: T }> {
  return types.some(type => type === message.type)
}
