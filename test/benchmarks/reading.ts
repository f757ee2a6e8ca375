/**
 * `npm run bench:read [-- --rows 1000000]`: how quickly a large result file is read and compared, and in how much memory, each in a
 * process of its own; beside csv-parse, which reads a tenth of it. Exit code 1 when a bound of the issue is broken.
 */
import { execFile } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { parse } from 'csv-parse'
import { formatCount } from '../../base/units.ts'
import { METRICS } from '../../results/compare/metrics.ts'
import { readTrials } from '../../results/read/read.ts'
import { writeManyRows } from './many-rows.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

const HELP = `npm run bench:read [-- --rows 1000000]

Writes that many realistic rows to a folder for temporary files (850 MB a million), reads them, compares its halves, and removes it.`

const LIMIT_SECONDS = 5
const LIMIT_MIB = 500
const CSV_PARSE_SHARE = 10

interface Figures {
  readonly rows: number
  readonly seconds: number
  readonly peakMiB: number
}

const READERS: Readonly<Record<string, (path: string) => Promise<number>>> = {
  ours,
  'csv-parse': withCsvParse,
}

await runTool('bench:read', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      help: { type: 'boolean', default: false },
      // For the processes that it starts.
      reader: { type: 'string' },
      file: { type: 'string', default: '' },
    },
  })
  if (values.help) {
    say(HELP)
    return 0
  }
  const reader = values.reader === undefined ? undefined : READERS[values.reader]
  if (reader) {
    say(String(await reader(values.file)))
    return 0
  }
  const rows = wholeNumber('--rows', values.rows)
  const folder = mkdtempSync(join(tmpdir(), 'bench-read-'))
  try {
    return await judge(folder, rows, signal)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judge(folder: string, rows: number, signal: AbortSignal): Promise<number> {
  const file = (name: string, share: number, factor = 1) => {
    const path = join(folder, name)
    const bytes = writeManyRows(path, { rows: Math.ceil(rows / share), seed: share, factor })
    say(`${name}: ${formatCount(Math.ceil(rows / share))} rows, ${formatCount(bytes / 1e6)} MB`)
    return path
  }
  const [whole, base, other] = [file('whole.csv', 1), file('base.csv', 2), file('other.csv', 2, 0.97)]
  const tenth = file('tenth.csv', CSV_PARSE_SHARE)
  const self = fileURLToPath(import.meta.url)
  const cli = fileURLToPath(new URL('../../bench/cli.js', import.meta.url))
  const read = await measured([self, '--reader', 'ours', '--file', whole], rows, signal)
  const compare = await measured([cli, 'compare', base, other], 2 * Math.ceil(rows / 2), signal)
  const parsed = await measured(
    [self, '--reader', 'csv-parse', '--file', tenth],
    Math.ceil(rows / CSV_PARSE_SHARE),
    signal,
  )
  const line = (name: string, { rows, seconds, peakMiB }: Figures) => [
    name,
    formatCount(rows),
    seconds.toFixed(2),
    formatCount(rows / seconds),
    formatCount(peakMiB),
  ]
  say(
    plainTable(
      ['', 'rows', 's', 'rows/s', 'peak MiB'],
      [line('readTrials', read), line('bench compare', compare), line('csv-parse', parsed)],
    ),
  )
  say(`readTrials is ${((read.rows / read.seconds) * (parsed.seconds / parsed.rows)).toFixed(1)} x csv-parse`)
  const isKept = compare.seconds <= LIMIT_SECONDS && compare.peakMiB <= LIMIT_MIB
  say(
    `bench compare ${isKept ? 'keeps' : 'breaks'} the bounds of ${LIMIT_SECONDS} s and ${LIMIT_MIB} MiB a million rows`,
  )
  return isKept ? 0 : 1
}

/** Runs node with `args`; start and end of the process are part of its time. */
async function measured(args: readonly string[], rows: number, signal: AbortSignal): Promise<Figures> {
  const tellPeak = `process.on('exit', () => console.error('peak ' + process.resourceUsage().maxRSS))`
  const start = performance.now()
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tellPeak)}`, ...args],
    { signal, maxBuffer: 2 ** 26 },
  )
  const seconds = (performance.now() - start) / 1000
  return { rows, seconds, peakMiB: Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024 }
}

/** What a comparison of all metrics would read. */
async function ours(path: string): Promise<number> {
  const { sets } = await readTrials([path], {
    numbers: [
      ...METRICS.map(({ column }) => column),
      'datagrams_lost',
      'datagrams_accepted',
      'datagrams_refused',
      'payload_intact',
    ],
    texts: ['error_code', 'loss_cause'],
  })
  return sets.reduce((sum, { cells }) => sum + cells.reduce((all, { count }) => all + count, 0), 0)
}

/** Rows as arrays of texts; nothing is made of them. */
async function withCsvParse(path: string): Promise<number> {
  let rows = 0
  for await (const _ of createReadStream(path).pipe(parse())) rows++
  return rows - 1
}
