/** The process of an agent on this host. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { monotonic } from '../../../base/clock.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import { moreDescriptors } from '../../../base/system-errors.ts'
import { type PluginIdentity, pluginsOfEnds } from '../../../transports/catalog.ts'
import { type FromAgent, fromAgent, type Hello, helloSchema, type ToAgent } from '../calls/agent-calls.ts'
import { LinkError } from '../link/link.ts'
import { type SpawnOptions, spawnAgent } from './spawn.ts'

export interface ProcessOptions extends SpawnOptions {
  /** The only CPU its end may run on, and that of the other end. */
  readonly cpus?: readonly number[] | undefined
  /** What it has to load, besides what is built in. */
  readonly plugins?: readonly PluginIdentity[] | undefined
}

/** The code of the loss of a link to an agent where every later one would fail too. */
export const USELESS = 'USELESS'

export class AgentProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  #lastWords = ''
  #over = false
  #hello: Hello | undefined

  #take: (message: FromAgent) => void = () => {}
  #lost: (error: LinkError) => void = () => {}

  constructor({ cpus = [], plugins = [], ...options }: ProcessOptions = {}) {
    const words = [...cpus.map(String), ...pluginsOfEnds(plugins).map(each => each.module)]
    const { child, startedAt, said } = spawnAgent(words, options)
    this.#child = child
    const end = (how: string, useless = false) => {
      if (this.#over) return
      this.#over = true
      const reason = `${how}${this.#words()}`
      // Every later one would fail too.
      const remedy = moreDescriptors(reason)
      const code = useless || remedy !== undefined ? USELESS : 'GONE'
      this.#lost(new LinkError(code, reason, remedy))
    }
    this.#child.on('message', message => {
      const said = fromAgent.safeParse(message)
      if (said.success) return this.#take(said.data)
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
      end('sent an unknown message')
      this.#child.kill('SIGKILL')
    })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-2000)
    })
    // A program that was removed does not come back.
    this.#child.once('error', error =>
      end(`cannot be started: ${errorMessage(error)}`, ['ENOENT', 'EACCES'].includes(errorCode(error) ?? '')),
    )
    this.#child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with ${code}`))
    process.nextTick(() => {
      for (const message of said) child.emit('message', message)
    })
  }

  /** Its hello message, once received; a build that sends none is an old one. */
  get hello(): Hello | undefined {
    return this.#hello
  }

  /** @param lost called with how it ended, including its last words if it had any */
  listen(take: (message: FromAgent) => void, lost: (error: LinkError) => void): void {
    this.#take = take
    this.#lost = lost
  }

  send(message: ToAgent): void {
    // Ignore a message that does not arrive: the exit after a broken channel gives the reason.
    if (!this.#over && this.#child.connected) this.#child.send(message, () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A process that failed to start has no pid, and never exits.
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
