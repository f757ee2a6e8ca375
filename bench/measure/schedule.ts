/** Cases x rounds -> interleaved trials: every round visits each case once, in a seeded random order, or in pairs. */
import { Bench } from 'tinybench'
import { seededRandom, shuffled } from '../../base/random.ts'

export interface Rounds {
  /** Recorded rounds. */
  readonly repeat: number
  /** Rounds before them, in fresh processes, whose trials are run and not given. */
  readonly warmup: number
  /** How many pairs of processes share the recorded rounds; 1 when absent. */
  readonly processes?: number
  readonly seed: number
}

/** How the rounds are visited. */
export interface Visits<Item, Result> {
  /** @param round 0 or less in warm-up */
  readonly trial: (item: Item, round: number) => Promise<Result>
  /** Has the next trial take place in fresh processes. */
  readonly renew?: () => Promise<void>
  readonly order?: Order
}

/** Recorded rounds and those of warm-up. */
export function roundsInAll({ repeat, warmup, processes = 1 }: Omit<Rounds, 'seed'>): number {
  return repeat + warmup * Math.min(processes, repeat)
}

/**
 * The recorded rounds after which fresh processes come: as many for each as can be, and an even number where there are two for each
 * or more, since each two rounds make up for the order in which a pair was visited.
 */
function endsOf({ repeat, processes = 1 }: Omit<Rounds, 'seed'>): ReadonlySet<number> {
  const count = Math.min(processes, repeat)
  const step = 2 * count <= repeat ? 2 : 1
  const end = (index: number) => step * Math.round((index * repeat) / count / step)
  return new Set(Array.from({ length: count - 1 }, (_, index) => end(index + 1)))
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
  let before: readonly boolean[] = []
  return (items, round, random) => {
    const pairs = [...Array(items / 2).keys()]
    const second = round > 0 && round % 2 === 0
    const swapped = pairs.map(pair => (second ? before[pair] !== true : random() < 0.5))
    if (round > 0) before = swapped
    return shuffled(pairs, random).flatMap(pair =>
      swapped[pair] ? [2 * pair + 1, 2 * pair] : [2 * pair, 2 * pair + 1],
    )
  }
}

/**
 * Runs `trial` for each item in each round and gives its results as they come; fresh processes come between rounds. tinybench runs and times each trial; since it runs
 * a task's iterations one after another, which is no round, every task has one iteration and is called once a round, in our order.
 * @param durationMs what tinybench shall take as the duration: the time that was measured, not how long the call took
 */
export async function* schedule<Item, Result>(
  items: readonly Item[],
  rounds: Rounds,
  { trial, renew = async () => {}, order = anyOrder }: Visits<Item, Result>,
  durationMs: (result: Result) => number | undefined,
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
  const random = seededRandom(rounds.seed)
  const ends = endsOf(rounds)
  const warmups = Array.from({ length: rounds.warmup }, (_, index) => index + 1 - rounds.warmup)
  for (let recorded = 1; recorded <= rounds.repeat; recorded++) {
    const renewed = ends.has(recorded - 1)
    if (renewed) await renew()
    for (round of recorded === 1 || renewed ? [...warmups, recorded] : [recorded]) {
      for (const index of order(items.length, round, random)) {
        const task = bench.tasks[index]
        if (!task) throw new Error(`no item ${index}`)
        // A task that has run keeps its result and would not run again.
        task.reset()
        if (round <= 0) {
          await task.warmup()
          continue
        }
        last.delete(task.name)
        await task.run()
        const result = last.get(task.name)
        if (result !== undefined) yield result
      }
    }
  }
}
