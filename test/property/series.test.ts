/** Turns of a series begin at multiples of its period, and none that is over. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { dueMs, nextTurn } from '../../bench/cli/series/turns.ts'

const schedules = fc.integer({ min: 1, max: 86_400 }).chain(everyS =>
  fc.record({
    firstMs: fc.integer({ min: 0, max: 4e12 }),
    everyMs: fc.constant(everyS * 1000),
    jitterMs: fc.integer({ min: 0, max: everyS * 1000 - 1 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  }),
)

test('each turn is due within its own period, by a jitter that only the seed decides', () => {
  fc.assert(
    fc.property(schedules, fc.nat({ max: 1e6 }), (schedule, turn) => {
      const due = dueMs(schedule, turn)
      const begins = schedule.firstMs + turn * schedule.everyMs
      assert.ok(due >= begins && due <= begins + schedule.jitterMs)
      assert.equal(dueMs({ ...schedule }, turn), due)
      assert.equal(dueMs(schedule, 0), schedule.firstMs)
    }),
  )
})

test('the next turn is the first that is not over, whenever the one before ends', () => {
  fc.assert(
    fc.property(schedules, fc.nat({ max: 1000 }), fc.nat({ max: 4e8 }), (schedule, turn, tookMs) => {
      const now = dueMs(schedule, turn) + tookMs
      const next = nextTurn(schedule, turn, now)
      assert.ok(next > turn && dueMs(schedule, next) >= now)
      assert.ok(next === turn + 1 || dueMs(schedule, next - 1) < now)
    }),
  )
})

test('a clock that is set back lets no turn come twice', () => {
  const schedule = { firstMs: 1e12, everyMs: 60_000, jitterMs: 0, seed: 1 }
  assert.equal(nextTurn(schedule, 7, 1e12 - 3_600_000), 8)
})

test('seeds have jitters of their own', () => {
  const schedule = { firstMs: 0, everyMs: 60_000, jitterMs: 30_000, seed: 1 }
  const ofSeed = (seed: number) => [1, 2, 3, 4].map(turn => dueMs({ ...schedule, seed }, turn))
  assert.notDeepEqual(ofSeed(1), ofSeed(2))
  assert.equal(new Set(ofSeed(1).map(each => each % 60_000)).size, 4)
})
