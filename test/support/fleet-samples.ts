/** Rows of a fleet of eight hosts, and what is odd in them. */
import { seededRandom } from '../../base/random.ts'
import { hostMatrices } from '../../results/statistics/fleet.ts'
import { type Odd, oddOnes } from '../../results/statistics/fleet-odd.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { record } from './results-samples.ts'

export const HOSTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** A trial of each pair. @param shareOf of the usual goodput */
export function rowsOf(shareOf: (from: string, to: string) => number, seed = 1) {
  const random = seededRandom(seed)
  return HOSTS.flatMap(from =>
    HOSTS.filter(to => to !== from).map(to =>
      record({
        ...{ direction: 'third-party', pair_from: from, pair_to: to },
        goodput_bps: 1e9 * shareOf(from, to) * (0.95 + 0.1 * random()),
      }),
    ),
  )
}

export const oddOf = (rows: ReturnType<typeof rowsOf>) => hostMatrices(summarize(rows)).flatMap(oddOnes)

/** Two hosts a rack, four a site. */
export const LABELS = Object.fromEntries(
  HOSTS.map((host, index) => [host, { rack: `r${index >> 1}`, site: index < 4 ? 'x' : 'y' }]),
)
export const labelled = (rows: ReturnType<typeof rowsOf>, labels: readonly ('rack' | 'site')[]) => {
  const hosts = Object.fromEntries(
    HOSTS.map(host => [host, Object.fromEntries(labels.map(label => [label, LABELS[host]?.[label] ?? '']))]),
  )
  return hostMatrices(summarize(rows), [{ fleet: { hosts } }]).flatMap(oddOnes)
}
export const brief = (odd: readonly Odd[]) =>
  odd.map(({ what, label = 'host', names, ratio }) => [
    `${what} ${label} ${names.join('>')}`,
    Number(ratio.toFixed(1)),
  ])
export const rackOf = (host: string) => HOSTS.indexOf(host) >> 1
export const siteOf = (host: string) => HOSTS.indexOf(host) >> 2
