/** The highest rate without loss through a bottleneck: `bench search` beside a loop of iperf3 that halves its distance, in turn. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { monotonic } from '../../../base/clock.ts'
import { UsageError } from '../../../base/errors.ts'
import { formatDuration, formatPercent, formatRate } from '../../../base/units.ts'
import { manifestSchema } from '../../../results/schema/manifest.ts'
import { searchResults } from '../../../results/statistics/search-results.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { readCsv } from '../../e2e/rows.ts'
import { ADDRESSES, Lab, withoutLab } from '../../support/lab.ts'
import { Child } from './child.ts'

const BOTTLENECK_BPS = 50e6
const CHUNK_BYTES = 1000
/** tbf counts frames: with the headers of Ethernet, IP and UDP. */
const TRUTH_BPS = (BOTTLENECK_BPS * CHUNK_BYTES) / (CHUNK_BYTES + 14 + 20 + 8)
const WIDTH = 0.005
const LIMIT_MS = 25 * 60_000
const CLI = new URL('../../../bench/cli.js', import.meta.url).pathname
const PORT = 5990
const TOKEN = 'a token for a benchmark'

export interface Hunt {
  readonly foundBps: number
  readonly tookMs: number
  readonly trials: number
}

export type HuntRound = Readonly<Record<'ours' | 'iperf3', Hunt>>

/** @throws UsageError where there can be no network to hunt in */
export async function hunt(
  iperf3: string,
  rounds: number,
  signal: AbortSignal,
): Promise<readonly HuntRound[]> {
  const obstacle = withoutLab()
  if (obstacle !== false) throw new UsageError(`search: ${obstacle}`)
  using lab = new Lab()
  lab.setBottleneck(`${BOTTLENECK_BPS / 1e6}mbit`)
  const at = (host: 'a' | 'b', command: string, words: readonly string[]) => {
    const [program = '', ...rest] = [...lab.words(host), command, ...words]
    return new Child(program, rest, LIMIT_MS, signal)
  }
  process.env['BENCH_TOKEN'] = TOKEN
  await using _server = at('b', process.execPath, [CLI, 'serve', '--listen', `0.0.0.0:${PORT}`])
  await using _iperf3 = at('b', iperf3, ['-s'])
  await sleep(2000, undefined, { signal })
  const found: HuntRound[] = []
  for (let round = 0; round < rounds; round++) {
    const ours = async () => ofOurs(at)
    const theirs = async () => ofIperf3(iperf3, at)
    // Which of them goes first changes from round to round.
    const [first, second] = round % 2 === 0 ? [await ours(), await theirs()] : [await theirs(), await ours()]
    found.push(round % 2 === 0 ? { ours: first, iperf3: second } : { ours: second, iperf3: first })
  }
  return found
}

type At = (host: 'a' | 'b', command: string, words: readonly string[]) => Child

async function ofOurs(at: At): Promise<Hunt> {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-hunt-'))
  const out = join(cwd, 's.csv')
  const startedAt = monotonic()
  try {
    const what = [
      '--transport',
      'udp-marker',
      '--chunk',
      String(CHUNK_BYTES),
      '--loss',
      '0',
      '--no-chart',
      '-q',
    ]
    await using child = at('a', process.execPath, [
      CLI,
      'search',
      '--host',
      ADDRESSES.b[4],
      ...what,
      '--out',
      out,
    ])
    await child.output()
    const tookMs = monotonic() - startedAt
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(cwd, 's.run.json'), 'utf8')))
    const [found] = searchResults(summarize(readCsv(out)), [manifest])
    return { foundBps: found?.throughput ?? 0, tookMs, trials: found?.trials ?? 0 }
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

const reportSchema = z.object({
  end: z.object({ sum: z.object({ packets: z.number(), lost_packets: z.number() }) }),
})

/** A second at each rate, as people do it: halfway between one that lost something and one that did not. */
async function ofIperf3(iperf3: string, at: At): Promise<Hunt> {
  const startedAt = monotonic()
  let [low, high, trials] = [0, 1e9, 0]
  while ((high - low) / high > WIDTH) {
    const rate = Math.round((low + high) / 2)
    const words = ['-c', ADDRESSES.b[4], '-u', '-b', String(rate), '-t', '1', '-l', String(CHUNK_BYTES), '-J']
    await using child = at('a', iperf3, words)
    const { sum } = reportSchema.parse(JSON.parse(await child.output())).end
    trials++
    if (sum.lost_packets > 0) high = rate
    else low = rate
  }
  return { foundBps: low, tookMs: monotonic() - startedAt, trials }
}

/** A line a round and program. */
export function huntText(rounds: readonly HuntRound[]): string {
  const line = (name: string, { foundBps, tookMs, trials }: Hunt) =>
    `${name.padEnd(7)} ${formatRate(foundBps).padStart(12)} ${formatPercent(foundBps / TRUTH_BPS).padStart(8)} of what fits, ${formatDuration(tookMs)}, ${trials} trials`
  return [
    `highest rate without loss behind ${formatRate(BOTTLENECK_BPS)}, of which chunks of ${CHUNK_BYTES} B leave ${formatRate(TRUTH_BPS)}`,
    ...rounds.flatMap(each => [line('ours', each.ours), line('iperf3', each.iperf3)]),
  ].join('\n')
}
