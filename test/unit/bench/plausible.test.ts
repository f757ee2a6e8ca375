/** Reports of another host that cannot be are told, not measured. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { believed } from '../../../bench/measure/plausible.ts'
import type { Reports } from '../../../bench/workloads/workload.ts'

const counts = { delivered: 10, duplicated: 0, reordered: 0, corrupt: 0, late: 0, stray: 0 }

function reports(received: object = {}, sent: object = {}): Reports {
  const socket = { state: {}, info: {} }
  return {
    foreign: false,
    sender: {
      type: 'send-report',
      trial: 1,
      cpuMs: 1,
      report: {
        ...socket,
        ...{ startedAt: 0, totalMs: 1, acknowledged: true, bytesAccepted: 1000 },
        ...{ datagramsOffered: 10, datagramsAccepted: 10, datagramsRefused: 0 },
        ...sent,
      },
    },
    receiver: {
      type: 'receive-report',
      trial: 1,
      cpuMs: 1,
      report: {
        ...socket,
        bytesDelivered: 1000,
        datagrams: counts,
        firstAt: 1,
        lastAt: 2,
        complete: true,
        ...received,
      },
    },
  }
}

test('what can be is believed as it is', () => {
  for (const each of [reports(), reports({ bytesDelivered: 0, datagrams: { ...counts, delivered: 0 } })])
    assert.equal(believed(each, { sizeBytes: 1000 }, false), each)
})

test('what cannot be is a problem, and no figure', () => {
  for (const each of [
    reports({ bytesDelivered: 1001 }),
    reports({ bytesDelivered: Number.MAX_SAFE_INTEGER }),
    reports({ firstAt: 3, lastAt: 2 }),
    reports({ datagrams: { ...counts, delivered: 11 } }),
    reports({}, { bytesAccepted: 1001 }),
  ]) {
    const told = believed(each, { sizeBytes: 1000 }, false)
    assert.equal(told.problem?.code, 'BAD_REPORT')
    assert.match(told.problem?.message ?? '', /cannot be: /)
    assert.deepEqual([told.sender, told.receiver], [undefined, undefined])
  }
})

test('datagrams that nobody looks at may have come twice', () => {
  const twice = reports({ bytesDelivered: 1001, datagrams: { ...counts, delivered: 11 } })
  assert.equal(believed(twice, { sizeBytes: 1000, verify: 'none' }, false), twice)
  assert.equal(believed(twice, { sizeBytes: 1000, verify: 'index' }, false).problem?.code, 'BAD_REPORT')
})

test('on one host nothing arrives before it was sent: both ends read one clock', () => {
  const other = reports({}, { startedAt: 100 })
  assert.equal(believed(other, { sizeBytes: 1000 }, false), other)
  const told = believed(other, { sizeBytes: 1000 }, true)
  assert.equal(
    told.problem?.message,
    'the transport reports what cannot be: data arrived before any were sent, so one end reads another clock',
  )
})
