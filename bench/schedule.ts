/** Cases x rounds -> interleaved trials: every round visits each case once, in a seeded random order, or in pairs. */
import { Bench } from 'tinybench'
import { seededRandom, shuffled } from './random.ts'

export interface Rounds {
  /** Recorded rounds. */
  readonly repeat: number
  /** Rounds before them whose trials are run and not given. */
  readonly warmup: number
  readonly seed: number
}

/** The items of a round in the order in which they are visited, as indexes; asked once a round. */
export type Order = (items: number, round: number, random: () => number) => readonly number[]

/** Any order. */
const anyOrder: Order = (items, _round, random) => shuffled([...Array(items).keys()], random)

/**
 * Of items that stand in pairs (0 and 1, 2 and 3 …): both of a pair directly after one another, the pairs in any order. Of
 * recorded rounds 1 and 2, 3 and 4 … each item of a pair comes first in one, so that it is first as often as the other.
 */
export function pairOrder(): Order {
  let swapped: readonly boolean[] = []
  return (items, round, random) => {
    const pairs = [...Array(items / 2).keys()]
    const second = round > 0 && round % 2 === 0
    swapped = pairs.map(pair => (second ? swapped[pair] !== true : random() < 0.5))
    return shuffled(pairs, random).flatMap(pair =>
      swapped[pair] ? [2 * pair + 1, 2 * pair] : [2 * pair, 2 * pair + 1],
    )
  }
}

/**
 * Runs `trial` for each item in each round and gives its results as they come. tinybench runs and times each trial; since it runs
 * a task's iterations one after another, which is no round, every task has one iteration and is called once a round, in our order.
 * @param durationMs what tinybench shall take as the duration: the time that was measured, not how long the call took
 */
export async function* schedule<Item, Result>(
  items: readonly Item[],
  { repeat, warmup, seed }: Rounds,
  trial: (item: Item, round: number) => Promise<Result>,
  durationMs: (result: Result) => number | undefined,
  order: Order = anyOrder,
): AsyncGenerator<Result> {
  const bench = new Bench({ iterations: 1, time: 0, warmupIterations: 1, warmupTime: 0, throws: true })
  const last = new Map<string, Result>()
  let round = 0
  items.forEach((item, index) => {
    const run = async () => {
      const result = await trial(item, round)
      last.set(String(index), result)
      const overriddenDuration = durationMs(result)
      return overriddenDuration === undefined ? {} : { overriddenDuration }
    }
    bench.add(String(index), run, { async: true })
  })
  const random = seededRandom(seed)
  for (let number = 1 - warmup; number <= repeat; number++) {
    round = number
    for (const index of order(items.length, number, random)) {
      const task = bench.tasks[index]
      if (!task) throw new Error(`no item ${index}`)
      if (number <= 0) {
        await task.warmup()
        continue
      }
      // A task that has run keeps its result and would not run again.
      task.reset()
      last.delete(task.name)
      await task.run()
      const result = last.get(task.name)
      if (result !== undefined) yield result
    }
  }
}
