/**
 * `npm run bench:flood [-- --seconds 60]`: an honest paced run at a `bench serve`, while garbage comes in at its control port and its
 * data ports, on and off in turns. Fails (exit code 1) when the run keeps less than 80 % of its goodput, or the daemon's memory grows.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SetupError, UsageError } from '../../base/errors.ts'
import { formatCount, formatRate } from '../../base/units.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { plainTable } from '../benchmarks/plain-table.ts'
import { usageOf } from '../benchmarks/processes.ts'
import { runTool, say } from '../benchmarks/tool.ts'

const HELP = `npm run bench:flood [-- --seconds 60 --rate 50M --datagrams 20000 --connections 500]

An honest run against a bench serve of this host, for twice as long: 5 s with garbage (datagrams and connections a second), 5 s without,
and so on. Exit codes: 0 the run keeps 80 % of its goodput and the daemon's memory stays flat, 1 not so, 2 usage, 130 interrupted.`

const CLI = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))
const FLOODER = fileURLToPath(new URL('./flooder.js', import.meta.url))
const TURN_MS = 5000
const LEAST_SHARE = 0.8
const MOST_GROWTH_MIB = 16
const PORTS = [47_100, 47_107] as const
const TOKEN = 'a token for the flood'

interface Turn {
  readonly flooded: boolean
  readonly from: number
  to: number
}

await runTool('bench:flood', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      rate: { type: 'string', default: '50M' },
      datagrams: { type: 'string', default: '20000' },
      connections: { type: 'string', default: '500' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  if (process.platform !== 'linux') throw new UsageError('works on Linux only: it reads /proc')
  const seconds = Number(values.seconds)
  if (!(seconds >= 5))
    throw new UsageError(`--seconds: not a number from 5: ${JSON.stringify(values.seconds)}`)
  const cwd = mkdtempSync(join(tmpdir(), 'bench-flood-'))
  const started: ChildProcess[] = []
  const over = () => {
    for (const child of started) child.kill('SIGTERM')
  }
  signal.addEventListener('abort', over)
  try {
    const { daemon, port } = await serve(cwd)
    started.push(daemon)
    const flooder = fork(FLOODER, [String(port), ...PORTS.map(String), values.datagrams, values.connections])
    started.push(flooder)
    const { turns, records, memory } = await measure(seconds, {
      cwd,
      port,
      rate: values.rate,
      daemon,
      flooder,
      signal,
      started,
    })
    return judge(turns, records, memory)
  } finally {
    over()
    await Promise.all(
      started.map(async child => child.exitCode ?? child.signalCode ?? (await once(child, 'exit'))),
    )
    rmSync(cwd, { recursive: true, force: true })
  }
}

async function serve(cwd: string): Promise<{ daemon: ChildProcess; port: number }> {
  const words = ['serve', '--listen', '127.0.0.1:0', '--udp-ports', PORTS.join('-')]
  const daemon = spawn(process.execPath, [CLI, ...words], {
    cwd,
    env: { ...process.env, BENCH_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(createInterface(daemon.stdout), 'line')
  const port = /:(\d+);/.exec(String(line))?.[1]
  if (port === undefined) throw new SetupError(`the daemon said ${line}`)
  return { daemon, port: Number(port) }
}

interface Measuring {
  readonly cwd: string
  readonly port: number
  readonly rate: string
  readonly daemon: ChildProcess
  readonly flooder: ChildProcess
  readonly signal: AbortSignal
  readonly started: ChildProcess[]
}

async function measure(seconds: number, { cwd, port, rate, daemon, flooder, signal, started }: Measuring) {
  const words = [
    '--host',
    `127.0.0.1:${port}`,
    '--size',
    '1M',
    '--rate',
    rate,
    '--repeat',
    '100000',
    '--quiet',
  ]
  const paced = [
    '--transport',
    'udp-header,tcp',
    '--max-pacing',
    rate,
    '--engine',
    'native',
    '--format',
    'jsonl',
  ]
  const run = spawn(process.execPath, [CLI, 'run', ...words, ...paced], {
    cwd,
    env: { ...process.env, BENCH_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(run)
  const records: TrialRecord[] = []
  const lines = createInterface(run.stdout)
  lines.on('line', line => records.push(parseRecord(JSON.parse(line))))
  await once(lines, 'line')
  const turns: Turn[] = []
  const memory: { at: number; mib: number }[] = []
  const begin = Date.now()
  while (Date.now() - begin < 2 * seconds * 1000) {
    const flooded = turns.at(-1)?.flooded === false
    const turn: Turn = { flooded, from: Date.now(), to: Date.now() + TURN_MS }
    turns.push(turn)
    flooder.send(flooded)
    while (Date.now() < turn.to) {
      await sleep(250, undefined, { signal })
      memory.push({
        at: (Date.now() - begin) / (2000 * seconds),
        mib: usageOf(daemon.pid ?? 0)?.anonymousMiB ?? Number.NaN,
      })
    }
  }
  flooder.send(false)
  run.kill('SIGINT')
  await once(run, 'exit')
  return { turns, records, memory }
}

function judge(
  turns: readonly Turn[],
  records: readonly TrialRecord[],
  memory: readonly { at: number; mib: number }[],
): number {
  const complaints: string[] = []
  const within = ({ started_at }: TrialRecord, flooded: boolean) =>
    turns.some(turn => {
      const at = Date.parse(started_at)
      return turn.flooded === flooded && at >= turn.from && at + 500 < turn.to
    })
  const lines = ['udp-header', 'tcp'].map(transport => {
    const [quiet, flooded] = [false, true].map(flooded => {
      const rows = records.filter(each => each.transport === transport && within(each, flooded))
      return {
        trials: rows.length,
        goodputBps: median(rows.map(each => each.goodput_bps ?? 0)) ?? 0,
        loss: rows.reduce((sum, each) => sum + (each.loss_ratio ?? 0), 0) / Math.max(1, rows.length),
        bad: rows.filter(({ outcome }) => outcome === 'failed' || outcome === 'timed-out').length,
        stray: rows.reduce((sum, each) => sum + (each.datagrams_stray ?? 0), 0),
      }
    })
    if (!quiet || !flooded) throw new Error('two kinds of turns')
    const share = flooded.goodputBps / quiet.goodputBps
    if (!(share >= LEAST_SHARE))
      complaints.push(`${transport} keeps ${(100 * share).toFixed(1)} % of its goodput`)
    if (flooded.bad > 0) complaints.push(`${transport}: ${flooded.bad} trials failed`)
    return [
      transport,
      ...[quiet, flooded].map(
        each =>
          `${formatRate(each.goodputBps)} (${each.trials} trials, loss ${(100 * each.loss).toFixed(2)} %)`,
      ),
      `${(100 * share).toFixed(1)} %`,
      formatCount(flooded.stray),
    ]
  })
  const level = (from: number, to: number) =>
    median(memory.filter(({ at }) => at >= from && at < to).map(({ mib }) => mib)) ?? Number.NaN
  const [first, second, last] = [level(0, 0.04), level(0.25, 0.5), level(0.75, 2)]
  if (!(last - second <= MOST_GROWTH_MIB)) complaints.push(`memory grew by ${(last - second).toFixed(1)} MiB`)
  say(plainTable(['', 'without', 'with the flood', 'kept', 'stray'], lines))
  const peak = Math.max(...memory.map(({ mib }) => mib))
  say(
    `daemon: ${first.toFixed(1)} MiB at first, ${second.toFixed(1)} in the second quarter, ${last.toFixed(1)} in the last, ${peak.toFixed(1)} at most`,
  )
  for (const complaint of complaints) say(`FAILED: ${complaint}`)
  return complaints.length > 0 ? EXIT.failed : EXIT.measured
}
