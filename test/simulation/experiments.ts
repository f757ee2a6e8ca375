/** Experiments on synthetic trials: a few cells, two sides, and a change of the first cell's second side. */
import type { PairProcesses } from '../../results/compare/judge.ts'
import { PAIRED_ROUNDS, usualProcesses } from '../../scenarios/defaults.ts'
import { drawCell, type NoiseModel, normal, randomOf, runCell } from './noise.ts'

export interface Sides {
  readonly base: Float64Array
  readonly other: Float64Array
  /** Which processes carried each pair. */
  readonly processes: PairProcesses
}

/** The processes that carry a run of two sides. */
export interface Carriers {
  /** On a side, one after the other. */
  readonly count: number
  /** Those of both sides are the same. */
  readonly shared: boolean
}

/** As `bench ab` has by default. */
export const SHARED: Carriers = { count: usualProcesses(PAIRED_ROUNDS.repeat, PAIRED_ROUNDS), shared: true }

export interface StoredRuns {
  readonly base: readonly Float64Array[]
  readonly other: Float64Array
  /** To measure again. */
  readonly another: Float64Array
}

export interface Experiment {
  /** The sides in turn within each round, in a random order: what `bench ab` measures. */
  interleaved(pairs: number, carriers?: Carriers): readonly Sides[]
  /** All trials of one side, then all of the other: two runs of one after the other. */
  blocks(trials: number): readonly Omit<Sides, 'processes'>[]
  /** So many runs of the base on other days, and two of the other side. */
  stored(runs: number, trials: number): readonly StoredRuns[]
}

export interface Setting {
  readonly model: NoiseModel
  readonly cells: number
  /** The second side of the first cell takes so many times as long; 1: A/A. */
  readonly slower: number
}

/** Experiment number `seed`; asking for more trials continues its noise. */
export function experiment(seed: number, { model, cells, slower }: Setting): Experiment {
  const random = randomOf(seed)
  // Of its own, so that experiments are the same whatever carries them.
  const ofProcesses = randomOf(seed + 2 ** 31)
  const levels = (count: number) =>
    Float64Array.from({ length: count }, () => Math.exp(model.process * normal(ofProcesses)))
  const drawn = Array.from({ length: cells }, () => drawCell(random, model))
  const run = (index: number, length: number) => runCell(random, model, drawn[index] ?? cell0(), length)
  const slowed = (index: number, trials: Float64Array) =>
    index === 0 ? trials.map(each => each / slower) : trials
  const each = <T>(make: (index: number) => T): T[] => drawn.map((_, index) => make(index))
  return {
    interleaved: (pairs, { count, shared } = SHARED) =>
      each(index => {
        const ofBase = levels(count)
        const ofOther = shared ? ofBase : levels(count)
        const numbers = Float64Array.from({ length: pairs }, (_, round) =>
          Math.floor((round * count) / pairs),
        )
        const trials = run(index, 2 * pairs)
        const base = new Float64Array(pairs)
        const other = new Float64Array(pairs)
        for (let round = 0; round < pairs; round++) {
          const first = random() < 0.5 ? 0 : 1
          const number = numbers[round] ?? 0
          base[round] = (trials[2 * round + first] ?? Number.NaN) * (ofBase[number] ?? 1)
          other[round] = (trials[2 * round + 1 - first] ?? Number.NaN) * (ofOther[number] ?? 1)
        }
        return { base, other: slowed(index, other), processes: { numbers, shared } }
      }),
    blocks: trials =>
      each(index => {
        const all = run(index, 2 * trials)
        return { base: all.slice(0, trials), other: slowed(index, all.slice(trials)) }
      }),
    stored: (runs, trials) =>
      each(index => ({
        base: Array.from({ length: runs }, () => run(index, trials)),
        other: slowed(index, run(index, trials)),
        another: slowed(index, run(index, trials)),
      })),
  }
}

function cell0(): never {
  throw new Error('no such cell')
}
