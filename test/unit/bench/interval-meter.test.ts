/** The intervals of a stream add up to it, whenever its bytes come. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Interval } from '../../../bench/fleet/calls/agent-calls.ts'
import { IntervalRows } from '../../../bench/measure/intervals.ts'
import { IntervalMeter } from '../../../bench/workloads/interval-meter.ts'
import type { IntervalRecord } from '../../../results/schema/intervals.ts'
import type { Case } from '../../../scenarios/plan.ts'

function run(
  arrivals: readonly (readonly [afterMs: number, bytes: number])[],
  times: { durationMs: number; everyMs: number; omitMs?: number },
  afterMs = 0,
) {
  const intervals: Interval[] = []
  const meter = new IntervalMeter(3, times, message => {
    if (message.type === 'interval') intervals.push(message)
  })
  let at = 1000
  let bytes = 0
  let datagrams = 0
  for (const [afterMs, size] of arrivals) {
    at += afterMs
    if (at >= meter.nextAt) meter.reach(at, { bytes, datagrams, advanced: datagrams })
    bytes += size
    datagrams++
  }
  meter.end(at, at + afterMs, { bytes, datagrams, advanced: datagrams })
  return { intervals, meter, bytes, datagrams, lastMs: at - 1000 - (arrivals[0]?.[0] ?? 0) }
}

describe('the meter of a stream', () => {
  test('counts what came before a cut to the interval that it ends', () => {
    const { intervals } = run(
      [
        [0, 10],
        [40, 20],
        [60, 30],
        [10, 40],
        [250, 50],
      ],
      { durationMs: 400, everyMs: 100 },
    )
    assert.deepEqual(
      intervals.map(({ fromMs, toMs, bytes, datagrams }) => [fromMs, toMs, bytes, datagrams]),
      [
        [0, 100, 30, 2],
        [100, 200, 70, 2],
        [200, 300, 0, 0],
        [300, 360, 50, 1],
      ],
    )
  })

  test('what does not count ends with an interval of its own, and the rest has its bytes and its time', () => {
    const { intervals, meter } = run(
      [
        [0, 1],
        [149, 2],
        [1, 4],
        [200, 8],
      ],
      { durationMs: 400, everyMs: 100, omitMs: 150 },
    )
    assert.deepEqual(
      intervals.map(({ fromMs, toMs, bytes }) => [fromMs, toMs, bytes]),
      [
        [0, 100, 1],
        [100, 150, 2],
        [150, 250, 4],
        [250, 350, 0],
        [350, 350, 8],
      ],
    )
    assert.deepEqual(meter.counted, { bytes: 12, ms: 200 })
  })

  test('silence up to the duration is in intervals too, as far as time has passed', () => {
    const times = { durationMs: 350, everyMs: 100, omitMs: 100 }
    const after = (afterMs: number) => {
      const { intervals, meter } = run(
        [
          [0, 1],
          [30, 2],
        ],
        times,
        afterMs,
      )
      return [intervals.map(({ fromMs, toMs, bytes }) => [fromMs, toMs, bytes]), meter.counted]
    }
    assert.deepEqual(after(1000), [
      [
        [0, 100, 3],
        [100, 200, 0],
        [200, 300, 0],
        [300, 350, 0],
      ],
      { bytes: 0, ms: 250 },
    ])
    assert.deepEqual(after(120), [
      [
        [0, 100, 3],
        [100, 150, 0],
      ],
      { bytes: 0, ms: 50 },
    ])
    assert.deepEqual(after(20), [[[0, 50, 3]], undefined])
  })

  test('what comes after the duration is in an interval of its own, and does not count', () => {
    const { intervals, meter } = run(
      [
        [0, 1],
        [240, 2],
        [20, 4],
        [100, 8],
      ],
      { durationMs: 250, everyMs: 100 },
    )
    assert.deepEqual(
      intervals.map(({ fromMs, toMs, bytes }) => [fromMs, toMs, bytes]),
      [
        [0, 100, 1],
        [100, 200, 0],
        [200, 250, 2],
        [250, 300, 4],
        [300, 360, 8],
      ],
    )
    assert.deepEqual(meter.counted, { bytes: 3, ms: 250 })
  })

  test('a stream of which nothing came has no interval', () => {
    const { intervals, meter } = run([], { durationMs: 400, everyMs: 100, omitMs: 100 })
    assert.deepEqual([intervals, meter.counted], [[], undefined])
  })

  test('intervals are consecutive, and add up', () => {
    const arrival = fc.tuple(fc.double({ min: 0, max: 300, noNaN: true }), fc.integer({ min: 1, max: 1e6 }))
    const times = fc.record(
      {
        durationMs: fc.constant(1000),
        everyMs: fc.constantFrom(50, 70, 100.5),
        omitMs: fc.constantFrom(30, 100, 333),
      },
      { requiredKeys: ['durationMs', 'everyMs'] },
    )
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 60 }), times, (arrivals, asked) => {
        const { intervals, bytes, datagrams, lastMs } = run(arrivals, asked)
        const sum = (key: 'bytes' | 'datagrams') =>
          intervals.reduce((total, each) => total + (each[key] ?? 0), 0)
        assert.deepEqual([sum('bytes'), sum('datagrams')], [bytes, datagrams])
        let toMs = 0
        for (const [index, each] of intervals.entries()) {
          assert.deepEqual([each.index, each.fromMs], [index, toMs])
          assert.ok(each.toMs >= each.fromMs && each.toMs - each.fromMs <= asked.everyMs + 1e-6)
          toMs = each.toMs
        }
        assert.ok(Math.abs(toMs - lastMs) < 1e-6 || toMs <= lastMs)
      }),
    )
  })
})

describe('rows of intervals', () => {
  const CASE = { durationMs: 1000, omitMs: 500 } as Case
  const interval = (index: number, over: Partial<Interval> = {}): Interval => ({
    ...{ type: 'interval', trial: 1, index, fromMs: index * 500, toMs: (index + 1) * 500, bytes: 0 },
    ...over,
  })
  const rowsOf = (direction: 'local' | 'send') => {
    const told: IntervalRecord[] = []
    const rows = new IntervalRows({ trial: 1, direction }, CASE, 500, row => void told.push(row))
    return { rows, told }
  }

  test('one of both ends, in order, once both have reported', () => {
    const { rows, told } = rowsOf('local')
    rows.hear('sender', interval(0, { bytes: 10, datagrams: 4, info: { rttMs: 2 } }))
    rows.hear('sender', interval(1, { bytes: 10 }))
    assert.equal(told.length, 0)
    rows.hear('receiver', interval(0, { bytes: 5, datagrams: 2, advanced: 3 }))
    assert.equal(told.length, 1)
    rows.end()
    assert.equal(told.length, 2)
    const [first, second] = told
    assert.deepEqual(
      [first?.interval, first?.omitted, first?.bytes_accepted, first?.bytes_delivered, first?.goodput_bps],
      [1, true, 10, 5, 80],
    )
    assert.deepEqual([first?.datagrams_accepted, first?.datagrams_lost, first?.rtt_ms], [4, 1, 2])
    assert.deepEqual([second?.interval, second?.omitted, second?.bytes_delivered], [2, false, undefined])
  })

  test('what the system refused is not lost', () => {
    const { rows, told } = rowsOf('local')
    rows.hear('sender', interval(0, { bytes: 10, datagrams: 4, advanced: 7 }))
    rows.hear('receiver', interval(0, { bytes: 5, datagrams: 3, advanced: 7 }))
    assert.equal(told[0]?.datagrams_lost, 1)
  })

  test('another host’s intervals that are doubled, skipped or beyond the time are no rows', () => {
    const { rows, told } = rowsOf('send')
    for (const index of [0, 0, 2, 1, -1]) rows.hear('sender', interval(index))
    assert.deepEqual(
      told.map(row => row.interval),
      [1, 2],
    )
    for (let index = 2; index < 5000; index++) rows.hear('sender', interval(index))
    assert.ok(told.length < 1100)
  })
})
