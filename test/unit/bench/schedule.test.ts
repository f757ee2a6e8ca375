/** Rounds: each visits every case once, in an order of its own that a seed repeats. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { roundsInAll, schedule } from '../../../bench/measure/schedule.ts'

const ITEMS = ['a', 'b', 'c', 'd', 'e'] as const

interface Run {
  /** Every trial that ran: `item round`. */
  readonly ran: readonly string[]
  readonly given: readonly string[]
}

async function run(
  items: readonly string[],
  rounds: { repeat: number; warmup: number; seed: number },
  durationMs: (result: string) => number | undefined = () => undefined,
): Promise<Run> {
  const ran: string[] = []
  const given: string[] = []
  const trial = async (item: string, round: number) => {
    ran.push(`${item} ${round}`)
    return `${item} ${round}`
  }
  for await (const result of schedule(items, rounds, { trial }, durationMs)) {
    given.push(result)
    // Given as it comes, not when all is over.
    assert.equal(ran.at(-1), result)
  }
  return { ran, given }
}

function roundOf(given: readonly string[], round: number): string[] {
  return given.filter(each => each.endsWith(` ${round}`)).map(each => each.slice(0, -` ${round}`.length))
}

test('each round runs each case once, warm-up before the first, and only recorded rounds are given', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat({ max: 3 }),
      fc.nat(),
      async (items, repeat, warmup, seed) => {
        const { ran, given } = await run(items, { repeat, warmup, seed })
        assert.equal(ran.length, items.length * (repeat + warmup))
        assert.deepEqual(given, ran.slice(items.length * warmup))
        for (let number = 1 - warmup; number <= repeat; number++) {
          const from = (number + warmup - 1) * items.length
          const round = ran.slice(from, from + items.length)
          assert.deepEqual([...round].sort(), items.map(item => `${item} ${number}`).sort())
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('fresh processes come between rounds, each with warm-up of its own, for about as many rounds each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        repeat: fc.integer({ min: 1, max: 12 }),
        warmup: fc.nat({ max: 2 }),
        processes: fc.integer({ min: 1, max: 14 }),
      }),
      async ({ repeat, warmup, processes }) => {
        const rounds: number[][] = [[]]
        const renew = async () => void rounds.push([])
        const trial = async (_: string, round: number) => void rounds.at(-1)?.push(round)
        const all = { repeat, warmup, processes, seed: 1 }
        for await (const _ of schedule(['one'], all, { trial, renew }, () => 1));
        assert.equal(rounds.length, Math.min(processes, repeat))
        assert.equal(rounds.flat().length, roundsInAll(all))
        const warmups = Array.from({ length: warmup }, (_, index) => index + 1 - warmup)
        for (const each of rounds) assert.deepEqual(each.slice(0, warmup), warmups)
        const recorded = rounds.map(each => each.slice(warmup))
        assert.deepEqual(
          recorded.flat(),
          Array.from({ length: repeat }, (_, index) => index + 1),
        )
        const counts = recorded.map(each => each.length)
        assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, counts.join(' '))
        // Two rounds make up for the order in which sides were visited.
        if (2 * processes <= repeat)
          for (const count of counts.slice(0, -1)) assert.equal(count % 2, 0, counts.join(' '))
      },
    ),
  )
})

test('without a number of rounds they go on while another is asked for, in fresh processes every so many', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        repeat: fc.integer({ min: 1, max: 12 }),
        warmup: fc.nat({ max: 2 }),
        ofProcess: fc.integer({ min: 1, max: 5 }),
        more: fc.nat({ max: 12 }),
      }),
      async ({ repeat, warmup, ofProcess, more }) => {
        const rounds: number[][] = [[]]
        const asked: number[] = []
        const visits = {
          renew: async () => void rounds.push([]),
          trial: async (_: string, round: number) => void rounds.at(-1)?.push(round),
          another: (done: number) => {
            asked.push(done)
            return done < repeat + more
          },
        }
        const all = { repeat, warmup, until: { ofProcess }, seed: 1 }
        for await (const _ of schedule(['one'], all, visits, () => 1));
        const numbers = (from: number, to: number) =>
          Array.from({ length: to - from + 1 }, (_, index) => from + index)
        assert.deepEqual(asked, numbers(repeat, repeat + more))
        assert.deepEqual(
          rounds.flat().filter(each => each > 0),
          numbers(1, repeat + more),
        )
        for (const [index, each] of rounds.entries()) {
          assert.deepEqual(each.slice(0, warmup), numbers(1 - warmup, 0))
          assert.equal(each.length <= warmup + ofProcess, true)
          if (index < rounds.length - 1) assert.equal(each.length, warmup + ofProcess)
        }
        if (more === 0) assert.equal(rounds.flat().length, roundsInAll(all))
      },
    ),
  )
})

test('equal cases are cases of their own', async () => {
  const { given } = await run(['same', 'same'], { repeat: 2, warmup: 0, seed: 1 })
  assert.deepEqual(given, ['same 1', 'same 1', 'same 2', 'same 2'])
})

test('the order differs from round to round and with the seed, and one seed repeats it', async () => {
  const rounds = { repeat: 12, warmup: 1, seed: 42 }
  const { given } = await run(ITEMS, rounds)
  const orders = Array.from({ length: 12 }, (_, index) => roundOf(given, index + 1).join(''))
  assert.ok(new Set(orders).size > 6, orders.join(' '))
  // Nobody is always first.
  assert.ok(new Set(orders.map(order => order[0])).size > 2)
  assert.deepEqual((await run(ITEMS, rounds)).given, given)
  assert.notDeepEqual((await run(ITEMS, { ...rounds, seed: 43 })).given, given)
})

test('results come in the order of the trials, however long each says that it took', async () => {
  let next = 100
  const { ran, given } = await run(ITEMS, { repeat: 4, warmup: 0, seed: 1 }, () => next--)
  assert.deepEqual(given, ran)
  const odd = await run(ITEMS, { repeat: 2, warmup: 0, seed: 1 }, () => Number.NaN)
  assert.equal(odd.given.length, 10)
})

for (const warmup of [0, 1]) {
  test(`a trial that throws ends the schedule with what it threw (${warmup ? 'in warm-up' : 'recorded'})`, async () => {
    const thrown = Object.assign(new Error('called off'), { code: 'ABORTED' })
    let trials = 0
    const trial = async () => {
      if (++trials === 3) throw thrown
      return trials
    }
    const given: number[] = []
    const all = async () => {
      for await (const each of schedule(ITEMS, { repeat: 3, warmup, seed: 1 }, { trial }, () => 1))
        given.push(each)
    }
    await assert.rejects(all(), error => error === thrown)
    assert.equal(trials, 3)
    assert.equal(given.length, warmup ? 0 : 2)
  })
}

test('whoever stops reading stops the trials', async () => {
  let trials = 0
  for await (const each of schedule(
    ITEMS,
    { repeat: 100, warmup: 0, seed: 1 },
    { trial: async () => ++trials },
    () => 1,
  ))
    if (each === 7) break
  assert.equal(trials, 7)
})
