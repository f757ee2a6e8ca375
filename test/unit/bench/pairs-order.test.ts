/** The order of a run of two sides: pairs stand together, and neither side is favoured. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../base/random.ts'
import { pairOrder, schedule } from '../../../bench/measure/schedule.ts'

/** The orders of rounds 1 - warmup to repeat. */
function ordersOf(pairs: number, { repeat, warmup, seed }: { repeat: number; warmup: number; seed: number }) {
  const order = pairOrder()
  const random = seededRandom(seed)
  return Array.from({ length: warmup + repeat }, (_, index) =>
    order(2 * pairs, 1 - warmup + index, random),
  ).slice(warmup)
}

const SETTINGS = fc.record({
  pairs: fc.integer({ min: 1, max: 12 }),
  repeat: fc.integer({ min: 1, max: 30 }),
  warmup: fc.nat({ max: 3 }),
  seed: fc.nat(),
})

test('each round visits both of every pair, directly after one another', () => {
  fc.assert(
    fc.property(SETTINGS, ({ pairs, ...rounds }) => {
      for (const order of ordersOf(pairs, rounds)) {
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          Array.from({ length: 2 * pairs }, (_, index) => index),
        )
        for (let at = 0; at < order.length; at += 2)
          assert.equal((order[at] ?? 0) >> 1, (order[at + 1] ?? 0) >> 1, order.join(' '))
      }
    }),
  )
})

test('up to any round each side of a pair was first as often as the other, up to one', () => {
  fc.assert(
    fc.property(SETTINGS, ({ pairs, ...rounds }) => {
      const firsts = Array.from({ length: pairs }, () => 0)
      for (const order of ordersOf(pairs, rounds)) {
        for (let at = 0; at < order.length; at += 2) {
          const first = order[at] ?? 0
          firsts[first >> 1] = (firsts[first >> 1] ?? 0) + (first % 2 === 0 ? 1 : -1)
        }
        for (const lead of firsts) assert.ok(Math.abs(lead) <= 1, firsts.join(' '))
      }
    }),
  )
})

test('the order of pairs and of sides is random, differs with the seed, and one seed repeats it', () => {
  const rounds = { repeat: 40, warmup: 1, seed: 7 }
  const orders = ordersOf(5, rounds).map(order => order.join(' '))
  assert.ok(new Set(orders).size > 30)
  assert.deepEqual(
    ordersOf(5, rounds).map(order => order.join(' ')),
    orders,
  )
  assert.notDeepEqual(
    ordersOf(5, { ...rounds, seed: 8 }).map(order => order.join(' ')),
    orders,
  )
  // Which side comes first in odd rounds is no pattern, and no two pairs go together.
  const starts = (pair: number) =>
    ordersOf(5, rounds)
      .filter((_, index) => index % 2 === 0)
      .map(order => order.indexOf(2 * pair) < order.indexOf(2 * pair + 1))
      .join(' ')
  assert.equal(new Set([0, 1, 2, 3, 4].map(starts)).size, 5)
  assert.match(starts(0), /true/)
  assert.match(starts(0), /false/)
})

test('a schedule goes by the order that it is given', async () => {
  const given: string[] = []
  const items = ['a0', 'b0', 'a1', 'b1']
  const trial = async (item: string, round: number) => `${item} ${round}`
  const rounds = { repeat: 6, warmup: 2, seed: 3 }
  for await (const each of schedule(items, rounds, { trial, order: pairOrder() }, () => 1)) given.push(each)
  assert.equal(given.length, 24)
  for (let at = 0; at < given.length; at += 2) {
    assert.equal(given[at]?.slice(1), given[at + 1]?.slice(1))
    assert.notEqual(given[at], given[at + 1])
  }
})
