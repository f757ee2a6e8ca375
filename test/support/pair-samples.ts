/** Rounds of pairs of two sides, as a run records them. */
import { seededRandom } from '../../base/random.ts'
import type { Measured } from '../../bench/measure/run.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { datagrams, stream } from './results-samples.ts'

type Make = (goodputBps: number, values: Partial<TrialRecord>) => TrialRecord

export const tcp: Make = (bps, values) => stream(bps, values)
export const udp: Make = (bps, values) => datagrams(bps, 0, values)

/** Rounds of a pair; B has `ratio` times what A has, and every round its own level. */
export function pairsOf(
  pair: number,
  a: Make,
  b: Make,
  ratio: number,
  over: Partial<Record<'a' | 'b', Partial<TrialRecord>>> = {},
) {
  const random = seededRandom(pair + 1)
  return Array.from({ length: 20 }, (_, index): Measured[] => {
    const level = 1e9 * (0.5 + random())
    const values = { round: index + 1, trial: 2 * index + 1 }
    return [
      { record: a(level, { ...values, ...over.a, side: 'a' }), pair },
      { record: b(level * ratio * (0.99 + 0.02 * random()), { ...values, ...over.b, side: 'b' }), pair },
    ]
  }).flat()
}
