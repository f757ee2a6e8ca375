/** Pages of reports in Chromium, shared by the tests of a suite. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { loadChartEngine, loadPage } from '../../results/report/assets.ts'
import { buildReport } from '../../results/report/build-report.ts'
import { renderHtml } from '../../results/report/html/page.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import {
  chunkSweep,
  datagrams,
  mainJob,
  manifest,
  record,
  rounds,
  stream,
  streamRuns,
} from '../support/results-samples.ts'
import { Chromium, type Opened } from './chromium.ts'

/** As the files say. */
export const COMMAND = 'run --size 800k --chunk 1024 --seed 1'

export const sweep = () => chunkSweep(chunk => (chunk < 2000 ? 0.3 : 0))

/** Four sizes and five chunks: goodputs of 1 to 5 Gbit/s. */
const heat = () =>
  [65_536, 131_072, 196_608, 262_144].flatMap(size_bytes =>
    [512, 1024, 1536, 2048, 2560].flatMap((chunk_bytes, index) =>
      ['tcp', 'other'].flatMap(transport =>
        rounds(3, () => stream((index + 1) * 1e9, { transport, size_bytes, chunk_bytes })),
      ),
    ),
  )

/** Four sizes and sixteen chunks. */
const large = () =>
  [65_536, 1024 ** 2, 4 * 1024 ** 2, 16 * 1024 ** 2].flatMap(size_bytes =>
    Array.from({ length: 16 }, (_, index) => 2 ** (index + 1)).flatMap(chunk_bytes => {
      const bps = 8e9 * (chunk_bytes / (chunk_bytes + 6000))
      const lost = chunk_bytes < 100 ? 5 : 0
      return [
        ...rounds(3, (_, noise) => stream(bps * noise, { size_bytes, chunk_bytes })),
        ...rounds(3, (_, noise) => datagrams(bps * noise, lost, { size_bytes, chunk_bytes })),
      ]
    }),
  )

const requests = () =>
  (['echo-tcp', 'echo-udp'] as const).flatMap((transport, index) =>
    rounds(20, (_, noise) =>
      record({
        ...{ transport, workload: 'exchange', size_bytes: 64, chunk_bytes: 64, total_ms: 120 },
        ...{ requests: 100, answered: 100, rtt_p50_ms: 0.04 * (1 + index) * noise },
      }),
    ),
  )

const REPORTS: Readonly<Record<string, readonly TrialRecord[][]>> = {
  large: [[...large()]],
  requests: [[...requests()]],
  streams: [[...streamRuns()]],
  main: [[...mainJob()]],
  sweep: [[...sweep()]],
  heat: [[...heat()]],
  files: [
    [...mainJob()],
    mainJob().map(each => ({ ...each, run_id: '20260302T120000Z-efgh', node_version: '24.1.0' })),
  ],
}

export const REPORT_NAMES = Object.keys(REPORTS)

const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
let started: Promise<Chromium> | undefined
after(async () => {
  await (await started)?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts Chromium, and writes the pages. */
async function start(): Promise<Chromium> {
  const assets = { ...loadPage(), engine: await loadChartEngine() }
  for (const [name, files] of Object.entries(REPORTS)) {
    const labelled = files.map((records, index) => ({
      label: `${name}-${index + 1}.csv`,
      records,
      manifests: [manifest(COMMAND)],
    }))
    const page = renderHtml(buildReport({ files: labelled, version: '0.0.0' }), assets)
    writeFileSync(join(folder, `${name}.html`), page)
  }
  return await Chromium.start()
}

/** Opens the pages `main`, `sweep`, `heat` and `files`. Call it in a `describe`. One Chromium serves all of a process, and ends after its tests. */
export function reportPages() {
  /** Pages of the tests that leave a page as they found it. */
  const shared = new Map<string, Promise<Opened>>()
  let chromium: Chromium

  before(async () => {
    started ??= start()
    chromium = await started
  })
  after(async () => {
    for (const opened of shared.values()) await (await opened)[Symbol.asyncDispose]()
  })

  const open = (name: string, options?: BrowserContextOptions): Promise<Opened> =>
    chromium.open(join(folder, `${name}.html`), options)
  const openShared = (name: string): Promise<Opened> => {
    const opened = shared.get(name) ?? open(name, { permissions: ['clipboard-read', 'clipboard-write'] })
    shared.set(name, opened)
    return opened
  }
  return {
    open,
    openShared,
    pageOf: async (name: string): Promise<Page> => (await openShared(name)).page,
    /** Opens a page of this HTML. */
    openHtml(name: string, html: string): Promise<Opened> {
      writeFileSync(join(folder, `${name}.html`), html)
      return open(name)
    },
  }
}
