/**
 * `npm run bench:aa`: how often `bench aa` finds a difference between equal sides, and `bench ab` one that is there, in real runs. Each run
 * is added to a file, so that it goes on where it was ended: `-- --runs 300 --pin 0,1`, `--larger 10` (side B sends so many per cent
 * more, which takes it that much longer), `--copy` (side B is a copy of this build, as `cli=` names one), `--engine node`, `--keep FILE`, `--seconds N` (ends by then, to be continued). One line a run is the file; rows are
 * not kept.
 */
import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { monotonic } from '../../base/clock.ts'
import { UsageError } from '../../base/errors.ts'
import { comparedColumns, compareSets } from '../../results/compare/compare-sets.ts'
import { METRICS } from '../../results/compare/metrics.ts'
import { alignReadSides } from '../../results/compare/sides.ts'
import { readTrials } from '../../results/read/read.ts'
import { wilson } from '../../results/statistics/proportions.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CLI = join(ROOT, 'dist/bench/cli.js')
const SIZE_BYTES = 819_200

const verdict = z.enum(['better', 'worse', 'same', 'no evidence', 'inconclusive'])
const runSchema = z.strictObject({
  /** What was measured; lines of other settings in one file are left alone. */
  setting: z.string(),
  /** By transport: what was said of B, its ratio to A, and of the loss. */
  cells: z.array(
    z.strictObject({ transport: z.string(), ratio: z.number(), verdict, loss: verdict.optional() }),
  ),
})
type Run = z.infer<typeof runSchema>

await runTool('bench:aa', async signal => {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '300' },
      pin: { type: 'string' },
      larger: { type: 'string', default: '0' },
      repeat: { type: 'string' },
      engine: { type: 'string' },
      copy: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      keep: { type: 'string', default: join(tmpdir(), 'bench-aa.jsonl') },
    },
  })
  const wanted = wholeNumber('--runs', values.runs)
  const larger = values.larger === '0' ? 0 : wholeNumber('--larger', values.larger)
  const until =
    values.seconds === undefined ? Infinity : monotonic() + 1000 * wholeNumber('--seconds', values.seconds)
  using copy = values.copy ? copyOfBuild() : undefined
  const common = [
    ...(values.engine === undefined ? [] : ['--engine', values.engine]),
    ...(values.pin === undefined ? [] : ['--pin', values.pin]),
    ...(values.repeat === undefined ? [] : ['--repeat', values.repeat]),
  ]
  const sides = larger === 0 ? 'equal sides' : `B sends ${larger} % more`
  const setting = [sides, ...(copy ? ['of a copy'] : []), ...common].join(' ')
  const kept = readKept(values.keep)
  const runs = kept.filter(run => run.setting === setting)
  while (runs.length < wanted && monotonic() < until && !signal.aborted) {
    const run = { setting, cells: await measure(common, larger, copy, kept.length + 1, signal) }
    appendFileSync(values.keep, `${JSON.stringify(run)}\n`)
    kept.push(run)
    runs.push(run)
    process.stderr.write(`${runs.length} of ${wanted}\n`)
  }
  say(report(setting, runs, larger > 0))
  say(`\nruns in ${values.keep}`)
  return 0
})

function readKept(path: string): Run[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map((line, index) => {
    const run = runSchema.safeParse(JSON.parse(line))
    if (!run.success)
      throw new UsageError(`--keep ${path}: line ${index + 1} is no run of bench:aa; name another file`)
    return run.data
  })
}

interface Copy extends Disposable {
  readonly path: string
}

/** This build once more. */
function copyOfBuild(): Copy {
  const path = mkdtempSync(join(tmpdir(), 'bench-aa-copy-'))
  for (const name of ['dist', 'package.json']) cpSync(join(ROOT, name), join(path, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** One run of the command as a user has it, judged by the rows that it wrote. */
async function measure(
  common: readonly string[],
  larger: number,
  copy: Copy | undefined,
  seed: number,
  signal: AbortSignal,
): Promise<Run['cells']> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-aa-'))
  try {
    const out = join(folder, 'rows.csv')
    const [a, b] = [`size=${SIZE_BYTES}`, `size=${Math.round(SIZE_BYTES * (1 + larger / 100))}`]
    const sides = ['--a', a, '--b', [b, ...(copy ? [`cli=${copy.path}`] : [])].join(' ')]
    const metricOf = larger === 0 ? 'goodput' : 'delivery'
    const command = larger === 0 && !copy ? ['aa'] : ['ab', ...sides, '--metric', metricOf, '--no-chart']
    await bench([...command, ...common, '--seed', String(seed), '--quiet', '--out', out], signal)
    const metric = METRICS.find(each => each.name === metricOf)
    if (!metric) throw new Error('no such metric')
    const read = await readTrials([out], { ...comparedColumns(metric), by: 'side' })
    // Sides of two sizes are pairs here as in the command: under other names they would be judged by their processes alone.
    const { sets, fields, unlike } = alignReadSides(read.sets)
    const { rows } = compareSets(sets, { metric, by: 'side', fields, unlike })
    return rows.flatMap(({ cell, changes: [, change], losses: [, loss] }) =>
      change
        ? [
            {
              transport: cell.transport,
              ratio: change.ratio,
              verdict: change.verdict,
              ...(loss?.change ? { loss: loss.change.verdict } : {}),
            },
          ]
        : [],
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Ends with 0, or with 3 for a difference. */
function bench(words: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [CLI, ...words], { signal, maxBuffer: 1 << 24 }, (error, _, stderr) => {
      if (error && error.code !== 3)
        reject(new Error(`bench ${words.join(' ')}: ${stderr.trim() || error.message}`))
      else resolve()
    })
  })
}

function report(setting: string, runs: readonly Run[], different: boolean): string {
  const isFound = (said: string | undefined) =>
    different ? said === 'worse' : said === 'worse' || said === 'better'
  const transports = [...new Set(runs.flatMap(run => run.cells.map(each => each.transport)))].sort()
  const found = (pick: (run: Run) => boolean) => {
    const count = runs.filter(pick).length
    const interval = wilson(count, runs.length)
    const percent = (share: number) => (100 * share).toFixed(1)
    return [
      `${count} of ${runs.length}`,
      interval === undefined
        ? '–'
        : `${percent(count / runs.length)} % (${percent(interval.low)} to ${percent(interval.high)})`,
    ]
  }
  const effects = (transport: string) =>
    runs
      .flatMap(run => run.cells.filter(each => each.transport === transport && isFound(each.verdict)))
      .map(({ ratio }) => `${((ratio - 1) * 100).toFixed(0)} %`)
      .slice(0, 10)
      .join(' ')
  const rows = [
    ['any case', ...found(run => run.cells.some(each => isFound(each.verdict) || isFound(each.loss))), ''],
    ...transports.map(transport => [
      transport,
      ...found(run => run.cells.some(each => each.transport === transport && isFound(each.verdict))),
      effects(transport),
    ]),
    ['loss', ...found(run => run.cells.some(each => isFound(each.loss))), ''],
  ]
  const head = [setting, different ? 'found' : 'alarms', 'share (95 %)', 'effects']
  return plainTable(head, rows)
}
