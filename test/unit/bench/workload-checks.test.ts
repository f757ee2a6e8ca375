/** What a workload of a plug-in says: a row that can be read, limits that end, or a failed trial that names it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowHere } from '../../../bench/fleet/flow.ts'
import { checkedAccount, checkedLimits, checkWorkload } from '../../../bench/measure/workload-checks.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import { UNREAD } from '../../../bench/workloads/clocks.ts'
import { transfer } from '../../../bench/workloads/transfer/transfer.ts'
import type { FlowColumns, Job, Workload } from '../../../bench/workloads/workload.ts'
import { planOf } from '../../support/plans.ts'

const plan = planOf([{ transport: 'tcp', sizeBytes: 1000 }])
const [each] = plan.cases
const transport = BUILT_IN.transports.get('tcp')
assert(each && transport)
const JOB: Job = { each, plan, transport, flow: flowHere('node') }
const REPORTS = { foreign: false, clockErrorMs: 0 }

/** A module of others is not held to types. */
function evil(over: Readonly<Record<string, unknown>>): Workload {
  return Object.assign({}, transfer, { name: 'evil' }, over)
}

function account(columns: unknown): FlowColumns {
  return checkedAccount(evil({ account: () => columns }), JOB, REPORTS)
}

test('an account of measured columns is the row', () => {
  const columns = { outcome: 'completed', goodput_bps: 1e9, nodelay: true, congestion: 'cubic' }
  assert.deepEqual(account(columns), columns)
})

test('what is no column of a workload, or no value of it, fails the trial and names the workload', () => {
  for (const [columns, said] of [
    [undefined, /it says no outcome/],
    [{ goodput_bps: 1 }, /it says no outcome/],
    [{ outcome: 'splendid' }, /outcome: not one of/],
    [{ outcome: 'completed', goodput_bps: 'fast' }, /goodput_bps: not a number/],
    [{ outcome: 'completed', goodput_bps: Number.NaN }, /goodput_bps: not a number/],
    [{ outcome: 'completed', datagrams_lost: -7 }, /datagrams_lost: /],
    [{ outcome: 'completed', size_bytes: 1 }, /size_bytes: it says what was asked/],
    [{ outcome: 'completed', run_id: 'x' }, /run_id: it says what was asked/],
    [{ outcome: 'completed', wonders: 7 }, /there is no column wonders/],
  ] as const) {
    const row = account(columns)
    assert.deepEqual([row.outcome, row.error_code], ['failed', 'BAD_WORKLOAD'])
    assert.match(row.error_message ?? '', /^the workload evil fails in account: /)
    assert.match(row.error_message ?? '', said)
  }
  const thrown = () => {
    throw new Error('boom')
  }
  assert.match(checkedAccount(evil({ account: thrown }), JOB, REPORTS).error_message ?? '', /account: boom$/)
})

test('limits that are no times fail the trial, since its waits would not end', () => {
  const good = transfer.limits(JOB, UNREAD)
  assert.deepEqual(checkedLimits(transfer, JOB, UNREAD), good)
  for (const [limits, said] of [
    [() => undefined, /timeoutMs is not a time in ms: NaN/],
    [() => ({ ...good, drainMs: Number.POSITIVE_INFINITY }), /drainMs is not a time in ms: Infinity/],
    [() => ({ ...good, graceMs: -1 }), /graceMs/],
    [() => JSON.parse('{'), /fails in limits: /],
  ] as const) {
    const row = checkedLimits(evil({ limits }), JOB, UNREAD)
    assert.ok('outcome' in row && row.outcome === 'failed')
    assert.match(row.error_message ?? '', said)
  }
})

test('a workload that cannot say whether it can is left out in a line', () => {
  const obstacle = () => {
    throw new Error('boom')
  }
  const catalog = { ...BUILT_IN, workloads: new Map([['evil', evil({ obstacle })]]) }
  assert.throws(() => checkWorkload(catalog, { ...each, workload: 'evil' }), {
    name: 'UsageError',
    message: 'the workload evil fails in obstacle: boom; leave it out',
  })
})
