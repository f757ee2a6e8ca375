/** The workload of today's trials: how long everything may take, and what a flow that could not begin is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flow, flowHere } from '../../../bench/fleet/flow.ts'
import { LocalHost } from '../../../bench/fleet/local/local.ts'
import { type Clocks, UNREAD } from '../../../bench/workloads/clocks.ts'
import { transfer } from '../../../bench/workloads/transfer/transfer.ts'
import type { Job } from '../../../bench/workloads/workload.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { planOf } from '../../support/plans.ts'

function task(name: string, flow: Flow, over: Parameters<typeof planOf>[1] = {}): Job {
  const plan = planOf([{ transport: name, sizeBytes: 1_000_000 }], over)
  const [each] = plan.cases
  const transport = BUILT_IN.transports.get(name)
  assert(each && transport)
  return { flow, each, plan, transport }
}

const HERE = flowHere('node')
const ELSEWHERE: Clocks = { ...UNREAD, receiver: { offsetMs: 5, errorMs: 1, rttMs: 80 } }

test('a trial within a host waits briefly for a quiet line, one between hosts for four round trips', () => {
  const within = transfer.limits(task('tcp', HERE), UNREAD)
  const between = transfer.limits(task('tcp', HERE), ELSEWHERE)
  assert.deepEqual([within.drainMs, within.graceMs], [20, 200])
  assert.deepEqual([between.drainMs, between.graceMs], [320, 520])
})

test('the time-out grows with the payload, unless the plan says it', () => {
  assert.equal(transfer.limits(task('tcp', HERE), UNREAD).timeoutMs, 30_800)
  const { timeoutMs, answerTimeoutMs } = transfer.limits(task('tcp', HERE, { timeoutMs: 500 }), UNREAD)
  assert.deepEqual([timeoutMs, answerTimeoutMs], [500, 500])
})

test('an unreliable protocol waits no longer than 2 s for the answer of a foreign receiver; a reliable one does', () => {
  const target = { host: '192.0.2.1', port: 9, family: 4 } as const
  const foreign = new Flow(new LocalHost('node'), { target })
  assert.equal(transfer.limits(task('udp-header', foreign), UNREAD).answerTimeoutMs, 2000)
  assert.equal(transfer.limits(task('tcp', foreign), UNREAD).answerTimeoutMs, 30_800)
  assert.equal(transfer.limits(task('udp-header', HERE), UNREAD).answerTimeoutMs, 30_800)
})

test('a flow whose hosts did not answer is a row with their error, and no figure', () => {
  const problem = { phase: 'prepare', code: 'AGENT_DIED', message: 'gone' }
  const columns = transfer.account(task('udp-header', HERE), { problem, foreign: false, clockErrorMs: 0 })
  assert.deepEqual(
    [columns.outcome, columns.error_code, columns.error_phase, columns.error_message],
    ['failed', 'AGENT_DIED', 'prepare', 'gone'],
  )
  assert.deepEqual([columns.goodput_bps, columns.datagrams_lost], [undefined, undefined])
})
