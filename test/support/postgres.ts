/** A PostgreSQL of Debian's packages, in a folder of its own, for one test file: reached by a Unix socket in that, so that it takes no port. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { without } from './programs.ts'

const PACKAGED = '/usr/lib/postgresql'
const PATIENCE_MS = 120_000
/** A person who is not root: a server refuses to be. */
const NOBODY = 65_534

/** Why tests with one cannot run here; false when they can. */
export function withoutPostgres(): string | false {
  if (!programs()) return 'no server of PostgreSQL is installed on this machine'
  return without('psql')
}

export class Postgres {
  readonly user = 'bench'
  readonly password = "a:b@c d'%"
  readonly #folder: string
  readonly #server: ChildProcess

  private constructor(folder: string, server: ChildProcess) {
    this.#folder = folder
    this.#server = server
  }

  static async start(): Promise<Postgres> {
    const bin = programs() ?? ''
    // A path of a socket has at most 107 bytes.
    const folder = mkdtempSync('/tmp/bench-pg-')
    const data = join(folder, 'data')
    writeFileSync(join(folder, 'password'), "a:b@c d'%\n")
    const isRoot = process.geteuid?.() === 0
    if (isRoot) for (const each of [folder, join(folder, 'password')]) chownSync(each, NOBODY, NOBODY)
    const as = { cwd: folder, ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) }
    const made = ['-D', data, '-U', 'bench', '-E', 'UTF8', '--locale=C', '--no-sync', '-A', 'scram-sha-256']
    execFileSync(join(bin, 'initdb'), [...made, `--pwfile=${join(folder, 'password')}`], {
      ...as,
      stdio: 'ignore',
    })
    const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off']
    const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap(each => ['-c', each])], {
      ...as,
      stdio: 'ignore',
    })
    const postgres = new Postgres(folder, server)
    const until = monotonic() + PATIENCE_MS
    while (postgres.#psql('select 1').status !== 0) {
      if (monotonic() > until || server.exitCode !== null) throw new Error('no PostgreSQL began')
      await wait(100)
    }
    return postgres
  }

  /** Without a password. */
  get url(): string {
    return `postgres://${this.user}@${encodeURIComponent(this.#folder)}/postgres`
  }

  get urlWithPassword(): string {
    return this.url.replace('@', `:${encodeURIComponent(this.password)}@`)
  }

  /** Rows and columns as psql prints them without alignment. */
  ask(sql: string): string {
    const { status, stdout, stderr } = this.#psql(sql)
    if (status !== 0) throw new Error(stderr)
    return stdout.trimEnd()
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.#server.once('close', resolve))
    if (this.#server.exitCode === null) {
      this.#server.kill('SIGINT')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #psql(sql: string) {
    const env = { ...process.env, PGPASSWORD: this.password }
    return spawnSync('psql', ['-XAtw', '-v', 'ON_ERROR_STOP=1', this.url, '-c', sql], {
      env,
      encoding: 'utf8',
    })
  }
}

/** The folder of the newest server's programs. */
function programs(): string | undefined {
  if (!existsSync(PACKAGED)) return undefined
  const [newest] = readdirSync(PACKAGED).sort((a, b) => Number(b) - Number(a))
  const bin = join(PACKAGED, newest ?? '', 'bin')
  return existsSync(join(bin, 'initdb')) ? bin : undefined
}
