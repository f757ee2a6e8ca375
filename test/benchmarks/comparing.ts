/**
 * `npm run bench:compare`: a million rows compared, by grouping, statistics and tables alone, and by the whole command from two files.
 * Prints the quickest of several runs; exits with 1 when a bound is broken. Wants a machine that does nothing else.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../base/clock.ts'
import { seededRandom } from '../../base/random.ts'
import { compareSets } from '../../results/compare/compare-sets.ts'
import { renderComparison } from '../../results/compare/document.ts'
import { METRICS } from '../../results/compare/metrics.ts'
import type { CellTrials, TrialSet } from '../../results/read/trial-set.ts'
import { cellOf } from '../../results/schema/cells.ts'
import type { ColumnName } from '../../results/schema/columns.ts'
import { datagrams } from '../support/results-samples.ts'
import { writeManyRows } from './many-rows.ts'
import { say } from './tool.ts'

const ROWS = 1_000_000
const REPEATS = 5
const CLI = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))

/** In the process of the command, as it ends: its largest memory in KiB, and its CPU time in ms. */
const TELL_USAGE =
  'process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write("USAGE "+u.maxRSS+" "+Math.round((u.userCPUTime+u.systemCPUTime)/1000)+"\\n")})'

let broken = 0
inMemory('1,000,000 trials in 30 cells, paired', 30, true, 700)
inMemory('1,000,000 trials in 30 cells, unpaired', 30, false, 700)
inMemory('1,000,000 trials in 1,000 cells, paired', 1000, true, 2000)
inMemory('1,000,000 trials in 1,000 cells, unpaired', 1000, false, 2000)
fromFiles()
process.exitCode = broken > 0 ? 1 : 0

function inMemory(title: string, cells: number, paired: boolean, limitMs: number): void {
  const [metric] = METRICS
  if (!metric) throw new Error('no metric')
  const trials = ROWS / 2 / cells
  const sets = [
    syntheticSet('a', cells, trials, 'run'),
    syntheticSet('b', cells, trials, paired ? 'run' : 'other'),
  ]
  const times = Array.from({ length: REPEATS }, () => {
    const started = monotonic()
    renderComparison(compareSets(sets, { metric }), { width: 120, color: false, charts: true })
    return monotonic() - started
  })
  verdict(title, Math.min(...times), limitMs, 'ms')
}

/** Columns of noise; a trial loses up to a tenth of 800 datagrams. */
function syntheticSet(label: string, cells: number, trials: number, run: string): TrialSet {
  const random = seededRandom(label.charCodeAt(0))
  const make = (value: () => number) => Float64Array.from({ length: trials }, value)
  const rounds = Uint32Array.from({ length: trials }, (_, index) => index + 1)
  return {
    label,
    runs: [{ id: run, startedAt: '2026-03-01T12:00:00.000Z', commit: undefined, trials: cells * trials }],
    environment: new Map(),
    cells: Array.from({ length: cells }, (_, cell): CellTrials => {
      const numbers = new Map<ColumnName, Float64Array>([
        ['goodput_bps', make(() => 1e9 * (1 + random() + random()))],
        ['delivery_ms', make(() => 5 + random())],
        ['datagrams_offered', make(() => 800)],
        ['datagrams_accepted', make(() => 800)],
        ['datagrams_lost', make(() => Math.floor(80 * random()))],
      ])
      const zeros = new Float64Array(trials)
      const record = datagrams(1e9, 0, { size_bytes: 1e6, chunk_bytes: cell + 1 })
      return {
        cell: cellOf(record),
        count: trials,
        runs: new Uint32Array(trials),
        rounds,
        trials: rounds.map(round => round * cells + cell),
        outcomes: new Uint8Array(trials),
        numbers: column => numbers.get(column) ?? zeros,
        texts: () => Array.from({ length: trials }, () => undefined),
      }
    }),
  }
}

/** The whole command, as a person calls it: its time, and the most memory that it took. */
function fromFiles(): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-compare-'))
  try {
    const paths = ['a', 'b'].map(name => join(folder, `${name}.csv`))
    for (const [index, path] of paths.entries())
      writeManyRows(path, { rows: ROWS / 2, seed: index + 1, factor: 1 + 0.2 * index })
    const runs = Array.from({ length: 3 }, () => {
      const started = monotonic()
      const command = ['--import', `data:text/javascript,${TELL_USAGE}`, CLI, 'compare', ...paths]
      const { stderr, status } = spawnSync(process.execPath, command, {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      })
      if (status !== 0) throw new Error(`bench compare ended with ${status}: ${stderr}`)
      const [, kib = '', userMs = ''] = /^USAGE (\d+) (\d+)$/m.exec(stderr) ?? []
      return { ms: monotonic() - started, userMs: Number(userMs), mib: Number(kib) / 1024 }
    })
    verdict(
      'the whole command, 1,000,000 rows in 2 files',
      Math.min(...runs.map(each => each.ms)),
      5000,
      `ms (${Math.min(...runs.map(each => each.userMs))} of CPU)`,
    )
    verdict('  most memory', Math.max(...runs.map(each => each.mib)), 500, 'MiB')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function verdict(what: string, value: number, limit: number, unit: string): void {
  const kept = value <= limit
  if (!kept) broken++
  say(
    `${what.padEnd(48)} ${value.toFixed(0).padStart(6)} ${unit} (at most ${limit}) ${kept ? 'ok' : 'BROKEN'}`,
  )
}
