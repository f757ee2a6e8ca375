/** The built command line and the Python peers as child processes: started, watched, and ended by their pid. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../base/clock.ts'
import { Bell } from '../../base/waiting.ts'
import { runInResident } from './resident.ts'

/** The root of the repository: this file runs as dist/test/e2e/cli.js. */
const ROOT = new URL('../../../', import.meta.url)
const CLI = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))
const PEERS = {
  pictures: fileURLToPath(new URL('test/peers/peer.py', ROOT)),
  messages: fileURLToPath(new URL('test/peers/messages.py', ROOT)),
  stamp: fileURLToPath(new URL('test/peers/stamp.py', ROOT)),
  arq: fileURLToPath(new URL('test/peers/arq.py', ROOT)),
  multicast: fileURLToPath(new URL('test/peers/multicast.py', ROOT)),
} as const
export const TERMINAL = fileURLToPath(new URL('test/e2e/terminal.py', ROOT))
export const PICTURE = fileURLToPath(new URL('test/peers/picture.png', ROOT))

/** No wait of these tests is longer. */
const PATIENCE_MS = 240_000

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  readonly cwd: string
  /** Laid over an environment that says nothing of terminals and CI. */
  readonly env?: Readonly<Record<string, string>>
  /** On standard input; nothing is there otherwise. */
  readonly input?: string
  /** Standard input never ends. */
  readonly inputStaysOpen?: boolean
}

/** Why tests that read /proc cannot run here; false when they can. */
export const withoutProc = process.platform === 'linux' ? false : 'this system has no /proc'

/** Says nothing of terminals and CI, and of locales that they are UTF-8. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { CI, NO_COLOR, FORCE_COLOR, COLUMNS, NODE_TEST_CONTEXT, ...rest } = process.env
  return { ...rest, TERM: 'xterm', LC_ALL: 'C.UTF-8' }
}

/** A process under test. Disposing it ends it. */
export class Running implements AsyncDisposable {
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #bell = new Bell()
  #over = false

  constructor(
    command: string,
    args: readonly string[],
    { cwd, env = {}, input = '', inputStaysOpen = false }: StartOptions,
  ) {
    const child = spawn(command, args, { cwd, env: { ...plainEnvironment(), ...env } })
    this.#child = child
    // A command that is refused ends before it reads.
    child.stdin.on('error', () => {})
    child.stdin.write(input)
    if (!inputStaysOpen) child.stdin.end()
    child.stdout.setEncoding('utf8').on('data', text => {
      this.stdout += text
      this.#bell.ring()
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      this.stderr += text
      this.#bell.ring()
    })
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        this.#over = true
        this.#bell.ring()
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
      })
    })
  }

  get pid(): number {
    assert(this.#child.pid !== undefined)
    return this.#child.pid
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** On its standard input, if that stays open. */
  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Nobody reads what it writes for now. */
  pauseStdout(): void {
    this.#child.stdout?.pause()
  }

  resumeStdout(): void {
    this.#child.stdout?.resume()
  }

  /** Nobody reads what it writes any more. */
  closeStdout(): void {
    this.#child.stdout?.destroy()
  }

  /** Waits for what `look` finds; fails when the process ends without it, or after long. */
  async until<T>(what: string, look: (running: this) => T | undefined | false): Promise<T> {
    const until = monotonic() + PATIENCE_MS
    for (;;) {
      const found = look(this)
      if (found !== undefined && found !== false) return found
      const told = `\nstdout: ${this.stdout}\nstderr: ${this.stderr}`
      assert(!this.#over, `ended without ${what}${told}`)
      assert(monotonic() < until, `no ${what} after ${PATIENCE_MS} ms${told}`)
      await this.#bell.wait(50, new AbortController().signal)
    }
  }

  /** Waits for its end. */
  async over(): Promise<Ended> {
    await this.until('end', () => this.#over)
    return this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

export interface BenchOptions extends StartOptions {
  /** Words before the command: where it runs. */
  readonly at?: readonly string[]
}

/** The built command line in a process of its own. */
export function startBench(args: readonly string[], { at = [], ...options }: BenchOptions): Running {
  const [command = '', ...rest] = [...at, ...BENCH_WORDS, ...args]
  return new Running(command, rest, options)
}

/** Runs the built command line to its end, in a process of its own. */
export async function benchProcess(args: readonly string[], options: BenchOptions): Promise<Ended> {
  await using running = startBench(args, options)
  return await running.over()
}

/** Runs a command to its end: in a process of its own only where its input or environment have to be. */
export async function bench(args: readonly string[], options: BenchOptions): Promise<Ended> {
  const { cwd, env = {}, at = [], input, inputStaysOpen } = options
  const ofCommands = Object.keys(env).every(name => name === 'BENCH_TOKEN' || name.startsWith('GITHUB_'))
  if (!ofCommands || input !== undefined || inputStaysOpen) return benchProcess(args, options)
  return await runInResident({ words: args, cwd, env }, at, plainEnvironment(), PATIENCE_MS)
}

/** The words that run the built command line. */
export const BENCH_WORDS: readonly string[] = [process.execPath, CLI]

/** An independent peer; a receiving one has been bound when this resolves. */
export async function startPeer(
  args: readonly string[],
  { at = [], ...options }: BenchOptions,
  program: keyof typeof PEERS = 'pictures',
): Promise<Running & { readonly port: number }> {
  const answers = args[0] === 'answer'
  const receives = args[0] === 'receive'
  // On a busy machine what sends to it may take long to start.
  const patient = receives && !args.includes('--timeout') ? ['--timeout', '60'] : []
  const [command = '', ...words] = [...at, 'python3', PEERS[program], ...args, ...patient]
  const running = new Running(command, words, options)
  if (!receives && !answers) return Object.assign(running, { port: 0 })
  const port = await running.until('PORT', ({ stdout }) => /^PORT (\d+)\n/.exec(stdout)?.[1])
  return Object.assign(running, { port: Number(port) })
}

/** A peer run to its end, with the JSON lines that it printed. */
export async function peer(args: readonly string[], options: StartOptions) {
  await using running = await startPeer(args, options)
  return peerReport(await running.over())
}

export interface PeerLine {
  readonly bytes: number
  readonly sha256: string | null
  readonly note: string
  readonly acknowledged?: boolean
  readonly complete?: boolean
}

export function peerReport({ code, stdout, stderr }: Ended): { code: number | null; lines: PeerLine[] } {
  assert.equal(stderr, '')
  const lines = stdout.split('\n').filter(line => line.startsWith('{'))
  return { code, lines: lines.map(line => JSON.parse(line)) }
}

/** A folder of its own for a test, gone when the test is over. */
export function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Whether a process runs; one that has ended and waits for its parent does not. */
export function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The children of a process. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

/** Waits until none of these processes runs. */
export async function allGone(pids: readonly number[]): Promise<void> {
  const until = monotonic() + 10_000
  while (pids.some(runs)) {
    assert(monotonic() < until, `still running: ${pids.filter(runs)}`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

/** What a failed command has to look like: one line, in our words, and no stack trace. */
export function assertOneLine(
  { stderr }: Pick<Ended, 'stderr'>,
  ...parts: readonly (string | RegExp)[]
): void {
  assert.match(stderr, /^bench: [^\n]+\n$/)
  assert.doesNotMatch(stderr, /internal error|\s{4}at /)
  for (const part of parts)
    assert(typeof part === 'string' ? stderr.includes(part) : part.test(stderr), `${part} in ${stderr}`)
}

/** The command is wrong, and one line on standard error says so. */
export function assertRefused(ended: Ended, ...parts: readonly string[]): void {
  assert.equal(ended.code, 2, ended.stderr)
  assertOneLine(ended, ...parts)
}
