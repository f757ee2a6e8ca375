/**
 * `npm run bench:fleet-cost [-- --hosts 12]`: what `bench fleet run` costs the host that runs it, beside a shell loop of iperf3 over the same
 * pairs with the same data; all hosts are network namespaces of this machine. Linux, as root, with ip, tc and iperf3.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once, setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SetupError } from '../../base/errors.ts'
import { formatCount } from '../../base/units.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import { withoutNamespaces } from '../support/namespace.ts'
import { Star } from '../support/star.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

const HELP = `npm run bench:fleet-cost [-- --hosts 12 --size 1M]

Prints wall time and CPU time of the coordinator, in all and for a trial: all pairs of so many hosts, 5 hosts, and 4 rounds of 30; then wall
time of a loop of iperf3 over the same pairs of the first. Exit codes: 0 done, 1 it could not be measured, 2 usage, 130 interrupted.`

const CLI = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))
const TOKEN = 'a token for the cost of fleets'
const START_MS = 60_000

interface Cost {
  readonly wallS: number
  readonly cpuS: number
}

function rowOf(what: string, hosts: number, trials: number, { wallS, cpuS }: Cost): string[] {
  const each = (seconds: number) => formatCount(Math.round((1000 * seconds) / trials))
  return [what, String(hosts), formatCount(trials), wallS.toFixed(1), each(wallS), each(cpuS)]
}

class Fleet implements AsyncDisposable {
  readonly #star: Star
  readonly #hosts: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-fleet-cost-'))
  readonly #running: ChildProcess[] = []

  static async start(hosts: number, signal: AbortSignal): Promise<Fleet> {
    const fleet = new Fleet(hosts)
    try {
      const all = Array.from({ length: hosts }, (_, index) => index + 1)
      await Promise.all(all.map(host => fleet.#serve(host, signal)))
      const lines = all.map(host => `  host-${host}: ${fleet.#star.address(host)}`)
      writeFileSync(join(fleet.#folder, 'hosts.yaml'), `hosts:\n${lines.join('\n')}\n`)
      return fleet
    } catch (error) {
      await fleet[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(hosts: number) {
    this.#hosts = hosts
    this.#star = new Star(hosts)
  }

  /** All pairs, each once. */
  async measure(words: readonly string[], signal: AbortSignal) {
    const all = ['--hosts', 'hosts.yaml', '--transport', 'tcp', '--serial', '0', '--quiet', ...words]
    const command = [
      process.execPath,
      CLI,
      'fleet',
      'run',
      ...all,
      '--format',
      'jsonl',
      '--out',
      'f.csv',
      '--force',
    ]
    const { cost, stdout } = await this.#timed([...this.#star.words(), ...command], signal)
    const trials = stdout.split('\n').filter(line => line.includes('"fleet_round"')).length
    return { cost, trials }
  }

  async iperf(size: string, signal: AbortSignal): Promise<Cost> {
    const all = Array.from({ length: this.#hosts }, (_, index) => index + 1)
    for (const host of all) this.#start(['iperf3', '-s'], host)
    const at = (host: number) => this.#star.words(host).join(' ')
    const lines = all.flatMap(from =>
      all
        .filter(to => to !== from)
        .map(
          to =>
            `until ${at(from)} iperf3 -c ${this.#star.address(to)} -n ${size} -J >/dev/null; do sleep 0.05; done`,
        ),
    )
    return (await this.#timed(['bash', '-c', lines.join('\n')], signal)).cost
  }

  async #serve(host: number, signal: AbortSignal): Promise<void> {
    const server = this.#start([process.execPath, CLI, 'serve', '--listen', '0.0.0.0:5990'], host)
    let said = ''
    server.stdout?.on('data', chunk => {
      said += chunk
    })
    for (let waited = 0; !said.includes('listening'); waited += 20) {
      if (waited > START_MS || server.exitCode !== null)
        throw new SetupError(`bench serve does not start: ${said}`)
      await sleep(20, undefined, { signal })
    }
  }

  #start(words: readonly string[], host: number): ChildProcess {
    const [program = '', ...rest] = [...this.#star.words(host), ...words]
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, BENCH_TOKEN: TOKEN },
    })
    this.#running.push(child)
    return child
  }

  /** By the shell, which knows the CPU time of its children. */
  async #timed(
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly cost: Cost; readonly stdout: string }> {
    const child = spawn('bash', ['-c', 'TIMEFORMAT="took %R %U %S"; time "$@"', '-', ...words], {
      ...{ cwd: this.#folder, signal, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, BENCH_TOKEN: TOKEN },
    })
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', chunk => {
      stdout += chunk
    })
    child.stderr?.on('data', chunk => {
      stderr += chunk
    })
    await once(child, 'close')
    const [, wall, user, system] = /took ([\d.]+) ([\d.]+) ([\d.]+)/.exec(stderr) ?? []
    if (child.exitCode !== 0 || wall === undefined) throw new SetupError(stderr.trim())
    return { cost: { wallS: Number(wall), cpuS: Number(user) + Number(system) }, stdout }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    for (const child of left) child.kill()
    await Promise.all(left.map(child => once(child, 'close')))
    this.#star[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

await runTool('bench:fleet-cost', async signal => {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '12' },
      size: { type: 'string', default: '1M' },
      help: { type: 'boolean' },
    },
  })
  setMaxListeners(0, signal)
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  const obstacle = withoutNamespaces()
  if (obstacle !== false) throw new SetupError(obstacle)
  if (spawnSync('iperf3', ['--version']).status !== 0)
    throw new SetupError('iperf3 is not installed; apt-get install iperf3')
  const { size } = values
  const most = wholeNumber('--hosts', values.hosts)
  const rows: string[][] = []
  const add = (row: string[]) => {
    rows.push(row)
    process.stderr.write(`${row.join(', ')}\n`)
  }
  for (const { hosts, words } of [
    { hosts: most, words: [] },
    { hosts: most, words: ['--warmup', '0'] },
    { hosts: 5, words: [] },
    { hosts: 30, words: ['--sample', '4'] },
  ]) {
    await using fleet = await Fleet.start(hosts, signal)
    const { cost, trials } = await fleet.measure(['--size', size, ...words], signal)
    add(rowOf(`bench fleet run ${words.join(' ')}`.trim(), hosts, trials, cost))
    if (hosts !== most || words.length > 0) continue
    const loop = await fleet.iperf(size, signal)
    add(rowOf('a loop of iperf3', hosts, hosts * (hosts - 1), loop))
  }
  const heads = ['what', 'hosts', 'trials', 'wall s', 'wall ms a trial', 'CPU ms a trial, coordinator']
  say(plainTable(heads, rows))
  return EXIT.measured
})
