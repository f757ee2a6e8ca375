/** The plan of the rows of a run is the plan of that run. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseBytes, parseRate } from '../../base/units.ts'
import { type Means, type MeasuredCase, plansOf } from '../../bench/cli/check/measured-cases.ts'
import { askedColumns } from '../../bench/measure/report-columns.ts'
import { cellOf } from '../../results/schema/cells.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { type Case, type Plan, planScenario } from '../../scenarios/plan.ts'
import type { Scenario, Settings } from '../../scenarios/schema.ts'
import type { PlanSockets } from '../../scenarios/socket-settings.ts'
import { transports } from '../../transports/catalog.ts'
import { record } from '../results-samples.ts'

/** Takes every option, and gives UDP a receive buffer of its own as the native engine does. */
const ALL_TAKING: PlanSockets = { engine: 'native', objection: () => undefined }
const FILES = new Map([
  ['pictures/one.png', 813_611],
  ['two.bin', 62_470],
])

const bytes = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map(n => parseBytes(String(n)))
const rate = fc.integer({ min: 1, max: 10_000 }).map(n => parseRate(`${n}M`))
const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 })

const settings: fc.Arbitrary<Settings> = fc.record(
  {
    chunksBytes: fc.uniqueArray(bytes(1, 65_508), { minLength: 1, maxLength: 3 }),
    rateBps: rate,
    rcvbufBytes: fc.oneof(fc.constant('default' as const), bytes(1, 1 << 24)),
    sndbufBytes: fc.oneof(fc.constant('default' as const), bytes(1, 1 << 24)),
    maxDatagramBytes: fc.oneof(fc.constant('none' as const), bytes(500, 70_000)),
    nodelay: fc.boolean(),
    congestion: fc.constantFrom('cubic', 'reno'),
    mssBytes: fc.integer({ min: 88, max: 32_767 }),
    maxPacingBps: rate,
    dscp: fc.integer({ min: 0, max: 63 }),
    df: fc.constantFrom('dont' as const, 'do' as const),
    offload: fc.subarray(['gso' as const, 'gro' as const]),
    zerocopy: fc.boolean(),
  },
  { requiredKeys: [] },
)

const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    common: settings,
    payload: fc.oneof(
      fc.uniqueArray(bytes(1, 1 << 20), { minLength: 1, maxLength: 3 }).map(sizesBytes => ({ sizesBytes })),
      some([...FILES.keys()]).map(files => ({ files })),
    ),
    names: some(['udp-header', 'udp-marker', 'udp-datagram']),
    variants: fc.uniqueArray(settings, { maxLength: 2 }),
    repeat: fc.integer({ min: 1, max: 50 }),
    processes: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    seed: fc.nat(),
    ipFamily: fc.constantFrom(4 as const, 6 as const),
  })
  .map(({ common, payload, names, variants, repeat, processes, seed, ipFamily }) => ({
    name: 'mine',
    ...common,
    ...payload,
    transports: ['tcp', ...names],
    variants: variants.map((each, index) => ({ label: `variant ${index}`, ...each })),
    ...{ repeat, processes, seed, ipFamily },
  }))

/** What the rows of a case say of it, in text and back, as from a file. */
function rowsOf(each: Case, rounds: number, processes: number): MeasuredCase {
  const written = record({
    scenario: each.scenario,
    variant: each.variant,
    transport: each.transport,
    engine: 'native',
    ip_family: each.ipFamily,
    size_bytes: each.sizeBytes,
    chunk_bytes: each.chunkBytes,
    file: each.file === undefined ? undefined : basename(each.file),
    seed: each.seed,
    rate_bps: each.rateBps,
    ...askedColumns(each.socket),
    max_datagram_bytes: each.maxDatagramBytes,
    limit_emulated: each.maxDatagramBytes !== undefined,
  })
  const row = parseRecord(JSON.parse(JSON.stringify(written)))
  const { scenario, seed, nodelay, pinned_cpus } = row
  return { cell: cellOf(row), scenario, seed, nodelay, pinned_cpus, rounds, processes }
}

const MEANS: Means = {
  transports,
  engines: new Map([['native', ALL_TAKING]]),
  cpus: [],
  fileSizes: new Map([...FILES].map(([path, size]) => [basename(path), size])),
}

/** Cases in no order, and files by their names. */
function casesIn({ cases }: Plan): string[] {
  return cases
    .map(each => ({ ...each, ...(each.file === undefined ? {} : { file: basename(each.file) }) }))
    .map(each => JSON.stringify(Object.entries(each).sort(), (_, value) => sorted(value)))
    .sort()
}

function sorted(value: unknown): unknown {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value)
  return plain ? Object.entries(value).sort() : value
}

test('the plan of the rows of a run is the plan of that run', () => {
  fc.assert(
    fc.property(scenario, fc.integer({ min: 1, max: 3 }), (mine, turns) => {
      const plan = planScenario(mine, transports, FILES, ALL_TAKING)
      const rows = plan.cases.map(each => rowsOf(each, plan.repeat, plan.processes))
      // In whatever order trials came.
      const { runs, left } = plansOf([...rows.slice(turns), ...rows.slice(0, turns)], MEANS)
      assert.deepEqual(left, [])
      assert.equal(runs.length, 1)
      const again = runs[0]?.plan
      assert(again)
      assert.deepEqual(casesIn(again), casesIn(plan))
      const { scenario, engine, repeat, processes, warmup, seed } = plan
      assert.deepEqual(
        { scenario, engine, repeat, processes, warmup, seed },
        {
          ...{ scenario: again.scenario, engine: again.engine },
          repeat: again.repeat,
          processes: again.processes,
          warmup: again.warmup,
          seed: again.seed,
        },
      )
    }),
    { numRuns: 300 },
  )
})
