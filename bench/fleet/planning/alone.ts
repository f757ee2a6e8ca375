/** Which pairs of a fleet are measured once more, each alone, so that what they share with others of their round is seen. Pure. */
import { ascending, numbering, sumOf } from '../../../base/groups.ts'
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
  const pairs = shuffled(
    rounds.flatMap(round => (round.length > 1 ? round : [])),
    seededRandom(seed),
  )
  const numberOf = numbering()
  const shares = pairs.map(pair => sharesOf(pair, labels).map(numberOf))
  /** Of each share, by its number. */
  const uses: number[] = []
  const chosen: HostPair[] = []
  // What a pair has in common with those that are chosen only grows, so of each cost they are looked at once, in their order.
  const byCost = [[...pairs.keys()]]
  for (let cost = 0; cost < byCost.length; cost++)
    for (const index of (byCost[cost] ?? []).sort(ascending)) {
      if (chosen.length >= most) return chosen
      const [pair, own = []] = [pairs[index], shares[index]]
      const now = sumOf(own, each => uses[each])
      if (now > cost) {
        while (byCost.length <= now) byCost.push([])
        byCost[now]?.push(index)
      } else if (pair) {
        chosen.push(pair)
        for (const each of own) uses[each] = (uses[each] ?? 0) + 1
      }
    }
  return chosen
}

/** What other pairs may have, too: its hosts, and from which value of a label to which it leads. */
function sharesOf([from, to]: HostPair, labels: readonly FleetHost['labels'][]): readonly string[] {
  const [source = {}, target = {}] = [labels[from], labels[to]]
  const ways = Object.keys(source).map(label => JSON.stringify([label, source[label], target[label]]))
  return [String(from), String(to), ...ways]
}
