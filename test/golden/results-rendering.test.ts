import { describe, it } from 'node:test'
import { toAscii } from '../../base/ascii.ts'
import { renderCharts } from '../../results/charts/screen.ts'
import { renderTable } from '../../results/document/table.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { OverTime } from '../../results/statistics/over-time.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { findWarnings, renderWarnings } from '../../results/warnings/warnings.ts'
import { golden } from '../support/golden.ts'
import {
  chunkSweep,
  datagrams,
  intervalsOf,
  mainJob,
  record,
  refused,
  rounds,
  stream,
  streamRuns,
} from '../support/results-samples.ts'

function render(records: readonly TrialRecord[], width: number, color = false): string {
  const summaries = summarize(records)
  const options = { width, color }
  const warnings = renderWarnings(findWarnings(summaries), options)
  const overTime = new OverTime()
  const ofStreams = records.filter(each => each.workload === 'stream')
  for (const row of intervalsOf(ofStreams)) overTime.add(row)
  const charts = renderCharts(summaries, options, ofStreams.length > 0 ? overTime : undefined)
  return [renderTable(summaries, options), charts, warnings].filter(Boolean).join('\n')
}

const lossOfSmall = (chunk: number) => (chunk < 2000 ? 0.3 : chunk < 10_000 ? 0.1 : 0)

const sizeSweep = (): readonly TrialRecord[] =>
  [1024, 32_768, 1024 ** 2, 64 * 1024 ** 2].flatMap(size_bytes => [
    ...rounds(5, (_, noise) => stream((9e9 * noise * size_bytes) / (size_bytes + 300_000), { size_bytes })),
    ...rounds(5, (_, noise) =>
      datagrams((4e9 * noise * size_bytes) / (size_bytes + 90_000), 0, { size_bytes }),
    ),
    ...rounds(5, (_, noise) =>
      size_bytes > 65_507
        ? refused({ transport: 'udp-datagram', size_bytes, datagrams_offered: 1, datagrams_refused: 1 })
        : datagrams(8e8 * noise, 0, { transport: 'udp-datagram', size_bytes }),
    ),
  ])

const emulated = (): readonly TrialRecord[] =>
  [819_200, 62_470].flatMap(size_bytes =>
    [1024, 9216, 9217].flatMap(chunk_bytes => {
      const limit = { size_bytes, chunk_bytes, max_datagram_bytes: 9216, limit_emulated: true }
      return [
        ...rounds(5, (_, noise) => stream(chunk_bytes * 4e5 * noise, limit)),
        ...rounds(5, (_, noise) =>
          chunk_bytes > 9216 ? refused(limit) : datagrams(chunk_bytes * 2e5 * noise, 0, limit),
        ),
      ]
    }),
  )

const variants = (): readonly TrialRecord[] =>
  ['default limit', 'raised limit'].flatMap(variant =>
    [1024, 9216, 9217].flatMap(chunk_bytes => {
      const raised = variant === 'raised limit'
      const common = {
        variant,
        chunk_bytes,
        ...(raised && { sndbuf_asked_bytes: 65_535, sndbuf_bytes: 131_070 }),
      }
      const limit = {
        ...common,
        rate_bps: 4e8,
        ...(!raised && { max_datagram_bytes: 9216, limit_emulated: true }),
      }
      return [
        ...rounds(5, (_, noise) => stream(chunk_bytes * 3e5 * noise, common)),
        ...rounds(5, (_, noise) =>
          !raised && chunk_bytes > 9216 ? refused(limit) : datagrams(3.9e8 * noise, 0, limit),
        ),
      ]
    }),
  )

const trouble = (): readonly TrialRecord[] => [
  ...rounds(3, round =>
    round === 2
      ? record({
          outcome: 'failed',
          error_code: 'ECONNRESET',
          error_phase: 'transfer',
          error_message: 'connection reset',
          goodput_bps: 0,
        })
      : stream(1e9),
  ),
  ...rounds(3, round =>
    round === 1
      ? record({ transport: 'udp-header', outcome: 'timed-out', error_phase: 'ack' })
      : datagrams(5e8, 0, { rcvbuf_asked_bytes: undefined }),
  ),
]

/** What a sender knows of a receiver that is not ours: nothing. */
const foreign = (): readonly TrialRecord[] =>
  rounds(5, (_, noise) =>
    record({
      transport: 'udp-marker',
      direction: 'send',
      total_ms: 3.2 * noise,
      datagrams_offered: 800,
      datagrams_accepted: 800,
      datagrams_refused: 0,
    }),
  )

/** Two long sweeps; UDP loses of large payloads in small chunks. */
const heatSweep = (): readonly TrialRecord[] =>
  [65_536, 262_144, 819_200, 4_194_304].flatMap(size_bytes =>
    [256, 512, 1024, 2048, 4096, 16_384, 65_508].flatMap(chunk_bytes => {
      const values = { size_bytes, chunk_bytes }
      const bps = (9e9 * chunk_bytes) / (chunk_bytes + 6000)
      const lost = size_bytes / chunk_bytes > 1000 ? Math.round(size_bytes / chunk_bytes / 8) : 0
      return [
        ...rounds(6, (_, noise) => stream((bps * noise * size_bytes) / (size_bytes + 1e5), values)),
        ...rounds(6, (_, noise) =>
          chunk_bytes > 65_507 ? refused(values) : datagrams(0.6 * bps * noise, lost, values),
        ),
      ]
    }),
  )

describe('tables, charts and warnings', () => {
  const samples: Readonly<Record<string, () => readonly TrialRecord[]>> = {
    'main-job': mainJob,
    'chunk-sweep-refused': () => chunkSweep(),
    'chunk-sweep-loss': () => chunkSweep(lossOfSmall),
    'size-sweep': sizeSweep,
    'sizes-and-chunks-emulated-limit': emulated,
    heat: heatSweep,
    variants,
    trouble,
    streams: streamRuns,
    foreign,
    'one-trial': () => [stream(2.41e9)],
    nothing: () => [],
  }
  for (const [name, make] of Object.entries(samples)) {
    const isDrawn = ['main-job', 'chunk-sweep-loss', 'heat'].includes(name)
    const widths = isDrawn ? [200, 120, 80, 60] : name === 'variants' ? [100] : [80]
    for (const width of widths) {
      it(`${name} at ${width} columns`, () =>
        golden(`test/golden/results-${name}-${width}.txt`, render(make(), width)))
    }
    if (isDrawn) {
      it(`${name} in ASCII and in colour`, () => {
        golden(`test/golden/results-${name}-ascii.txt`, toAscii(render(make(), 80)))
        golden(`test/golden/results-${name}-color.txt`, render(make(), 80, true))
      })
    }
  }
})
