/** The pacer against its definition: byte n is due 8 n / rate seconds after the first, or later by what a stall was longer than 20 ms. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { CATCH_UP_MS, Pacer, unpaced } from '../../transports/datagram/pacing.ts'

const rateBps = fc.double({ min: 1000, max: 100e9, noNaN: true })
const chunkBytes = fc.integer({ min: 1, max: 65_507 })
const elapsedMs = fc.double({ min: 0, max: 1e7, noNaN: true })

test('what is due is never ahead of the schedule, and never behind it by a datagram', () => {
  fc.assert(
    fc.property(rateBps, chunkBytes, elapsedMs, fc.nat({ max: 1_000_000 }), (rate, chunk, elapsed, sent) => {
      const offered = sent * chunk
      fc.pre(elapsed - (offered * 8000) / rate <= CATCH_UP_MS)
      const due = new Pacer(rate).due(elapsed, offered, chunk)
      assert.ok(Number.isSafeInteger(due) && due >= 0)
      const dueAt = (byte: number) => (byte * 8000) / rate
      const slack = 1e-9 * (elapsed + dueAt(offered) + 1)
      if (due > 0) assert.ok(dueAt(offered + (due - 1) * chunk) <= elapsed + slack, 'ahead of the schedule')
      assert.ok(dueAt(offered + due * chunk) >= elapsed - slack, 'behind the schedule')
    }),
    { numRuns: 2000 },
  )
})

test('after a stall it makes up for 20 ms of the rate, and goes on from there', () => {
  fc.assert(
    fc.property(rateBps, chunkBytes, fc.double({ min: 0, max: 1e5, noNaN: true }), (rate, chunk, stallMs) => {
      const pace = new Pacer(rate)
      const due = pace.due(stallMs, 0, chunk)
      const most = Math.floor((CATCH_UP_MS * rate) / 8000 / chunk) + 1
      assert.ok(due <= most + 1e-9 * most)
      assert.equal(pace.latenessMs, stallMs)
      // What comes next is due in its time, counted from the shifted schedule.
      const wait = pace.waitMs(stallMs, due * chunk)
      assert.ok(
        wait >= -1e-6 * (stallMs + 1) && wait <= ((chunk * 8000) / rate) * (1 + 1e-6) + 1e-6 * (stallMs + 1),
      )
    }),
    { numRuns: 1000 },
  )
})

/** Offers `count` datagrams of 1,024 B at 100 Mbit/s, each as soon as it is due, when a send takes `sendMs(index)`. */
function paced(count: number, sendMs: (index: number) => number) {
  const pace = new Pacer(100e6)
  let elapsed = 0
  for (let index = 0; index < count; index++) {
    elapsed += Math.max(0, pace.waitMs(elapsed, index * 1024))
    while (pace.due(elapsed, index * 1024, 1024) === 0) elapsed += 1e-6
    elapsed += sendMs(index)
    pace.note(elapsed, (index + 1) * 1024, 1024)
  }
  return pace
}
/** How long a datagram of it takes at the rate. */
const EACH_MS = 0.08192

test('a burst is what makes up for a delay: not what a sender sends that is too slow ever to wait', () => {
  assert.ok(paced(1000, () => EACH_MS / 10).burst <= 1)
  const slow = paced(1000, () => EACH_MS * 2)
  assert.equal(slow.burst, 0)
  assert.ok(slow.latenessMs > 20)
  assert.ok(paced(1000, index => (index % 2 === 0 ? EACH_MS * 3 : EACH_MS / 10)).burst <= 1)
  assert.ok(paced(1000, () => EACH_MS / 1.5).burst <= 1, 'on time')
  // 10 ms at the rate are 122 datagrams; at ten times the rate it takes a ninth more to make up for them.
  const stalled = paced(1000, index => (index === 500 ? 10 : EACH_MS / 10)).burst
  assert.ok(stalled >= 122 && stalled <= 140, `${stalled}`)
  // Of a longer stall 20 ms are made up for.
  const long = paced(2000, index => (index === 500 ? 300 : EACH_MS / 10)).burst
  assert.ok(long >= 244 && long <= 280, `${long}`)
  const last = paced(100, index => (index === 10 ? 50 : EACH_MS / 10)).burst
  assert.equal(last, 89, 'all that is left')
  assert.ok(
    paced(1000, index => (index === 500 ? 10 : EACH_MS / 1.2)).burst < 10,
    'it catches up, but slowly',
  )
})

test('due grows with the time, and the wait is until the next one is due', () => {
  fc.assert(
    fc.property(rateBps, chunkBytes, elapsedMs, elapsedMs, (rate, chunk, one, other) => {
      const dueAt = (elapsed: number) => new Pacer(rate).due(elapsed, 0, chunk)
      assert.ok(dueAt(Math.min(one, other)) <= dueAt(Math.max(one, other)) * (1 + 1e-9) + 1)
      const pace = new Pacer(rate)
      const offered = pace.due(one, 0, chunk) * chunk
      const wait = pace.waitMs(one, offered)
      assert.ok(wait >= -1e-9 * (one + 1), 'nothing more is due now')
      assert.ok(pace.due(one + wait * (1 + 1e-9) + 1e-9 * (one + 1), offered, chunk) >= 1)
    }),
    { numRuns: 2000 },
  )
})

test('whoever looks late, but never by more than 20 ms, the average is exact', () => {
  const lateness = fc.array(fc.double({ min: 0.001, max: CATCH_UP_MS / 2, noNaN: true }), {
    minLength: 10,
    maxLength: 200,
  })
  fc.assert(
    fc.property(rateBps, chunkBytes, lateness, (rate, chunk, steps) => {
      const pace = new Pacer(rate)
      let elapsed = 0
      let offered = 0
      for (const step of steps) {
        elapsed += step
        offered += pace.due(elapsed, offered, chunk) * chunk
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
