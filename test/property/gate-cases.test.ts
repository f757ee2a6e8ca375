/** The plan that stored results are measured again by is the plan of their run. */
import assert from 'node:assert/strict'
import { basename } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseBytes, parseRate } from '../../base/units.ts'
import { type Means, plansAgain, storedPlans } from '../../bench/cli/check/stored-plans.ts'
import { obstacleToPins } from '../../bench/fleet/agent/pinning.ts'
import { flowHere } from '../../bench/fleet/flow.ts'
import { manifestOf } from '../../bench/measure/manifest.ts'
import { BUILT_IN } from '../../bench/workloads/catalog.ts'
import { type Cell, cellOf } from '../../results/schema/cells.ts'
import { manifestSchema } from '../../results/schema/manifest.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { askedColumns } from '../../scenarios/asked.ts'
import type { Case } from '../../scenarios/plan.ts'
import { planScenario } from '../../scenarios/planning.ts'
import type { Scenario, Settings } from '../../scenarios/schema.ts'
import type { PlanSockets } from '../../scenarios/socket-settings.ts'
import { record } from '../support/results-samples.ts'

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

/** The cell of a case's rows, in text and back, as from a file. */
function cellIn(each: Case): Cell {
  const written = record({
    scenario: each.scenario,
    variant: each.variant,
    engine: 'native',
    ...askedColumns(each),
    file: each.file === undefined ? undefined : basename(each.file),
    limit_emulated: each.maxDatagramBytes !== undefined,
  })
  return cellOf(parseRecord(JSON.parse(JSON.stringify(written))))
}

const MEANS: Means = {
  catalog: BUILT_IN,
  abilities: {
    socketsOf: engine => (engine === 'native' ? ALL_TAKING : 'it does not work'),
    obstacleToPins: pins => obstacleToPins(pins, [0, 1]),
  },
  fileSizes: FILES,
}

test('the plan that stored results are measured again by is the plan of their run', () => {
  fc.assert(
    fc.property(scenario, fc.integer({ min: 0, max: 3 }), fc.nat(), (mine, turns, pick) => {
      const plan = planScenario(mine, BUILT_IN.transports, FILES, ALL_TAKING)
      const pins = { sender: 0, receiver: 1 }
      const manifest = manifestSchema.parse(
        JSON.parse(
          JSON.stringify(
            manifestOf(['run'], new Date(0), [{ plan, flows: [flowHere(plan.engine, { pins })] }]),
          ),
        ),
      )
      const stored = storedPlans([manifest])
      const cells = plan.cases.map(cellIn)
      const whole = plansAgain([...cells.slice(turns), ...cells.slice(0, turns)], stored, MEANS)
      assert.deepEqual(whole.left, [])
      const [again, ...others] = whole.works
      assert.deepEqual(others, [])
      assert.deepEqual(JSON.parse(JSON.stringify(again?.plan)), JSON.parse(JSON.stringify(plan)))
      assert.deepEqual(
        again?.flows.map(flow => flow.from.pins),
        [pins],
      )

      const chosen = pick % cells.length
      const one = plansAgain(cells.slice(chosen, chosen + 1), stored, MEANS, 7)
      assert.deepEqual(
        one.works.map(({ plan: { cases, repeat } }) => [cases.length, repeat]),
        [[1, 7]],
      )
      assert.deepEqual(
        plansAgain(cells, [], MEANS).left.map(({ cell }) => cell),
        cells,
      )
    }),
    { numRuns: 60 },
  )
})
