/** Which pairs of a fleet are measured once more, each alone, so that what they share with others of their round is seen. Pure. */
import { sumOf } from '../../../base/groups.ts'
import { seededRandom, shuffled } from '../../../base/random.ts'
import type { FleetHost } from './hosts-file.ts'
import type { HostPair, Round } from './rounds.ts'

/**
 * So many pairs of rounds with others, as evenly over hosts and over values of labels as can be. Which of those that are equal in this
 * follows from the seed.
 * @param labels of each host, by its number
 */
export function pairsAlone(
  rounds: readonly Round[],
  labels: readonly FleetHost['labels'][],
  most: number,
  seed: number,
): readonly HostPair[] {
  let left = shuffled(
    rounds.flatMap(round => (round.length > 1 ? round : [])),
    seededRandom(seed),
  )
  const uses = new Map<string, number>()
  const chosen: HostPair[] = []
  while (chosen.length < most) {
    const costs = left.map(pair => sumOf(sharesOf(pair, labels), each => uses.get(each)))
    const best = left[costs.indexOf(Math.min(...costs))]
    if (!best) break
    chosen.push(best)
    for (const each of sharesOf(best, labels)) uses.set(each, (uses.get(each) ?? 0) + 1)
    left = left.filter(pair => pair !== best)
  }
  return chosen
}

/** What other pairs may have, too: its hosts, and from which value of a label to which it leads. */
function sharesOf([from, to]: HostPair, labels: readonly FleetHost['labels'][]): readonly string[] {
  const [source = {}, target = {}] = [labels[from], labels[to]]
  const ways = Object.keys(source).map(label => JSON.stringify([label, source[label], target[label]]))
  return [String(from), String(to), ...ways]
}
