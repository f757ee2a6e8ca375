/** The process of an agent on this host. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../../base/clock.ts'
import { errorMessage } from '../../../base/errors.ts'
import { moreDescriptors } from '../../../base/system-errors.ts'
import { V8_FLAGS } from '../agent/v8-flags.ts'
import type { Environment } from '../calls/environment.ts'
import { type FromAgent, fromAgent, type Hello, helloSchema, type ToAgent } from '../calls/messages.ts'

/** Which program an agent is. */
export interface AgentProgram {
  /** The Node that it runs on. */
  readonly node: string
  /** The `main.js` of its build. */
  readonly main: string
  /** What is known of it, should it say nothing of itself. */
  readonly versions?: Pick<Environment, 'node_version' | 'bench_version'>
}

/** This build on the Node that runs it. */
export const OUR_PROGRAM: AgentProgram = {
  node: process.execPath,
  main: fileURLToPath(new URL('../agent/main.js', import.meta.url)),
}

export interface ProcessOptions {
  /** The only CPU that it may run on. */
  readonly cpu?: number | undefined
  /** Ours when absent. */
  readonly program?: AgentProgram | undefined
}

export class AgentProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  #lastWords = ''
  #over = false
  #hello: Hello | undefined

  /**
   * @param gone called once with how it ended, and its last words if it had any; `useless`: so will each one after it
   */
  constructor(
    take: (message: FromAgent) => void,
    gone: (how: string, useless: boolean) => void,
    { cpu, program = OUR_PROGRAM }: ProcessOptions = {},
  ) {
    const { BENCH_TOKEN: _, ...env } = process.env
    const startedAt = monotonic()
    // Not fork(), which passes on what the program that uses us was started with, and cannot hide a console on Windows.
    this.#child = spawn(
      program.node,
      [...V8_FLAGS, program.main, ...(cpu === undefined ? [] : [String(cpu)])],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        serialization: 'json',
        windowsHide: true,
        env,
      },
    )
    const end = (how: string, useless = false) => {
      if (this.#over) return
      this.#over = true
      const reason = `${how}${this.#words()}`
      // So will each one after it.
      const remedy = moreDescriptors(reason)
      gone(remedy === undefined ? reason : `${reason}; ${remedy}`, useless || remedy !== undefined)
    }
    this.#child.on('message', message => {
      const said = fromAgent.safeParse(message)
      if (said.success) return take(said.data)
      const hello = helloSchema.safeParse(message)
      if (hello.success) {
        const { clockMs } = hello.data
        if (clockMs === undefined || (clockMs >= startedAt && clockMs <= monotonic())) {
          this.#hello = hello.data
          return
        }
        end(
          'has a monotonic clock of its own, so no time between two processes can be measured; run it on Node.js',
          true,
        )
      }
      end('said what nobody understands')
      this.#child.kill('SIGKILL')
    })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-2000)
    })
    this.#child.once('error', error => end(`cannot be started: ${errorMessage(error)}`))
    this.#child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with ${code}`))
  }

  /** What it said of itself, once it has; a build that says nothing is an old one. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  post(message: ToAgent): void {
    // A message that does not reach it is no news: the exit that follows a broken channel says why.
    if (!this.#over && this.#child.connected) this.#child.send(message, () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A process that could not be made has no number, and never exits.
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  #words(): string {
    const words = this.#lastWords
      .trim()
      .split('\n')
      .find(line => /^\w*Error\b/.test(line))
    return words ? `: ${words}` : ''
  }
}
