import { describe, it } from 'node:test'
import type { Comparison } from '../../results/compare/comparison.ts'
import { comparisonCsv } from '../../results/compare/csv.ts'
import { comparisonMarkdown, renderComparison } from '../../results/compare/document.ts'
import { comparisonJson, comparisonSchema } from '../../results/compare/json.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { compared, faster, metric, otherRun } from '../support/compare-samples.ts'
import { golden } from '../support/golden.ts'
import { compareMarkdown, jsonSchema } from '../support/results-docs.ts'
import {
  chunkSweep,
  datagrams,
  mainJob,
  record,
  refused,
  rounds,
  stream,
} from '../support/results-samples.ts'

/** After a change: TCP slower, one UDP format quicker and without loss, the other as it was. */
const after = (): readonly TrialRecord[] =>
  otherRun(mainJob(), '20260302T090000Z-efgh', each => ({
    started_at: '2026-03-02T09:00:00.000Z',
    commit: '0123456789abcdef0123456789abcdef01234567',
    node_version: '24.11.1',
    ...(each.transport === 'tcp' ? faster(each, 0.7) : {}),
    ...(each.transport === 'udp-header'
      ? { ...faster(each, 1.4), outcome: 'completed' as const, datagrams_lost: 0, loss_ratio: 0 }
      : {}),
  }))

/** Three systems, of which one refuses large datagrams and one is emulated. */
const systems = (): Comparison => {
  const sweep = chunkSweep(chunk => (chunk < 2000 ? 0.2 : 0))
  const limited = (emulated: boolean, chunk: number) =>
    sweep.map(each =>
      each.transport !== 'tcp' && each.chunk_bytes > chunk
        ? refused({
            transport: each.transport,
            size_bytes: each.size_bytes,
            chunk_bytes: each.chunk_bytes,
            round: each.round,
            trial: each.trial,
            refused_datagram_bytes: each.chunk_bytes,
            limit_emulated: emulated,
          })
        : each,
    )
  return compared({
    'ubuntu.csv': sweep,
    'macos.csv': otherRun(limited(false, 9216), '20260301T130000Z-mnop', each => ({
      os: 'darwin',
      os_release: '24.6.0',
      arch: 'arm64',
      cpu_model: 'Apple M1 (Virtual)',
      cpu_count: 3,
      host: 'sat12-jp135',
      started_at: '2026-03-01T13:00:00.000Z',
      ...faster(each, 0.6),
    })),
    'windows.csv': otherRun(limited(true, 32_768), '20260301T140000Z-qrst', each => ({
      os: 'win32',
      os_release: '10.0.20348',
      host: 'fv-az1',
      max_datagram_bytes: each.transport === 'tcp' ? undefined : 32_768,
      started_at: '2026-03-01T14:00:00.000Z',
      ...faster(each, 0.98),
    })),
  })
}

/** Sides of one run: small changes are found, and a side has trouble. */
const sides = (): Comparison => {
  const a = mainJob().map(each => ({ ...each, side: 'a' as const }))
  const b = mainJob().map(each => ({
    ...each,
    side: 'b' as const,
    engine: 'native',
    sender_engine: 'native',
    ...faster(each, each.transport === 'tcp' ? 1.08 : 1.01),
  }))
  const trouble = b.map(each =>
    each.transport === 'tcp' && each.round === 3
      ? record({
          round: 3,
          trial: 3,
          side: 'b',
          engine: 'native',
          outcome: 'failed',
          error_code: 'ECONNRESET',
        })
      : each,
  )
  return compared({ a, b: trouble }, { by: 'side' })
}

/** Six runs of a baseline against a new one. */
const runs = (): Comparison => {
  const before = [0.95, 0.99, 1, 1.02, 1.03, 1.06].flatMap((factor, index) =>
    otherRun(mainJob(), `20260301T12000${index}Z-abcd`, each => faster(each, factor)),
  )
  return compared({ before, after: otherRun(mainJob(), '20260302T120000Z-abcd', each => faster(each, 0.7)) })
}

/** One trial, nothing in common, and names that would do harm. */
const hostile = (): Comparison =>
  compared({
    '\u001b[31mred.csv\u0007': [
      stream(1e9, { transport: 'tcp|x', file: '`<script>alert(1)</script>`\u202egnp.exe' }),
      datagrams(1e9, 3, { host: 'a|b\r\n## title', file: '=HYPERLINK("http://example.com")' }),
    ],
    '@someone #1 www.example.com http://example.com': otherRun(
      [
        stream(1e9, {
          transport: 'tcp|x',
          file: '`<script>alert(1)</script>`\u202egnp.exe',
          host: '*bold* _it_ ~x~ [l](u)',
        }),
      ],
      'other',
    ),
  })

const SAMPLES: Readonly<
  Record<string, { readonly make: () => Comparison; readonly widths: readonly number[] }>
> = {
  'before-after': {
    make: () => compared({ 'before.csv': mainJob(), 'after.csv': after() }),
    widths: [60, 80, 120],
  },
  systems: { make: systems, widths: [60, 80, 120] },
  sides: { make: sides, widths: [60, 80, 120] },
  runs: { make: runs, widths: [80] },
  'delivery-by-transport': {
    make: () =>
      compared(
        Object.fromEntries(
          ['tcp', 'udp-header', 'udp-marker'].map(name => [
            name,
            mainJob().filter(each => each.transport === name),
          ]),
        ),
        { by: 'transport', metric: metric('delivery') },
      ),
    widths: [80],
  },
  'few-rounds': {
    make: () =>
      compared({
        a: rounds(3, (_, noise) => stream(1e9 * noise)),
        b: otherRun(
          rounds(3, (_, noise) => stream(1.01e9 * noise)),
          'other',
        ),
      }),
    widths: [80],
  },
  'two-rounds': {
    make: () =>
      compared(
        {
          a: rounds(2, () => stream(1e9, { side: 'a' })),
          b: rounds(2, round => stream(round === 1 ? 3e9 : 0.5e9, { side: 'b' })),
        },
        { by: 'side' },
      ),
    widths: [80],
  },
  hostile: { make: hostile, widths: [20, 80] },
}

describe('documentation of comparisons', () => {
  it('of the CSV is up to date', () => golden('docs/compare.md', compareMarkdown()))
  it('of the JSON is up to date', () =>
    golden(
      'docs/compare.schema.json',
      jsonSchema('compare', 'A comparison of tcp-udp-bench', comparisonSchema),
    ))
})

describe('comparisons', () => {
  for (const [name, { make, widths }] of Object.entries(SAMPLES)) {
    for (const width of widths) {
      it(`${name} at ${width} columns`, () =>
        golden(
          `test/golden/compare-${name}-${width}.txt`,
          renderComparison(make(), { width, color: false, charts: true }),
        ))
    }
  }

  for (const name of ['systems', 'sides', 'hostile'] as const) {
    const { make } = SAMPLES[name] ?? { make: systems }
    it(`${name} as Markdown, CSV and JSON`, () => {
      golden(`test/golden/compare-${name}.markdown.txt`, comparisonMarkdown(make()))
      if (name === 'systems') return
      // Its line ends are tested elsewhere: git may have its own.
      golden(`test/golden/compare-${name}.csv.txt`, comparisonCsv(make()).replaceAll('\r\n', '\n'))
      golden(`test/golden/compare-${name}.json.txt`, comparisonJson(make()))
    })
  }
})
