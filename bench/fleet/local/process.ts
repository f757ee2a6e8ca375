/** The process of an agent on this host. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../../base/clock.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import { moreDescriptors } from '../../../base/system-errors.ts'
import { type PluginIdentity, pluginsOfEnds } from '../../../transports/catalog.ts'
import { LATER_FLAGS, V8_FLAGS } from '../agent/v8-flags.ts'
import { type FromAgent, fromAgent, type Hello, helloSchema, type ToAgent } from '../calls/agent-calls.ts'
import type { Environment } from '../calls/environment.ts'
import { LinkError } from '../link/link.ts'

export interface AgentProgram {
  readonly node: string
  /** The `main.js` of its build. */
  readonly main: string
  /** Versions to assume if it does not report its own. */
  readonly versions?: Pick<Environment, 'node_version' | 'bench_version'>
}

/** This build, on the Node that is running it; a single executable runs `main` itself (deploy/release/single.ts). */
export const OUR_PROGRAM: AgentProgram = {
  node: process.execPath,
  main: fileURLToPath(new URL('../../agent/main.js', import.meta.url)),
}

export interface ProcessOptions {
  /** The only CPU its end may run on, and that of the other end. */
  readonly cpus?: readonly number[] | undefined
  /** What it has to load, besides what is built in. */
  readonly plugins?: readonly PluginIdentity[] | undefined
  /** This build if absent. */
  readonly program?: AgentProgram | undefined
  /** The command that starts it, with its own words. */
  readonly before?: readonly string[] | undefined
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

  constructor({ cpus = [], plugins = [], program = OUR_PROGRAM, before = [] }: ProcessOptions = {}) {
    const { BENCH_TOKEN: _, ...env } = process.env
    const words = [...cpus.map(String), ...pluginsOfEnds(plugins).map(each => each.module)]
    const startedAt = monotonic()
    const flags = program.main === OUR_PROGRAM.main ? V8_FLAGS : [...V8_FLAGS, ...LATER_FLAGS]
    const isSingle = isSea() && program.node === process.execPath
    const options = isSingle ? [`--node-options=${flags.join(' ')}`] : flags
    // Not fork(), which passes on the flags of the calling program, and cannot hide a console window on Windows.
    const [command = program.node, ...rest] = [...before, program.node, ...options, program.main, ...words]
    this.#child = spawn(command, rest, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
      windowsHide: true,
      env,
    })
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
