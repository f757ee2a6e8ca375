/** A program that runs beside us: what it printed, and that it ends, whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, errorMessage, SetupError } from '../../../base/errors.ts'
import { boundSocket } from './ports.ts'

/** How long a server may take to listen, and how often we look. */
const LISTENING_LIMIT_MS = 5000
const LOOK_EVERY_MS = 5

interface Ending {
  readonly code: number | null
  readonly killedBy: string | null
}

/** Killed when it is disposed, when `signal` aborts, and after `limitMs`. */
export class Child implements AsyncDisposable {
  readonly #command: string
  readonly #limitMs: number
  readonly #signal: AbortSignal
  readonly #process: ChildProcess
  readonly #closed: Promise<Ending>
  #problem: Error | undefined
  #out = ''
  #err = ''
  #over = false

  /** @param cpu the one that it may run on; by taskset(1) */
  constructor(
    command: string,
    args: readonly string[],
    limitMs: number,
    signal: AbortSignal,
    cpu?: number | undefined,
  ) {
    this.#command = command
    this.#limitMs = limitMs
    this.#signal = signal
    const words = [...(cpu === undefined ? [] : ['taskset', '--cpu-list', String(cpu)]), command, ...args]
    const [program = command, ...rest] = words
    this.#process = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
      signal,
    })
    this.#process.stdout?.setEncoding('utf8').on('data', text => {
      this.#out += text
    })
    this.#process.stderr?.setEncoding('utf8').on('data', text => {
      this.#err += text
    })
    // Whatever the trouble, `close` follows.
    this.#process.on('error', error => {
      this.#problem = error
    })
    this.#closed = new Promise(resolve => {
      this.#process.once('close', (code, killedBy) => {
        this.#over = true
        resolve({ code, killedBy })
      })
    })
  }

  /** Asks it to end as Ctrl-C does. */
  interrupt(): void {
    this.#process.kill('SIGINT')
  }

  /** What it printed, once it has ended by itself. @throws SetupError when it failed or took too long */
  async output(): Promise<string> {
    const { code, killedBy } = await this.#closed
    if (code === 0) return this.#out
    this.#signal.throwIfAborted()
    throw new SetupError(this.#obituary(code, killedBy))
  }

  /** Waits until it has an open socket at `port` of 127.0.0.1. @throws SetupError when it ends before, or takes too long */
  async listening(protocol: 'tcp' | 'udp', port: number): Promise<void> {
    const until = performance.now() + LISTENING_LIMIT_MS
    while (!boundSocket(protocol, port)) {
      if (this.#over) await this.output()
      if (this.#over || performance.now() > until)
        throw new SetupError(`${this.#command} did not listen on ${protocol} port ${port}`)
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.#signal })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#process.kill('SIGKILL')
    await this.#closed
  }

  #obituary(code: number | null, killedBy: string | null): string {
    if (this.#problem) return `cannot run ${this.#command}: ${reasonOf(this.#problem)}`
    if (killedBy === 'SIGKILL') return `${this.#command} did not end within ${this.#limitMs / 1000} s`
    const told = /"error":\s*"(.*)"/.exec(this.#out)?.[1] ?? lastLine(this.#err) ?? lastLine(this.#out)
    return `${this.#command} ended with ${code ?? killedBy}${told ? `: ${told}` : ''}`
  }
}

function reasonOf(problem: Error): string {
  return errorCode(problem) === 'ENOENT' ? 'not found' : (errorCode(problem) ?? errorMessage(problem))
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined
}
