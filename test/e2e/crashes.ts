/** A fleet of which something is killed in the middle of a run, at a moment that a seed decides, and what was measured nevertheless. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import { finalize, seededRandom } from '../../base/random.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { NatsServer } from '../support/nats.ts'
import { Star } from '../support/star.ts'
import { benchProcess, type Ended, Running, startBench } from './cli.ts'
import { parseRows, readCsv } from './rows.ts'
import { TOKEN } from './two-hosts.ts'

export const VICTIMS = ['coordinator', 'agent', 'broker'] as const
export type Victim = (typeof VICTIMS)[number]

const NAMES = ['a', 'b', 'c']
const TRANSPORTS = ['tcp', 'udp-header']
const ROWS = NAMES.length * (NAMES.length - 1) * TRANSPORTS.length
/** So that a name and a lease of a dead program need not be waited for as long as usual. */
const TTL_MS = 6000
/** Runs that it may take until nothing is missing. */
const MOST_RUNS = 8
const PATIENCE_MS = 240_000
const MAKE_BUCKETS = fileURLToPath(new URL('../support/make-buckets.js', import.meta.url))

export interface Crash {
  readonly victim: string
  /** Rows that the file had when it was killed. */
  readonly after: number
  /** From where the run was resumed, each time that it was. */
  readonly resumed: readonly ('file' | 'stream')[]
  /** Of all rows, those of trials that failed. */
  readonly failed: number
  readonly rows: number
}

export class CrashingFleet implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-crashes-'))
  readonly #star: Star
  readonly #broker: NatsServer
  readonly #daemons = new Map<string, Running>()
  #files = 0

  static async start(): Promise<CrashingFleet> {
    const star = new Star(NAMES.length)
    const broker = await NatsServer.start({ at: star.words(), host: star.router(1) })
    const fleet = new CrashingFleet(star, broker)
    const [command = '', ...words] = [
      ...star.words(),
      process.execPath,
      MAKE_BUCKETS,
      broker.url,
      `${TTL_MS}`,
    ]
    const { code, stderr } = await new Running(command, words, { cwd: fleet.#folder }).over()
    assert.equal(code, 0, stderr)
    await Promise.all(NAMES.map(name => fleet.#serve(name)))
    return fleet
  }

  private constructor(star: Star, broker: NatsServer) {
    this.#star = star
    this.#broker = broker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#daemons.values()].map(daemon => daemon[Symbol.asyncDispose]()))
    await this.#broker[Symbol.asyncDispose]()
    this.#star[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** @throws AssertionError unless every pair was measured once in each case, in the last file and in the stream */
  async crash(victim: Victim, seed: number): Promise<Crash> {
    try {
      return await this.#crash(victim, seed)
    } catch (error) {
      const said = [...this.#daemons].map(([name, { stdout, stderr }]) => `${name}:\n${stdout}${stderr}`)
      throw new Error(`${errorMessage(error)}\n${said.join('\n')}`, { cause: error })
    }
  }

  async #crash(victim: Victim, seed: number): Promise<Crash> {
    // Those of seeds that follow each other begin alike.
    const random = seededRandom(finalize(seed))
    const after = 1 + Math.floor(random() * (ROWS - 4))
    await this.#allPresent()
    let file = this.#newFile()
    let named: string = victim
    {
      await using first = this.#measure(file)
      await Promise.race([first.ended, untilRows(file, after)])
      await sleep(random() * 300)
      named = await this.#kill(victim, first, random)
      if (victim === 'coordinator') await first.ended
      else await this.#ended(first)
    }
    const killedAt = rowsIn(file)
    const resumed: ('file' | 'stream')[] = []
    while (rowsIn(file) < ROWS) {
      assert(resumed.length < MOST_RUNS, `${named}: ${rowsIn(file)} rows after ${resumed.length} more runs`)
      // What the dead one held runs out.
      await sleep(TTL_MS / 3)
      await this.#allPresent()
      const from = random() < 0.5 ? 'file' : 'stream'
      const runId = readCsv(file)[0]?.run_id ?? ''
      const next = this.#newFile()
      await using more = this.#measure(next, ['--resume', from === 'file' ? file : runId])
      const { code, stderr } = await this.#ended(more)
      assert(code === 0 || /^not measured: /m.test(stderr) || rowsIn(next) === ROWS, stderr)
      resumed.push(from)
      if (existsSync(next)) file = next
    }
    const rows = readCsv(file)
    assertOnce(rows)
    const stored = await this.#stored(rows[0]?.run_id ?? '')
    assert.deepEqual(stored.map(keyOf).sort(), rows.map(keyOf).sort())
    const failed = rows.filter(({ outcome }) => outcome === 'failed' || outcome === 'timed-out').length
    return { victim: named, after: Math.min(after, killedAt), resumed, failed, rows: rows.length }
  }

  #newFile(): string {
    return join(this.#folder, `${++this.#files}.csv`)
  }

  #measure(file: string, words: readonly string[] = []): Running {
    const what = ['--size', '20k', '--transport', TRANSPORTS.join(','), '--warmup', '0', '--no-chart']
    const hosts = ['--hosts', this.#broker.url, '--out', file]
    return startBench(['fleet', 'run', ...hosts, ...what, ...words], this.#at())
  }

  async #ended(running: Running): Promise<Ended> {
    const late = sleep(PATIENCE_MS, undefined, { ref: false })
    const ended = await Promise.race([running.ended, late])
    assert(ended, `a run did not end:\n${running.stderr}`)
    return ended
  }

  /** Returns what was killed, which runs again. */
  async #kill(victim: Victim, coordinator: Running, random: () => number): Promise<string> {
    if (victim === 'coordinator') {
      coordinator.kill('SIGKILL')
      return victim
    }
    if (victim === 'broker') {
      await this.#broker.kill()
      await sleep(random() * 2000)
      await this.#broker.start()
      return victim
    }
    const name = NAMES[Math.floor(random() * NAMES.length)] ?? ''
    const daemon = this.#daemons.get(name)
    assert(daemon)
    const [process] = childrenOf(daemon.pid)
    if (process !== undefined && random() < 0.5) {
      killProcess(process)
      return `agent of ${name}`
    }
    daemon.kill('SIGKILL')
    await daemon.ended
    await this.#serve(name)
    return `daemon ${name}`
  }

  /** While the broker was away, what hosts said of themselves may have run out. */
  async #allPresent(): Promise<void> {
    const words = ['fleet', 'hosts', '--hosts', this.#broker.url]
    const until = monotonic() + PATIENCE_MS
    for (;;) {
      const { stdout } = await benchProcess(words, this.#at())
      if (NAMES.every(name => new RegExp(`^${name} `, 'm').test(stdout))) return
      assert(monotonic() < until, `hosts are missing:\n${stdout}`)
    }
  }

  async #serve(name: string): Promise<void> {
    const host = 1 + NAMES.indexOf(name)
    const listen = ['--listen', `${this.#star.address(host)}:5990`]
    const words = ['serve', ...listen, '--join', this.#broker.url, '--name', name]
    const daemon = startBench(words, this.#at(host))
    this.#daemons.set(name, daemon)
    await daemon.until('joined', ({ stdout, stderr }) => /joined/.test(stdout + stderr))
  }

  /** Where a program runs: at the router without a host. */
  #at(host?: number) {
    return { cwd: this.#folder, at: this.#star.words(host), env: { BENCH_TOKEN: TOKEN } }
  }

  async #stored(runId: string): Promise<readonly TrialRecord[]> {
    const file = this.#newFile().replace(/csv$/, 'jsonl')
    const words = ['fleet', 'rows', runId, '--hosts', this.#broker.url, '--out', file]
    const { code, stderr } = await benchProcess(words, this.#at())
    assert.equal(code, 0, stderr)
    return parseRows(readFileSync(file, 'utf8'))
  }
}

function assertOnce(rows: readonly TrialRecord[]): void {
  const asked = NAMES.flatMap(from =>
    NAMES.flatMap(to => (from === to ? [] : TRANSPORTS.map(transport => `1 ${from} ${to} ${transport}`))),
  )
  const found = rows.map(row => `${row.round} ${row.pair_from} ${row.pair_to} ${row.transport}`)
  assert.deepEqual(found.sort(), asked.sort())
  assert.equal(new Set(rows.map(each => each.run_id)).size, 1)
  assert.equal(new Set(rows.map(each => each.trial)).size, rows.length)
}

function keyOf({ pair_from, pair_to, transport, trial, outcome, started_at }: TrialRecord): string {
  return JSON.stringify([pair_from, pair_to, transport, trial, outcome, started_at])
}

async function untilRows(file: string, count: number): Promise<void> {
  const until = monotonic() + PATIENCE_MS
  while (rowsIn(file) < count && monotonic() < until) await sleep(5)
}

/** Whole lines below the header. */
function rowsIn(file: string): number {
  if (!existsSync(file)) return 0
  return Math.max(0, readFileSync(file, 'utf8').split('\r\n').length - 2)
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(task =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  )
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
