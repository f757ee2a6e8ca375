/**
 * `npm run bench:start [-- --pairs 9 --before OTHER/dist/bench/cli.js]`: whole commands in turn, each beside bare Node in the same turn: help, the
 * version and the main command, those of another build, and of iperf3 and hyperfine where they are installed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { monotonic } from '../../base/clock.ts'
import { SetupError } from '../../base/errors.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

const HELP = `npm run bench:start [-- --pairs 9 --before OTHER/dist/bench/cli.js]

Prints the median of whole commands, and of their ratios to bare Node in the same turn; the ratio to the same command of --before; and the most
memory that a process has had, beyond bare Node's. Exit codes: 0 done, 1 a command failed, 2 usage, 130 interrupted.`

const CLI = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))
const BARE = ['-e', '0']
const COMMANDS = [['--version'], ['--help'], ['run', '--size', '800k', '--chunk', '1024']]
/** Writes the most memory of its process, in KiB, to a descriptor of its own. */
const MEMORY = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))`

interface Timed {
  readonly name: string
  readonly words: readonly [string, ...string[]]
  /** The same command of the other build. */
  readonly before?: number
}

/** Of other tools; the first word of a name is what has to be installed. */
const OTHERS: readonly Timed[] = [
  { name: 'iperf3 --version', words: ['iperf3', '--version'] },
  {
    name: 'iperf3 -s, and -c -n 800k',
    words: [
      'sh',
      '-c',
      'iperf3 -s -1 -p 52301 & for i in $(seq 50); do iperf3 -c 127.0.0.1 -p 52301 -n 800k && break; done; kill $! || wait',
    ],
  },
  { name: 'hyperfine --version', words: ['hyperfine', '--version'] },
]
await runTool('bench:start', async signal => {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '9' },
      before: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  const turns = wholeNumber('--pairs', values.pairs)
  const { before } = values
  const node = process.execPath
  const ours = (cli: string, name: string): Timed[] =>
    COMMANDS.map(words => ({ name: `${name} ${words.join(' ')}`, words: [node, cli, ...words] }))
  const old = before === undefined ? [] : ours(resolve(before), 'before:')
  const all: readonly Timed[] = [
    { name: 'node -e 0', words: [node, ...BARE] },
    ...old,
    ...ours(CLI, 'bench').map((each, index) => (old.length > 0 ? { ...each, before: 1 + index } : each)),
    ...OTHERS.filter(({ name }) => spawnSync(name.split(' ')[0] ?? '', ['--version']).status === 0),
  ]
  const cwd = mkdtempSync(join(tmpdir(), 'bench-start-'))
  try {
    const ms: readonly number[][] = all.map(() => [])
    // The first turn warms the system's caches.
    for (let turn = 0; turn <= turns; turn++)
      for (const [index, { words }] of all.entries()) {
        const took = await time(words, cwd, signal)
        if (turn > 0) ms[index]?.push(took)
      }
    const memory = all.map(({ words: [program, ...words] }) =>
      program === node ? mostMiB(words, cwd) : undefined,
    )
    const ratio = (index: number, to: number) =>
      medianOf((ms[index] ?? []).map((took, turn) => took / (ms[to]?.[turn] ?? Number.NaN))).toFixed(2)
    const rows = all.map(({ name, before }, index) => [
      name,
      medianOf(ms[index]).toFixed(0),
      ratio(index, 0),
      before === undefined ? '' : ratio(index, before),
      memory[index] === undefined ? '' : (memory[index] - (memory[0] ?? 0)).toFixed(0),
    ])
    say(plainTable(['command', 'ms', 'to bare Node', 'to before', 'MiB more'], rows))
    return EXIT.measured
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
})

/** In ms, from its start to its end. @throws SetupError if it fails */
async function time([program, ...words]: Timed['words'], cwd: string, signal: AbortSignal): Promise<number> {
  const startedAt = monotonic()
  const child = spawn(program, words, { cwd, signal, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new SetupError(`${[program, ...words].join(' ')} ended with ${code}`)
  return monotonic() - startedAt
}

function medianOf(values: readonly number[] = []): number {
  return median(values) ?? Number.NaN
}

function mostMiB(words: readonly string[], cwd: string): number {
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const
  const { output } = spawnSync(process.execPath, ['--import', MEMORY, ...words], { cwd, stdio: [...stdio] })
  return Number(output[3]?.toString()) / 1024
}
