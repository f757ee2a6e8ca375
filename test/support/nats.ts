/** A real NATS server, with JetStream and a store folder of its own: can be killed, and started again where it was. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonic } from '../../base/clock.ts'
import { without } from './programs.ts'

const PROGRAM = 'nats-server'
const PATIENCE_MS = 60_000

/** Why there can be none here; false when there can. */
export const withoutNats = without(PROGRAM)

export interface NatsSetting {
  /** Words before the command: where it runs. On loopback of this host without them. */
  readonly at?: readonly string[]
  /** Where it listens; port 0 lets the system choose. */
  readonly host?: string
  readonly port?: number
  /** What else its configuration says: users, permissions, TLS. */
  readonly config?: string
  /** With JetStream, unless this is false. */
  readonly jetstream?: boolean
}

export class NatsServer implements AsyncDisposable {
  /** Configuration and store are here. */
  readonly folder = mkdtempSync(join(tmpdir(), 'bench-nats-'))
  readonly #setting: NatsSetting
  #port: number
  #child: ChildProcess | undefined
  #log = ''

  /** Resolves once it takes clients. */
  static async start(setting: NatsSetting = {}): Promise<NatsServer> {
    const server = new NatsServer(setting)
    await server.start()
    return server
  }

  private constructor(setting: NatsSetting) {
    this.#setting = setting
    this.#port = setting.port ?? 0
  }

  get port(): number {
    return this.#port
  }

  get host(): string {
    return this.#setting.host ?? '127.0.0.1'
  }

  get url(): string {
    return `nats://${this.host}:${this.port}`
  }

  /** What it has logged. */
  get log(): string {
    return this.#log
  }

  /** The same port and store as before, if it ran before. */
  async start(): Promise<void> {
    assert(this.#child === undefined, 'the server runs already')
    const { at = [], config = '', jetstream = true } = this.#setting
    const file = join(this.folder, 'nats.conf')
    const store = jetstream ? `jetstream { store_dir: ${JSON.stringify(join(this.folder, 'store'))} }\n` : ''
    // A port of -1 is one that the system chooses.
    writeFileSync(file, `listen: "${this.host}:${this.#port === 0 ? -1 : this.#port}"\n${store}${config}\n`)
    this.#log = ''
    const [command = PROGRAM, ...words] = [...at, PROGRAM, '-c', file]
    const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', text => {
      this.#log += text
    })
    await this.#until(/Server is ready/)
    this.#port = Number(/Listening for client connections on \S+:(\d+)/.exec(this.#log)?.[1] ?? this.#port)
  }

  /** Ends it as a crash would; resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child.once('close', resolve))
    child.kill(signal)
    await ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #until(text: RegExp): Promise<void> {
    const until = monotonic() + PATIENCE_MS
    while (!text.test(this.#log)) {
      assert(this.#child?.exitCode === null && monotonic() < until, `nats-server did not start: ${this.#log}`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}
