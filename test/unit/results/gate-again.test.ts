/** What is measured again: the cases of a stored run as it was measured, on the same machine; failures that have to show twice. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Means,
  plansAgain,
  type StoredPlan,
  storedPlans,
} from '../../../bench/cli/check/stored-plans.ts'
import { obstacleToPins } from '../../../bench/fleet/agent/pinning.ts'
import { flowHere } from '../../../bench/fleet/flow.ts'
import { manifestOf } from '../../../bench/measure/manifest.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { type Check, verdictOfChecks } from '../../../results/gate/check.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { confirm, unconfirmed } from '../../../results/gate/confirm.ts'
import { changedSince } from '../../../results/gate/environment.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import type { Pins } from '../../../scenarios/settings/words.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { gateSet, runOf } from '../../support/gate-samples.ts'
import { stream } from '../../support/results-samples.ts'

function run(day: number, values: Partial<TrialRecord> = {}, factor = 1) {
  return gateSet(runOf(day, [(_, noise) => stream(1e9 * factor * noise, values)]))
}

test('trials that were measured once more are of the same machine, or it is known in what it changed', () => {
  assert.deepEqual(changedSince(run(1, { cpu_quota: 2 }), run(2, { cpu_quota: 2 })), [])
  assert.deepEqual(changedSince(run(1, { cpu_quota: 2 }), run(2)), [
    { column: 'cpu_quota', before: '2', after: '' },
  ])
})

const MEANS: Means = {
  catalog: BUILT_IN,
  abilities: {
    socketsOf: engine => (engine === 'node' ? nodeSockets : 'it does not work'),
    obstacleToPins: pins => obstacleToPins(pins, [0]),
  },
  fileSizes: new Map(),
}

/** A run of one case, as its file says how it was measured. */
function storedPlan(
  over: Partial<Plan> = {},
  values: Partial<Case> = {},
  pins?: Pins,
): readonly StoredPlan[] {
  const engine = over.engine ?? 'node'
  const each: Case = {
    ...{ scenario: 'custom', transport: 'tcp', sizeBytes: 100_000, chunkBytes: 1000 },
    ...{ socket: { nodelay: true }, ipFamily: 4, seed: 1 },
    ...values,
  }
  const plan = {
    scenario: 'custom',
    engine,
    notes: [],
    cases: [each],
    repeat: 5,
    warmup: 1,
    processes: 3,
    seed: 1,
  }
  const [manifest] = [
    manifestOf([], new Date(1e12), [{ plan: { ...plan, ...over }, flows: [flowHere(engine, { pins })] }]),
  ]
  return storedPlans(manifest ? [manifest] : [])
}

test('cases are measured once more in as many processes as their latest run had', () => {
  const [cell] = gateSet([stream(1e9)]).cells.map(each => each.cell)
  assert(cell)
  const [stored] = storedPlan({}, { sizeBytes: cell.size_bytes ?? 0, chunkBytes: cell.chunk_bytes })
  assert(stored)
  const { plan } = stored
  const older = { ...manifestOf([], new Date(1e12), [{ plan: { ...plan, processes: 2 }, flows: [] }]) }
  const later = manifestOf([], new Date(2e12), [{ plan: { ...plan, processes: 4 }, flows: [] }])
  const again = plansAgain([cell], storedPlans([older, later]), MEANS).works
  assert.deepEqual(
    again.map(each => each.plan.processes),
    [4],
  )
  assert.equal(plansAgain([cell], storedPlans([older, later]), MEANS, 40).works[0]?.plan.processes, 4)
})

describe('a failure that may be chance', () => {
  const goodput = METRICS.filter(each => each.name === 'goodput')
  const checks = (factor: number, values: Partial<TrialRecord> = {}) =>
    checkChanges(run(1), run(2, values, factor), { metrics: goodput, bySide: false }).checks
  const metric = (all: readonly Check[]) => all.find(each => each.kind === 'metric')

  test('fails when it shows again', () => {
    const found = metric(confirm(checks(0.5), checks(0.55)))
    assert.equal(found?.status, 'failed')
    assert(found?.again && 'status' in found.again)
    assert.equal(found.again.status, 'failed')
    assert.match(found.again.sentence, /^goodput fell by 45/)
  })

  test('is inconclusive when it does not', () => {
    const all = confirm(checks(0.5), checks(1))
    assert.equal(metric(all)?.status, 'inconclusive')
    assert.equal(verdictOfChecks(all, false), 'passed')
    assert.equal(verdictOfChecks(all, true), 'failed')
  })

  test('stays one where it cannot be measured again', () => {
    const found = metric(unconfirmed(checks(0.5), '--no-remeasure'))
    assert.equal(found?.status, 'failed')
    assert.deepEqual(found?.again, { notMeasured: '--no-remeasure' })
    const missing = metric(confirm(checks(0.5), [], () => 'the file is not here'))
    assert.deepEqual(missing?.again, { notMeasured: 'the file is not here' })
  })

  test('so has one of a kind that the first look had no check of, and nothing of cells that were not looked at again', () => {
    const [damage] = checks(0.5).filter(each => each.kind === 'damage')
    assert(damage)
    const fact = { ...damage, kind: 'refusal', subject: 'refused sizes', status: 'failed' } as const
    const all = confirm(checks(0.5), [...checks(0.5), fact, { ...fact, kind: 'threshold', cell: undefined }])
    assert.deepEqual(
      all.slice(checks(0.5).length).map(each => [each.kind, each.sentence]),
      [['refusal', `when measured again, ${damage.sentence}`]],
    )
  })

  test('a fact that only fresh trials show has failed too', () => {
    const fresh = checks(0.5, { outcome: 'failed', error_code: 'ECONNRESET' })
    const all = confirm(checks(0.5), fresh)
    const failure = all.find(each => each.kind === 'failure')
    assert.equal(failure?.status, 'failed')
    assert.match(failure?.sentence ?? '', /^when measured again, 20 of 20 trials failed/)
  })
})

test('what a file says of its run does not choose where files go, nor steer a terminal', () => {
  const rows = (values: Partial<TrialRecord>) => gateSet([stream(1e9, values)]).cells.map(({ cell }) => cell)
  const [plain] = rows({})
  assert(plain)
  const same = { sizeBytes: plain.size_bytes ?? 0, chunkBytes: plain.chunk_bytes }
  assert.deepEqual(plansAgain([plain], storedPlan({}, same), MEANS).left, [])
  for (const [cells, stored] of [
    [rows({}), storedPlan({ scenario: '../../elsewhere' }, same)],
    [rows({}), storedPlan({ scenario: '\u001b[2J' }, same)],
    [rows({}), storedPlan({}, { ...same, scenario: '../x' })],
    [rows({ transport: '\u001b[31mtcp' }), storedPlan({}, { ...same, transport: '\u001b[31mtcp' })],
    [rows({ engine: 'native\u009b' }), storedPlan({ engine: 'native\u009b' }, same)],
    [rows({ file: '\u001b]0;x\u0007' }), storedPlan({}, { ...same, file: '\u001b]0;x\u0007' })],
    [rows({}), storedPlan({}, same, { sender: 0, receiver: 99 })],
    [rows({ side: 'a' as const }), storedPlan({}, same)],
    [rows({ direction: 'forward' as const }), storedPlan({}, same)],
    [rows({}), []],
  ] as const) {
    const { works, left } = plansAgain(cells, stored, MEANS)
    assert.deepEqual(works, [], JSON.stringify(stored))
    assert.match(left[0]?.reason ?? '', /^\P{Cc}+$/u)
  }
})
