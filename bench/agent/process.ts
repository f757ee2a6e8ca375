/** The process of an agent on this host. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { errorMessage } from '../errors.ts'
import { type FromAgent, fromAgent, type ToAgent } from './messages.ts'

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url))

export class AgentProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  #lastWords = ''
  #over = false

  /**
   * @param gone told once, how it ended, with its last words if it had any
   * @param cpu the only one that it may run on
   */
  constructor(take: (message: FromAgent) => void, gone: (how: string) => void, cpu?: number) {
    const { BENCH_TOKEN: _, ...env } = process.env
    this.#child = fork(MAIN, cpu === undefined ? [] : [String(cpu)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
      // What the program that uses us was started with is no matter of an agent.
      execArgv: [],
      env,
    })
    const end = (how: string) => {
      if (this.#over) return
      this.#over = true
      gone(`${how}${this.#words()}`)
    }
    this.#child.on('message', message => {
      const said = fromAgent.safeParse(message)
      if (said.success) return take(said.data)
      end('said what nobody understands')
      this.#child.kill('SIGKILL')
    })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-2000)
    })
    this.#child.once('error', error => end(errorMessage(error)))
    this.#child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with ${code}`))
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
