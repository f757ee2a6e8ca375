/** The pacer against its definition: byte n is due 8 n / rate seconds after the first. Pure: no clock. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { pacer, unpaced } from '../../transports/pacing.ts'

const rateBps = fc.double({ min: 1000, max: 100e9, noNaN: true })
const chunkBytes = fc.integer({ min: 1, max: 65_507 })
const elapsedMs = fc.double({ min: 0, max: 1e7, noNaN: true })

test('what is due is never ahead of the schedule, and never behind it by a datagram', () => {
  fc.assert(
    fc.property(rateBps, chunkBytes, elapsedMs, fc.nat({ max: 1_000_000 }), (rate, chunk, elapsed, sent) => {
      const offered = sent * chunk
      const due = pacer(rate).due(elapsed, offered, chunk)
      assert.ok(Number.isSafeInteger(due) && due >= 0)
      const dueAt = (byte: number) => (byte * 8000) / rate
      const slack = 1e-9 * (elapsed + dueAt(offered) + 1)
      if (due > 0) assert.ok(dueAt(offered + (due - 1) * chunk) <= elapsed + slack, 'ahead of the schedule')
      assert.ok(dueAt(offered + due * chunk) >= elapsed - slack, 'behind the schedule')
    }),
    { numRuns: 2000 },
  )
})

test('due grows with the time, and the wait is until the next one is due', () => {
  fc.assert(
    fc.property(rateBps, chunkBytes, elapsedMs, elapsedMs, (rate, chunk, one, other) => {
      const { due, waitMs } = pacer(rate)
      assert.ok(due(Math.min(one, other), 0, chunk) <= due(Math.max(one, other), 0, chunk))
      const offered = due(one, 0, chunk) * chunk
      const wait = waitMs(one, offered)
      assert.ok(wait >= -1e-9 * (one + 1), 'nothing more is due now')
      assert.ok(due(one + wait * (1 + 1e-9) + 1e-9 * (one + 1), offered, chunk) >= 1)
    }),
    { numRuns: 2000 },
  )
})

test('whoever looks late, and as late as they like, the average is exact', () => {
  const lateness = fc.array(fc.double({ min: 0.001, max: 50, noNaN: true }), {
    minLength: 10,
    maxLength: 200,
  })
  fc.assert(
    fc.property(rateBps, chunkBytes, lateness, (rate, chunk, steps) => {
      const { due } = pacer(rate)
      let elapsed = 0
      let offered = 0
      for (const step of steps) {
        elapsed += step
        offered += due(elapsed, offered, chunk) * chunk
        // What has been sent is what the rate allows until now, and the datagram under way.
        const allowed = (elapsed * rate) / 8000
        assert.ok(offered <= (allowed + chunk) * (1 + 1e-9))
        assert.ok(offered >= allowed * (1 - 1e-9) - 1e-6)
      }
    }),
  )
})

test('unpaced, everything is due at once', () => {
  assert.equal(unpaced.due(0, 0, 1024), Number.POSITIVE_INFINITY)
  assert.equal(unpaced.waitMs(0, 1e9), 0)
})
