/** The C program that does a trial's job with nothing around it: compiled for the occasion, and asked for one transfer after another. */

import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { errorCode, errorMessage, SetupError } from '../../../base/errors.ts'
import { Bell } from '../../../base/waiting.ts'
import type { Pins } from '../../../scenarios/settings/words.ts'

/** From `dist` as well as from the sources. */
const SOURCE = fileURLToPath(new URL('../../../../test/benchmarks/fidelity/reference.c', import.meta.url))
const ANSWER_LIMIT_MS = 10_000

export interface Job {
  readonly protocol: 'tcp' | 'udp'
  readonly sizeBytes: number
  readonly chunkBytes: number
  /** Writes or datagrams a system call. */
  readonly batch: number
  /** Receive buffer asked for (udp); undefined leaves the system's own. */
  readonly rcvbufBytes: number | undefined
}

export interface Transfer {
  readonly deliveryMs: number
  readonly bytesDelivered: number
}

/** The compiled program. Dispose it to remove it. */
export class ReferenceProgram implements AsyncDisposable {
  readonly path: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.path = join(folder, 'reference')
  }

  /** Undefined where there is no `cc`. @throws SetupError when it does not compile */
  static async compile(signal: AbortSignal): Promise<ReferenceProgram | undefined> {
    const program = new ReferenceProgram(await mkdtemp(join(tmpdir(), 'bench-fidelity-')))
    try {
      await promisify(execFile)('cc', ['-O2', '-o', program.path, SOURCE], { signal })
      return program
    } catch (error) {
      await program[Symbol.asyncDispose]()
      signal.throwIfAborted()
      if (errorCode(error) === 'ENOENT') return undefined
      throw new SetupError(`cannot compile ${SOURCE}: ${errorMessage(error)}`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** Its two processes, each on its CPU. */
export class Reference implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #signal: AbortSignal
  readonly #bell = new Bell()
  readonly #answers: string[] = []
  #words = ''
  #over: string | undefined

  constructor(program: ReferenceProgram, pins: Pins, signal: AbortSignal) {
    this.#signal = signal
    this.#process = spawn(program.path, [String(pins.sender), String(pins.receiver)])
    createInterface(this.#process.stdout).on('line', line => {
      this.#answers.push(line)
      this.#bell.ring()
    })
    this.#process.stderr.setEncoding('utf8').on('data', text => {
      this.#words = `${this.#words}${text}`.slice(-500)
    })
    this.#process.stdin.on('error', () => {})
    this.#process.once('error', error => this.#end(errorMessage(error)))
    this.#process.once('close', code => this.#end(`ended with ${code}: ${this.#words.trim()}`))
  }

  /** @throws SetupError when it ended or took too long */
  async transfer({ protocol, sizeBytes, chunkBytes, batch, rcvbufBytes = 0 }: Job): Promise<Transfer> {
    this.#process.stdin.write(`${[protocol, sizeBytes, chunkBytes, batch, rcvbufBytes].join(' ')}\n`)
    if (this.#answers.length === 0 && this.#over === undefined)
      await this.#bell.wait(ANSWER_LIMIT_MS, this.#signal)
    this.#signal.throwIfAborted()
    const answer = this.#answers.shift()
    if (answer === undefined) throw new SetupError(`the C reference ${this.#over ?? 'does not answer'}`)
    const [deliveryMs = Number.NaN, bytesDelivered = Number.NaN] = answer.split(' ').map(Number)
    return { deliveryMs, bytesDelivered }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over !== undefined) return
    const closed = once(this.#process, 'close')
    this.#process.kill('SIGKILL')
    await closed
  }

  #end(how: string): void {
    this.#over ??= how
    this.#bell.ring()
  }
}
