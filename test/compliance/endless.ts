/** A payload that ends with time: what arrives is what was sent, and its meters count all of it. */
import assert from 'node:assert/strict'
import type { Interval } from '../../bench/fleet/calls/agent-calls.ts'
import { IntervalMeter } from '../../bench/workloads/interval-meter.ts'
import { ENDLESS_BYTES } from '../../transports/contract/transport.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { transfer } from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

const CHUNK = 1000
const TIMES = { durationMs: 120, everyMs: 50 }
/** Paces datagrams. */
const RATE_BPS = 20e6

export function endlessCases(subject: Subject): Cases {
  if (!subject.transport.transfer.endless) return {}
  return {
    'a payload that ends with time arrives as far as it was sent, interval by interval': () =>
      arrives(subject),
  }
}

async function arrives({ transport, sockets, family }: Subject): Promise<void> {
  const payload = new GeneratedPayload(ENDLESS_BYTES, CHUNK, 7)
  const [there, here] = [metered(), metered()]
  const { sent, received } = await transfer(transport, sockets, payload, {
    family,
    receive: { expected: payload, maxSizeBytes: ENDLESS_BYTES, meter: here.meter },
    send: { durationMs: TIMES.durationMs, rateBps: RATE_BPS, meter: there.meter },
  })
  there.meter.end(sent.startedAt + sent.totalMs, sent.startedAt + sent.totalMs, {
    bytes: sent.bytesAccepted,
    datagrams: sent.datagramsAccepted,
  })
  here.meter.end(received.lastAt ?? 0, received.lastAt ?? 0, {
    bytes: received.bytesDelivered,
    datagrams: received.datagrams?.delivered,
  })
  assert.equal(sent.failure ?? received.failure, undefined)
  assert.ok((sent.transferMs ?? 0) >= TIMES.durationMs, 'it lasts as long as asked')
  assert.ok(sent.bytesAccepted > 0)
  assert.equal(received.complete, true)
  const { traits } = transport
  assert.equal(sent.acknowledged, traits.acknowledged)
  if (traits.reliable)
    assert.deepEqual([received.bytesDelivered, received.intact], [sent.bytesAccepted, true])
  assert.equal(received.datagrams?.corrupt ?? 0, 0)
  for (const [{ intervals }, least, bytes, datagrams] of [
    [there, 2, sent.bytesAccepted, sent.datagramsAccepted],
    // To a machine that stands still all may come at once.
    [here, 1, received.bytesDelivered, received.datagrams?.delivered],
  ] as const) {
    assert.ok(intervals.length >= least, `${intervals.length} intervals`)
    assert.deepEqual(
      intervals.map(each => each.index),
      [...intervals.keys()],
    )
    assert.equal(
      sum(intervals, each => each.bytes),
      bytes,
    )
    if (datagrams !== undefined)
      assert.equal(
        sum(intervals, each => each.datagrams ?? 0),
        datagrams,
      )
  }
}

function metered() {
  const intervals: Interval[] = []
  const meter = new IntervalMeter(1, TIMES, message => {
    if (message.type === 'interval') intervals.push(message)
  })
  return { meter, intervals }
}

function sum(intervals: readonly Interval[], of: (each: Interval) => number): number {
  return intervals.reduce((total, each) => total + of(each), 0)
}
