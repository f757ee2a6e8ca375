/** What is known of a payload of which a receiver looked at the index alone, or at nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measuresOf, outcomeOf } from '../../../bench/workloads/transfer/accounting.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import { CHUNK, ends, received, SIZE, sent } from '../../support/end-reports.ts'

const STREAM: Traits = { socket: 'stream', reliable: true, acknowledged: true }
const ACKNOWLEDGED: Traits = { socket: 'datagram', reliable: false, acknowledged: true }
const SILENT: Traits = { socket: 'datagram', reliable: false, acknowledged: false }

test('by index the law of counts stays, and nobody says that the payload is intact', () => {
  const byIndex = ends({ verify: 'index' })
  assert.deepEqual(outcomeOf(SIZE, SILENT, byIndex), { kind: 'completed' })
  const record = measuresOf(CHUNK, SILENT, { kind: 'completed' }, byIndex)
  assert.deepEqual(
    [record.datagrams_delivered, record.datagrams_lost, record.datagrams_arrived, record.payload_intact],
    [10, 0, 10, undefined],
  )
  assert.ok((record.goodput_bps ?? 0) > 0)
})

test('what nobody looked at has come, and no more is known of it', () => {
  // More than were sent: one came twice, or others did and some were lost.
  const unseen = ends({ verify: 'none', receiver: received({}, 11) })
  const outcome = outcomeOf(SIZE, SILENT, unseen)
  assert.deepEqual(outcome, { kind: 'incomplete', note: 'UNVERIFIED' })
  const record = measuresOf(CHUNK, SILENT, outcome, unseen)
  for (const column of [
    'datagrams_delivered',
    'datagrams_lost',
    'datagrams_duplicated',
    'datagrams_reordered',
    'datagrams_corrupt',
    'bytes_delivered',
    'goodput_bps',
    'loss_ratio',
    'loss_cause',
    'payload_intact',
  ] as const)
    assert.equal(record[column], undefined, column)
  assert.deepEqual([record.datagrams_arrived, record.datagrams_accepted, record.delivery_ms], [11, 10, 10])
  assert.deepEqual(
    outcomeOf(SIZE, ACKNOWLEDGED, ends({ verify: 'none', sender: sent({ acknowledged: false }) })),
    {
      kind: 'incomplete',
      note: 'ACK_LOST',
    },
  )
})

test('of a stream the kernel knows what came, whoever looks; and nothing that came needs no look', () => {
  const stream = ends({ verify: 'none', receiver: received({ datagrams: undefined, intact: undefined }) })
  assert.deepEqual(outcomeOf(SIZE, STREAM, stream), { kind: 'completed' })
  const record = measuresOf(CHUNK, STREAM, { kind: 'completed' }, stream)
  assert.deepEqual([record.bytes_delivered, record.payload_intact], [SIZE, undefined])
  assert.ok((record.goodput_bps ?? 0) > 0)
  const nothing = ends({ verify: 'none', receiver: received({ missing: 'begin', complete: false }, 0) })
  assert.equal(measuresOf(CHUNK, SILENT, { kind: 'incomplete' }, nothing).datagrams_lost, 10)
})
