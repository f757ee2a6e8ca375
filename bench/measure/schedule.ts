/** Cases x rounds -> interleaved trials: every round visits each case once, in a seeded random order, or in pairs. */
import { Bench } from 'tinybench'
import { seededRandom, shuffled } from '../../base/random.ts'

export interface Rounds {
  /** Recorded rounds; with `until`, the least number of them. */
  readonly repeat: number
  /** Rounds before them, in each set of fresh processes, whose trials run but are not returned. */
  readonly warmup: number
  /** How many pairs of processes share the recorded rounds; 1 if absent. */
  readonly processes?: number
  /** `another` decides when the rounds end; each pair of processes has so many. */
  readonly until?: { readonly ofProcess: number } | undefined
  readonly seed: number
}

/** How to visit the rounds. */
export interface Visits<Item, Result> {
  /** @param round 0 or less in warm-up */
  readonly trial: (item: Item, round: number) => Promise<Result>
  /** Makes the next trial run in fresh processes. */
  readonly renew?: () => Promise<void>
  /** Called after each round from the `repeat`-th on; whether one more follows. @param rounds recorded so far */
  readonly another?: (rounds: number) => boolean
  readonly order?: Order
}

/** Number of recorded and warm-up rounds; with `until`, at least. */
export function roundsInAll({ repeat, warmup, processes = 1, until }: Omit<Rounds, 'seed'>): number {
  return repeat + warmup * (until ? Math.ceil(repeat / until.ofProcess) : Math.min(processes, repeat))
}

/**
 * Whether the processes are replaced after a recorded round: every so many with `until`; otherwise divides the rounds as evenly as possible, with an even number for each if
 * there are enough, since two consecutive rounds balance the order within a pair.
 */
function endsOf({ repeat, processes = 1, until }: Omit<Rounds, 'seed'>): (recorded: number) => boolean {
  if (until) return recorded => recorded > 0 && recorded % until.ofProcess === 0
  const count = Math.min(processes, repeat)
  const step = 2 * count <= repeat ? 2 : 1
  const end = (index: number) => step * Math.round((index * repeat) / count / step)
  const ends = new Set(Array.from({ length: count - 1 }, (_, index) => end(index + 1)))
  return recorded => ends.has(recorded)
}

/** The order of a round's items, as indexes; called once per round. */
export type Order = (items: number, round: number, random: () => number) => readonly number[]

const anyOrder: Order = (items, _round, random) => shuffled([...Array(items).keys()], random)

/**
 * For items in pairs (0 and 1, 2 and 3 …): visits both of a pair in succession, and the pairs in random order. In recorded rounds 1 and
 * 2, 3 and 4 … each item of a pair goes first in one of the two, so that it goes first as often as the other.
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
 * Runs `trial` for each item in each round and yields its results as they arrive, replacing the processes between rounds. tinybench runs
 * and times each trial. It would run all iterations of a task in succession, which does not interleave, so every task has one iteration
 * and runs once per round, in our order.
 * @param durationMs the duration to report to tinybench: the measured time, not how long the call took
 */
export async function* schedule<Item, Result>(
  items: readonly Item[],
  rounds: Rounds,
  { trial, renew = async () => {}, another = () => false, order = anyOrder }: Visits<Item, Result>,
  durationMs: (result: Result) => number | undefined,
): AsyncGenerator<Result> {
  const bench = new Bench({ iterations: 1, time: 0, warmupIterations: 1, warmupTime: 0, throws: true })
  const ended: Result[] = []
  let round = 0
  items.forEach((item, index) => {
    const run = async () => {
      const result = await trial(item, round)
      ended.push(result)
      const overriddenDuration = durationMs(result)
      return overriddenDuration === undefined ? {} : { overriddenDuration }
    }
    bench.add(String(index), run, { async: true })
  })
  const random = seededRandom(rounds.seed)
  const isEnd = endsOf(rounds)
  const warmups = Array.from({ length: rounds.warmup }, (_, index) => index + 1 - rounds.warmup)
  const goesOn = (done: number) => done < rounds.repeat || another(done)
  for (let recorded = 1; goesOn(recorded - 1); recorded++) {
    const renewed = isEnd(recorded - 1)
    if (renewed) await renew()
    for (round of recorded === 1 || renewed ? [...warmups, recorded] : [recorded]) {
      for (const index of order(items.length, round, random)) {
        const task = bench.tasks[index]
        if (!task) throw new Error(`no item ${index}`)
        // A task that has run keeps its result and would not run again.
        task.reset()
        await (round > 0 ? task.run() : task.warmup())
        const results = ended.splice(0)
        if (round > 0) yield* results
      }
    }
  }
}
