/**
 * Commands run one after another by a process that stays, where not the process is what is tested: to start one for each
 * costs as much as what most of them do. Agents and sockets are as real as ever.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../base/clock.ts'
import { Bell } from '../../base/waiting.ts'
import type { Said } from '../support/in-process.ts'
import type { Ended } from './cli.ts'

const PROGRAM = fileURLToPath(new URL('./resident-program.js', import.meta.url))

/** A command, as a resident takes it. */
export interface Command {
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Residents without work, by the words that say where they run. */
const IDLE = new Map<string, Resident[]>()

/**
 * Runs a command to its end.
 *
 * @param at words before the command: where it runs
 * @param environment what the resident is started with; `command.env` is laid over it
 */
export async function runInResident(
  command: Command,
  at: readonly string[],
  environment: NodeJS.ProcessEnv,
  patienceMs: number,
): Promise<Ended> {
  const key = JSON.stringify(at)
  const idle = IDLE.get(key) ?? []
  IDLE.set(key, idle)
  const resident = idle.pop() ?? new Resident(at, environment)
  const ended = await resident.run(command, patienceMs)
  idle.push(resident)
  return ended
}

class Resident {
  readonly #child: ChildProcess
  readonly #bell = new Bell()
  #told: Said | undefined
  #words = ''
  #over = false

  constructor(at: readonly string[], env: NodeJS.ProcessEnv) {
    const [command = '', ...rest] = [...at, process.execPath, PROGRAM]
    this.#child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env })
    this.#child.on('message', (told: Said) => {
      this.#told = told
      this.#bell.ring()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', text => {
      this.#words += text
    })
    const over = () => {
      this.#over = true
      this.#bell.ring()
    }
    this.#child.once('exit', over).once('error', over)
    // It ends with this process, and does not keep it: a command under way is waited for.
    this.#child.unref()
    this.#child.channel?.unref()
    if (this.#child.stderr instanceof Socket) this.#child.stderr.unref()
  }

  async run(command: Command, patienceMs: number): Promise<Ended> {
    const until = monotonic() + patienceMs
    this.#told = undefined
    this.#words = ''
    // That it did not reach it is seen by its end.
    this.#child.send(command, () => {})
    while (!this.#told) {
      const what = `${command.words.join(' ')}\n${this.#words}`
      assert(!this.#over, `the resident ended during ${what}`)
      if (monotonic() > until) {
        this.#child.kill('SIGKILL')
        assert.fail(`no end after ${patienceMs} ms of ${what}`)
      }
      await this.#bell.wait(1000, new AbortController().signal)
    }
    const { code, stdout, stderr } = this.#told
    // A warning of Node itself would stand there as well.
    return { code, signal: null, stdout, stderr: stderr + this.#words }
  }
}
