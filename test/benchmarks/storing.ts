/**
 * `npm run bench:store [-- --rows 10000000]`: how quickly a store of many rows is made and asked, and in how much memory; beside the same
 * query by DuckDB's own API over one Parquet file with the same rows, in turn. Exit code 1 when a bound of the issue is broken.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { formatCount } from '../../base/units.ts'
import { catalogueOf, parquet } from '../../results/archive/compact.ts'
import { openDatabase } from '../../results/archive/duckdb.ts'
import { filesIn, makeStore, tablesIn } from '../../results/archive/folder.ts'
import { PARQUET } from '../../results/archive/staging.ts'
import { literal } from '../../results/archive/tables.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { writeManyRows } from './many-rows.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

const HELP = `npm run bench:store [-- --rows 10000000 --read 200000 --pairs 5 --in FOLDER]

Makes a store: so many rows as a file, which bench store compact reads, and the others as copies of their tables at other days. Then asks it in turn with DuckDB itself. Takes 1 MB of disk for 1,000 rows that are read, 0.1 MB for the others, and removes it.`

const LIMIT_RATIO = 1.5
/** DuckDB's bound, its code, and Node. */
const LIMIT_MIB = 1536

const SQL =
  'select transport, size_bytes, chunk_bytes, count(*) as n, median(goodput_bps) as goodput, quantile_cont(total_ms, 0.99) as slow, round(avg(sender_cpu_ms), 6) as cpu from trials group by all order by all'

await runTool('bench:store', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '10000000' },
      read: { type: 'string', default: '200000' },
      pairs: { type: 'string', default: '5' },
      in: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
      // For the process that it starts.
      file: { type: 'string' },
    },
  })
  if (values.help) {
    say(HELP)
    return 0
  }
  if (values.file !== undefined) {
    await askFile(values.file)
    return 0
  }
  const [rows, read] = [wholeNumber('--rows', values.rows), wholeNumber('--read', values.read)]
  const folder = mkdtempSync(join(values.in, 'bench-storing-'))
  try {
    return await judge(folder, { rows, read, pairs: wholeNumber('--pairs', values.pairs) }, signal)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Sizes {
  readonly rows: number
  readonly read: number
  readonly pairs: number
}

async function judge(folder: string, { rows, read, pairs }: Sizes, signal: AbortSignal): Promise<number> {
  const store = join(folder, 'store')
  makeStore(store)
  const bytes = writeManyRows(join(filesIn(store), 'made.csv'), { rows: read })
  const cli = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))
  const compacted = await measured([cli, 'store', 'compact', store], signal)
  say(
    `bench store compact: ${formatCount(read)} rows, ${formatCount(bytes / 1e6)} MB, in ${compacted.seconds.toFixed(1)} s (${formatCount(read / compacted.seconds)} rows/s; ${compacted.cpuSeconds.toFixed(1)} s of CPU), peak ${formatCount(compacted.peakMiB)} MiB`,
  )
  const one = join(folder, 'one.parquet')
  const made = await multiply(store, rows, one, signal)
  say(
    `asked: ${formatCount(made.rows)} rows in ${formatCount(made.files)} files of the store, and in one of ${formatCount(statSync(one).size / 1e6)} MB`,
  )
  const self = fileURLToPath(import.meta.url)
  const figures: { readonly ours: Figures; readonly own: Figures }[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const ask = {
      ours: () => measured([cli, 'query', SQL, store, '--format', 'jsonl'], signal),
      own: () => measured([self, '--file', one], signal),
    }
    // Who is first changes.
    const first = pair % 2 === 0 ? await ask.ours() : undefined
    const own = await ask.own()
    const ours = first ?? (await ask.ours())
    if (ours.answer !== own.answer) throw new Error('the two answers differ')
    figures.push({ ours, own })
  }
  const lines = figures.map(({ ours, own }, index) => [
    String(index + 1),
    ...[ours, own].flatMap(each => [each.seconds.toFixed(2), formatCount(each.peakMiB)]),
    (ours.seconds / own.seconds).toFixed(2),
  ])
  say(plainTable(['pair', 'bench query, s', 'peak MiB', 'DuckDB, s', 'peak MiB', 'ratio'], lines))
  const ratio = median(figures.map(({ ours, own }) => ours.seconds / own.seconds)) ?? Number.NaN
  const peak = Math.max(compacted.peakMiB, ...figures.map(({ ours }) => ours.peakMiB))
  const isKept = ratio <= LIMIT_RATIO && peak <= LIMIT_MIB
  say(
    `median ratio ${ratio.toFixed(2)} (at most ${LIMIT_RATIO}), peak ${formatCount(peak)} MiB (at most ${formatCount(LIMIT_MIB)}): ${isKept ? 'kept' : 'broken'}`,
  )
  return isKept ? 0 : 1
}

/** Copies the tables of a store to other days until it has so many rows or more, and writes all of them to one file, too. */
async function multiply(store: string, rows: number, one: string, signal: AbortSignal) {
  const folder = tablesIn(store)
  using database = await openDatabase(folder, signal)
  const { number, ...catalogue } = catalogueOf(store)
  const known = Object.values(catalogue.trials).flat()
  const trials: { [day: string]: string[] } = { ...catalogue.trials }
  const from = (names: readonly string[]) => parquet(names.map(name => join(folder, name)))
  const [[had] = []] = await database.rows(`SELECT count(*) FROM ${from(known)}`)
  const copies = Math.ceil(rows / Number(had))
  for (let copy = 1; copy < copies; copy++) {
    const day = new Date(Date.UTC(2027, 0, copy)).toISOString().slice(0, 10)
    for (const name of known) copyFileSync(join(folder, name), join(folder, `${day}-${name}`))
    trials[day] = known.map(name => `${day}-${name}`)
  }
  writeFileSync(join(folder, `catalogue.${number}.json`), JSON.stringify({ ...catalogue, trials }))
  const names = Object.values(trials).flat()
  await database.run(`COPY (SELECT * FROM ${from(names)}) TO ${literal(one)} (${PARQUET})`)
  return { files: names.length, rows: copies * Number(had) }
}

/** The same by DuckDB's own API, with the same bound of memory. */
async function askFile(path: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB' })
  const connection = await instance.connect()
  await connection.run(`CREATE VIEW trials AS SELECT * FROM read_parquet(${literal(path)})`)
  const rows = (await connection.runAndReadAll(SQL)).getRowObjects()
  for (const row of rows)
    say(JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value)))
}

interface Figures {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMiB: number
  readonly answer: string
}

/** Runs node with `args`; start and end of the process are part of its time. */
async function measured(args: readonly string[], signal: AbortSignal): Promise<Figures> {
  const usage = `process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); console.error('used ' + maxRSS + ' ' + (userCPUTime + systemCPUTime)) })`
  const start = performance.now()
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(usage)}`, ...args],
    { signal, maxBuffer: 2 ** 26 },
  )
  const seconds = (performance.now() - start) / 1000
  const [, peak, cpu] = /used (\d+) (\d+)/.exec(stderr) ?? []
  return { seconds, cpuSeconds: Number(cpu) / 1e6, peakMiB: Number(peak) / 1024, answer: stdout }
}
