/** The product on Windows: commands started under wine by the Node of this run of the tests (`main.ts`). */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { type Ended, plainEnvironment, Running, TERMINAL } from '../e2e/cli.ts'
import { TOKEN } from '../e2e/two-hosts.ts'

/** Set by `main.ts`. */
const { BENCH_WINE_LOADER: LOADER = '', BENCH_WINDOWS_NODE: NODE = '', WINEPREFIX = '' } = process.env
const DRIVE = join(WINEPREFIX, 'drive_c')
/** Where the package is installed. */
export const BENCH = 'C:\\Prüf stand\\bench'

/** Why a test is left out of the smoke; false where all of them run. */
export const notInSmoke = process.env['BENCH_WINDOWS_PART'] === 'smoke' && 'not in the smoke'

/** The version of a Node beside the one that is tested, if there is one. */
export const OTHER_NODE = process.env['BENCH_WINDOWS_OTHER_NODE']

/** No wait of these tests is longer: under wine a start takes seconds, on a busy machine many. */
const PATIENCE_MS = 300_000

/** Commands run in a folder with a space and an umlaut in its name. */
export function windowsFolder(context: Pick<TestContext, 'after'>): string {
  const parent = join(DRIVE, 'Meine Daten ü')
  mkdirSync(parent, { recursive: true })
  const path = mkdtempSync(join(parent, 'e2e-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** `C:\…` of a path on Linux. */
export function windowsPath(path: string): string {
  assert(path.startsWith(`${DRIVE}/`))
  return `C:${path.slice(DRIVE.length).replaceAll('/', '\\')}`
}

/** The inverse. */
export function linuxPath(path: string): string {
  return path.replace(/^C:/, DRIVE).replaceAll('\\', '/')
}

/** The executable of a Node. */
export function nodeExe(version = NODE): string {
  return `C:\\node${version}\\bin\\node.exe`
}

/** A command under way. Its output goes to files, since node.exe under wine takes no Unix pipe (EBADF). Disposing it ends it. */
export class OnWindows implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #output: string
  #code: number | null | undefined

  constructor(words: readonly string[], cwd: string) {
    this.#output = mkdtempSync(join(WINEPREFIX, 'output-'))
    const [out, err] = ['stdout', 'stderr'].map(name => openSync(join(this.#output, name), 'w'))
    assert(out !== undefined && err !== undefined)
    const env = { ...plainEnvironment(), BENCH_TOKEN: TOKEN }
    // The loader becomes node.exe: the process is the same.
    this.#child = spawn(LOADER, [nodeExe(), ...words], { cwd, env, stdio: ['ignore', out, err] })
    this.#child.once('exit', code => {
      this.#code = code
    })
    for (const descriptor of [out, err]) closeSync(descriptor)
  }

  get pid(): number {
    assert(this.#child.pid !== undefined)
    return this.#child.pid
  }

  get stdout(): string {
    return readFileSync(join(this.#output, 'stdout'), 'utf8')
  }

  get stderr(): string {
    return readFileSync(join(this.#output, 'stderr'), 'utf8')
  }

  /** Waits for what `look` finds; fails when the process ends without it, or after long. */
  async until<T>(what: string, look: (running: this) => T | undefined | false): Promise<T> {
    return await eventually(what, () => {
      const found = look(this)
      const isFound = found !== undefined && found !== false
      assert(isFound || this.#code === undefined, `ended without ${what}\n${this.stdout}\n${this.stderr}`)
      return found
    })
  }

  async over(): Promise<Ended> {
    const code = await eventually('end', () => (this.#code === undefined ? false : { code: this.#code }))
    return { ...code, signal: this.#child.signalCode, stdout: this.stdout, stderr: this.stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#code === undefined) this.#child.kill('SIGKILL')
    await this.over()
    rmSync(this.#output, { recursive: true, force: true })
  }
}

/** Waits for what holds sooner or later. */
export async function eventually<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const until = monotonic() + PATIENCE_MS
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    assert(monotonic() < until, `no ${what} after ${PATIENCE_MS} ms`)
    await sleep(50)
  }
}

const CLI = `${BENCH}\\dist\\bench\\cli.js`

export function startOnWindows(words: readonly string[], cwd: string): OnWindows {
  return new OnWindows([CLI, ...words], cwd)
}

/** Runs a command to its end. */
export async function benchOnWindows(words: readonly string[], cwd: string): Promise<Ended> {
  await using running = startOnWindows(words, cwd)
  return await running.over()
}

/** A command in a console of 100 columns, to which keys can be sent. */
export function startInConsole(words: readonly string[], cwd: string): Running {
  const env = { BENCH_TOKEN: TOKEN }
  return new Running('python3', [TERMINAL, '100', LOADER, nodeExe(), CLI, ...words], {
    cwd,
    env,
    inputStaysOpen: true,
  })
}

/** Small, one round, nothing before it; whatever the machine is busy with. */
export const QUICK = ['--repeat', '1', '--warmup', '0', '--timeout', '120s', '--no-chart', '--quiet']

/** The same, with rows on standard output. */
export const ROWS = [...QUICK, '--format', 'jsonl']
