/** Where lost datagrams were lost: every counter has its share, and none has more than was lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ReceiveSide, SendSide } from '../../../bench/fleet/calls/agent-calls.ts'
import { lossCauses } from '../../../bench/workloads/loss-causes.ts'
import { causesOf } from '../../../results/statistics/summary.ts'
import { record } from '../../support/results-samples.ts'

interface Counted {
  /** Dropped by the sender's host, by the receiving socket. */
  readonly queue?: number | undefined
  readonly buffer?: number | undefined
  readonly late?: number | undefined
  readonly corrupt?: number
  readonly offload?: boolean
}

function columnsOf(lost: number | undefined, { queue, buffer, late = 0, corrupt = 0, offload }: Counted) {
  const sender: SendSide = {
    ...{ type: 'send-report', trial: 1, cpuMs: 1 },
    report: {
      ...{ datagramsAccepted: 100, datagramsRefused: 0, bytesAccepted: 1, startedAt: 1, totalMs: 1 },
      ...{ acknowledged: false, state: {}, info: offload ? { segmentedSends: 2 } : {} },
      ...(queue === undefined ? {} : { drops: { hostSndbufErrors: queue } }),
    },
  }
  const receiver: ReceiveSide = {
    ...{ type: 'receive-report', trial: 1, cpuMs: 1 },
    report: {
      ...{ bytesDelivered: 1, complete: false, state: offload ? { gro: true } : {}, info: {} },
      datagrams: { delivered: 100 - (lost ?? 0), duplicated: 0, reordered: 0, corrupt, late, stray: 0 },
      ...(buffer === undefined ? {} : { drops: { socketDrops: buffer } }),
    },
  }
  return lossCauses(lost, { sender, receiver })
}

/** The cause of most; then how many in the send queue, in the receive buffer, and elsewhere. */
function causes(lost: number | undefined, counted: Counted) {
  const columns = columnsOf(lost, counted)
  return [columns.loss_cause, columns.lost_send_queue, columns.lost_receive_buffer, columns.lost_elsewhere]
}

test('several causes share one trial', () => {
  assert.deepEqual(causes(0, { queue: 0, buffer: 0 }), [undefined, 0, 0, 0])
  assert.deepEqual(causes(40, { queue: 25, buffer: 10 }), ['send queue', 25, 10, 5])
  assert.deepEqual(causes(40, { queue: 0, buffer: 0, late: 30 }), ['late', 0, 0, 10])
  assert.deepEqual(causes(40, { queue: 0, buffer: 0, corrupt: 40 }), ['damaged', 0, 0, 0])
  assert.deepEqual(causes(40, { queue: 0, buffer: 0 }), ['elsewhere', 0, 0, 40])
})

test('a counter of the whole host has no more than is left', () => {
  assert.deepEqual(causes(40, { queue: 1000, buffer: 10 }), ['send queue', 30, 10, 0])
  assert.deepEqual(causes(0, { queue: 1000, buffer: 0 }), [undefined, 0, 0, 0])
})

test('where a host does not count, nothing is claimed', () => {
  assert.deepEqual(causes(40, {}), [undefined, undefined, undefined, undefined])
  assert.deepEqual(causes(40, { queue: 30 }), ['send queue', 30, undefined, undefined])
  assert.deepEqual(causes(40, { queue: 10 }), [undefined, 10, undefined, undefined])
  assert.deepEqual(causes(40, { buffer: 30 }), ['receive buffer', undefined, 30, 10])
  // Towards a program that is not ours: what left this host at all.
  assert.deepEqual(causes(undefined, { queue: 10 }), [undefined, 10, undefined, undefined])
})

test('with offload a drop is of up to 64 datagrams: two counters cannot be told apart', () => {
  assert.deepEqual(causes(60, { queue: 0, buffer: 1, offload: true }), ['receive buffer', 0, 60, 0])
  assert.deepEqual(causes(60, { queue: 1, buffer: 0, offload: true }), ['send queue', 60, 0, 0])
  assert.deepEqual(causes(60, { queue: 1, buffer: 1, offload: true }), [
    'receive buffer',
    undefined,
    undefined,
    undefined,
  ])
})

const counter = fc.option(fc.nat({ max: 150 }), { nil: undefined })

test('the causes add up to what was lost, as a summary counts them too', () => {
  const counted = fc.record({
    lost: fc.nat({ max: 100 }),
    queue: counter,
    buffer: fc.nat({ max: 150 }),
    late: fc.nat({ max: 150 }),
    corrupt: fc.nat({ max: 150 }),
  })
  fc.assert(
    fc.property(counted, ({ lost, ...each }) => {
      const { late: datagrams_late, corrupt: datagrams_corrupt } = each
      const row = record({
        datagrams_lost: lost,
        datagrams_late,
        datagrams_corrupt,
        ...columnsOf(lost, each),
      })
      const summed = Object.values(causesOf(row)).reduce((sum, count) => sum + count, 0)
      assert.equal(summed, lost)
    }),
  )
})

test('a row of before causes were counted has one for all', () => {
  assert.equal(causesOf(record({ datagrams_lost: 7, loss_cause: 'elsewhere' })).elsewhere, 7)
  assert.equal(causesOf(record({ datagrams_lost: 7 })).elsewhere, 0)
})
