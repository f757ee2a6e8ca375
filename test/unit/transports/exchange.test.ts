/** What becomes of requests, without any socket. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { Latencies } from '../../../base/latencies.ts'
import { seededRandom } from '../../../base/random.ts'
import { FRAME_LIMIT_BYTES } from '../../../bench/fleet/link/frames.ts'
import { oneWay } from '../../../bench/workloads/one-way.ts'
import { sendReportSchema } from '../../../transports/contract/reports.ts'
import { decodeTimes, encodeTimes } from '../../../transports/contract/times.ts'
import { Arrivals } from '../../../transports/exchange/arrivals.ts'
import { Requests } from '../../../transports/exchange/requests.ts'

const TIMEOUT_MS = 100

describe('requests', () => {
  it('are answered once, in time, and each by its own answer', () => {
    const answer = fc.record({
      number: fc.integer({ min: -1, max: 25 }),
      afterMs: fc.integer({ min: 0, max: 200 }),
      intact: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.array(answer, { maxLength: 60 }), (made, answers) => {
        const requests = new Requests(TIMEOUT_MS)
        for (let index = 0; index < made; index++) assert.equal(requests.make(10 * index), index + 1)
        const expected = { answered: 0, late: 0, duplicated: 0, damaged: 0 }
        const seen = new Set<number>()
        for (const { number, afterMs, intact } of answers) {
          const counts = requests.answer(number, 10 * (number - 1) + afterMs, intact)
          const exists = number >= 1 && number <= made
          const kind = !intact
            ? 'damaged'
            : seen.has(number)
              ? 'duplicated'
              : afterMs > TIMEOUT_MS
                ? 'late'
                : 'answered'
          assert.equal(counts, exists && kind === 'answered')
          if (!exists && intact) continue
          expected[kind]++
          if (intact) seen.add(number)
        }
        const { answered, late, duplicated, damaged } = requests
        assert.deepEqual({ answered, late, duplicated, damaged }, expected)
        assert.equal(requests.over(Number.POSITIVE_INFINITY), true)
      }),
    )
  })

  it('wait until the oldest that is open is given up', () => {
    const requests = new Requests(TIMEOUT_MS)
    assert.equal(requests.patienceMs(0), 0)
    requests.make(0)
    requests.make(50)
    assert.equal(requests.patienceMs(20), 80)
    requests.answer(1, 30, true)
    assert.equal(requests.patienceMs(40), 110)
    assert.equal(requests.over(151), true)
  })

  it('are kept however many there are', () => {
    const requests = new Requests(TIMEOUT_MS)
    for (let number = 1; number <= 5000; number++) {
      requests.make(number)
      requests.left(number, number + 0.5)
      requests.answer(number, number + 1, true)
    }
    let count = 0
    requests.each((dueAt, leftAt, answeredAt) => {
      count++
      assert.deepEqual([dueAt, leftAt, answeredAt], [count, count + 0.5, count + 1])
    })
    assert.equal(count, 5000)
  })
})

describe('arrivals', () => {
  it('count each number once, and those that overtook others', () => {
    const arrivals = new Arrivals()
    for (const [at, number] of [1, 3, 2, 3, 3000].entries()) arrivals.take(number, at)
    const { delivered, duplicated, reordered, firstAt, lastAt } = arrivals
    assert.deepEqual([delivered, duplicated, reordered, firstAt, lastAt], [4, 1, 1, 0, 4])
    const times = decodeTimes(arrivals.times() ?? '')
    assert.deepEqual([times.length, times[0], times[1], times[2], times[2999]], [3000, 0, 2, 1, 4])
  })

  it('without a number are counted, and have no times', () => {
    const arrivals = new Arrivals()
    for (const at of [1, 2, 3]) arrivals.take(0, at)
    assert.deepEqual([arrivals.delivered, arrivals.duplicated, arrivals.times()], [3, 0, undefined])
  })
})

describe('times and latencies', () => {
  it('times survive being text, to a tenth of a microsecond', () => {
    const ms = fc.oneof(fc.double({ min: 0, max: 400_000, noNaN: true }), fc.constant(Number.NaN))
    fc.assert(
      fc.property(fc.array(ms, { maxLength: 50 }), values => {
        const back = decodeTimes(encodeTimes(Float64Array.from(values)))
        assert.equal(back.length, values.length)
        for (const [index, value] of values.entries())
          if (Number.isNaN(value)) assert.ok(Number.isNaN(back[index]))
          else assert.ok(Math.abs((back[index] ?? 0) - value) <= 0.00005 + 1e-9)
      }),
    )
  })

  it('histograms add up: merged parts are the whole, however they travelled', () => {
    const part = fc.array(fc.double({ min: 0.000_1, max: 100_000, noNaN: true }), {
      minLength: 1,
      maxLength: 40,
    })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), parts => {
        const [whole, merged] = [new Latencies(), new Latencies()]
        for (const each of parts) {
          const own = new Latencies()
          for (const ms of each) {
            own.add(ms)
            whole.add(ms)
          }
          merged.merge(Latencies.from(own.encoded()))
        }
        assert.equal(merged.count, whole.count)
        for (const share of [0.01, 0.5, 0.9, 0.99, 1])
          assert.ok(Math.abs(merged.quantile(share) / whole.quantile(share) - 1) < 0.002)
        // What travelled is exact to three digits only.
        assert.ok(Math.abs(merged.minMs / whole.minMs - 1) < 0.002)
        assert.ok(Math.abs(merged.maxMs / whole.maxMs - 1) < 0.002)
        // Three digits of the value at that rank.
        const sorted = parts.flat().sort((a, b) => a - b)
        const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
        assert.ok(
          Math.abs(whole.quantile(0.5) - median) <= 0.002 * median + 1e-6,
          `${whole.quantile(0.5)} ${median}`,
        )
      }),
      { numRuns: 40 },
    )
  })

  it('a histogram that is damaged, or lies about its length, is none', () => {
    const latencies = new Latencies()
    for (let count = 1; count <= 100; count++) latencies.add(count)
    const whole = Buffer.from(latencies.encoded(), 'base64')
    assert.equal(Latencies.isEncoded(latencies.encoded()), true)
    const inside = inflateSync(whole.subarray(8))
    const rewritten = (change: (inside: Buffer) => void) => {
      const copy = Buffer.from(inside)
      change(copy)
      const packed = deflateSync(copy)
      const head = Buffer.from(whole.subarray(0, 8))
      head.writeInt32BE(packed.length, 4)
      return Buffer.concat([head, packed]).toString('base64')
    }
    assert.equal(Latencies.isEncoded(rewritten(() => {})), true)
    for (const [name, text] of Object.entries({
      'another text': 'AAAA!!!',
      'nothing inside': whole.subarray(0, 8).toString('base64'),
      'a part of it': whole.subarray(0, 30).toString('base64'),
      'a length that is a lie': rewritten(each => each.writeInt32BE(2 ** 31 - 1, 4)),
      'more digits': rewritten(each => each.writeInt32BE(5, 12)),
      'a larger range': rewritten(each => each.writeBigInt64BE(2n ** 62n, 24)),
      'a lot of nothing': (() => {
        const packed = deflateSync(Buffer.concat([inside, Buffer.alloc(50_000_000)]))
        const head = Buffer.from(whole.subarray(0, 8))
        head.writeInt32BE(packed.length, 4)
        return Buffer.concat([head, packed]).toString('base64')
      })(),
    }))
      assert.equal(Latencies.isEncoded(text), false, name)
  })

  it('a histogram of any requests fits in a report, and two in a frame between hosts', () => {
    const latencies = new Latencies()
    const random = seededRandom(1)
    // Over six powers of ten: from a microsecond to a second.
    for (let count = 0; count < 1_000_000; count++) latencies.add(10 ** (6 * random() - 3))
    const asked = {
      ...{ made: 1_000_000, answered: 1_000_000, late: 0, duplicated: 0, damaged: 0 },
      ...{ rtt: latencies.encoded(), lateness: latencies.encoded() },
    }
    assert.equal(sendReportSchema.shape.exchange.safeParse(asked).success, true)
    assert.ok(JSON.stringify(asked).length < FRAME_LIMIT_BYTES - 4096)
  })

  it('a percentile needs ten latencies beyond it', () => {
    const latencies = new Latencies()
    for (let count = 1; count <= 1000; count++) latencies.add(count)
    assert.deepEqual(
      [0.9, 0.99, 0.999].map(share => latencies.has(share)),
      [true, true, false],
    )
  })

  it('one-way times: median, longest, jitter of RFC 3550 and variation of RFC 5481', () => {
    assert.equal(oneWay([]), undefined)
    assert.equal(oneWay([Number.NaN]), undefined)
    const { medianMs, maxMs, jitterMs, variationMs } = oneWay([5, Number.NaN, 7, 4]) ?? assert.fail()
    assert.deepEqual([medianMs, maxMs, variationMs], [5, 7, 1])
    // |7 - 5| / 16, and then (|4 - 7| - J) / 16 more.
    assert.ok(Math.abs(jitterMs - (0.125 + (3 - 0.125) / 16)) < 1e-12)
  })
})
