/** Which groups of hosts, which hosts, and which ways between two of them, bring far less than the others. Pure. */
import { ascending, groupBy, minimum, sumOf } from '../../base/groups.ts'
import { type HostMatrix, medianOf, worseSign } from './fleet.ts'
import { type Effect, farEffects, isWorse, LEAST_FOR_POLISH, type Logs, middleOf } from './fleet-effects.ts'
import { sortedMedian } from './medians.ts'

/** What brings far less, or takes far longer, than the others. */
export interface Odd {
  readonly what: 'sender' | 'receiver' | 'way'
  /** Of groups of hosts: the label whose values the names are. */
  readonly label?: string
  /** One name; or those of the sender and the receiver. */
  readonly names: readonly string[]
  /** What it brings of what others do: 0.3 of the goodput, 4 times the round trip. */
  readonly ratio: number
  /** It is the ratio to what both groups of a way have within, as two or three groups have no middle. */
  readonly within?: true
  /** Of its pairs that were measured, those that are worse than the middle of the others, and how many there are. */
  readonly worse: number
  readonly pairs: number
}

/**
 * Groups by label, then hosts, then ways that neither of their hosts explains; the worst first. What a group explains is taken out before
 * its hosts are looked at, so that none of them is named for it.
 */
export function oddOnes({ senders, receivers, figure, cases, labels }: HostMatrix): readonly Odd[] {
  if (Math.min(senders.length, receivers.length) < LEAST_FOR_POLISH) return []
  const sign = worseSign(figure)
  const medians = cases.map(row => row.map(each => medianOf(each, figure)))
  // Ratios become differences, and where nothing arrives they are as bad as a thousandth.
  const least = minimum(medians.flat().filter(value => value > 0)) / 1000
  let logs: Logs = medians.map(row => row.map(value => sign * Math.log(value === 0 ? least : value)))
  const found: Found[] = []
  let left = [...new Set([...labels.values()].flatMap(Object.keys))]
  for (;;) {
    const byLabel = left.map(label => {
      const groupsOf = (hosts: readonly string[]) =>
        hosts.map(host => Object.entries(labels.get(host) ?? {}).find(([name]) => name === label)?.[1])
      return { label, odd: oddGroups(groupsOf(senders), groupsOf(receivers), logs) }
    })
    const [best] = byLabel.toSorted((a, b) => explained(b.odd) - explained(a.odd))
    if (!best || best.odd.length === 0) break
    left = left.filter(label => label !== best.label)
    found.push(...best.odd.map(each => ({ ...each, label: best.label })))
    logs = logs.map((row, from) =>
      row.map((value, to) => value - sumOf(best.odd, each => (each.covers(from, to) ? each.effect : 0))),
    )
  }
  const blockOf = (from: number, to: number) =>
    found.flatMap(({ covers }, index) => (covers(from, to) ? [index] : [])).join()
  const known = knownOf(logs)
  const ofHosts = farEffects(logs, blockOf).map(each => foundIn(each, logs, known, senders, receivers))
  return [...found, ...ofHosts].map(({ effect, covers: _, ...odd }) => ({
    ...odd,
    ratio: Math.exp(sign * effect),
  }))
}

interface Found extends Omit<Odd, 'ratio'> {
  /** Logarithm of the ratio; below 0. */
  readonly effect: number
  /** Whether the pair of these numbers is of it. */
  readonly covers: (from: number, to: number) => boolean
}

type Names = readonly (string | undefined)[]

/** @param known all values of the matrix, sorted @param senders the name of each row @param sides the names that an effect counts by @param reference what its pairs are worse than, if not the middle of the others */
function foundIn(
  { from, to, effect }: Effect,
  logs: Logs,
  known: readonly number[],
  senders: Names,
  receivers: Names,
  sides: readonly [Names, Names] = [senders, receivers],
  reference?: number,
): Found {
  const [sender, receiver] = sides
  const isSender = (name: string | undefined) => from === undefined || name === sender[from]
  const isReceiver = (name: string | undefined) => to === undefined || name === receiver[to]
  const own = logs.flatMap((row, at) =>
    isSender(senders[at]) ? row.filter((value, i) => isKnown(value) && isReceiver(receivers[i])) : [],
  )
  const middle = reference ?? sortedMedian(without(known, own))
  return {
    what: from === undefined ? 'receiver' : to === undefined ? 'sender' : 'way',
    names: [
      from === undefined ? [] : (sender[from] ?? []),
      to === undefined ? [] : (receiver[to] ?? []),
    ].flat(),
    ...(reference === undefined ? {} : { within: true }),
    worse: own.filter(value => value < middle).length,
    pairs: own.length,
    ...{ effect, covers: (row, column) => isSender(senders[row]) && isReceiver(receivers[column]) },
  }
}

/** What is left of sorted values without some of them; a large matrix is sorted once, however much is odd in it. */
function without(sorted: readonly number[], some: readonly number[]): readonly number[] {
  const gone = some.toSorted(ascending)
  let at = 0
  return sorted.filter(value => {
    const isGone = value === gone[at]
    if (isGone) at++
    return !isGone
  })
}

/** Of a matrix, sorted. */
function knownOf(logs: Logs): readonly number[] {
  return logs.flat().filter(isKnown).sort(ascending)
}

/** How much of a matrix they make up. */
function explained(found: readonly Found[]): number {
  return -sumOf(found, ({ effect, pairs }) => effect * pairs)
}

/** Many groups by polish, as hosts are; a way between two or three is compared with what both have within. */
function oddGroups(senders: Names, receivers: Names, logs: Logs): readonly Found[] {
  const sizeIn = (groups: Names, name: string) => groups.filter(each => each === name).length
  // One host is no group.
  const names = [...new Set(senders)].flatMap(name =>
    name !== undefined && sizeIn(senders, name) > 1 && sizeIn(receivers, name) > 1 ? [name] : [],
  )
  const blocks = names.map(from =>
    names.map(to =>
      logs.flatMap((row, at) => (senders[at] === from ? row.filter((_, i) => receivers[i] === to) : [])),
    ),
  )
  const middles = blocks.map(row => row.map(values => middleOf(values.filter(isKnown))))
  const withinOf = ({ from = 0, to = 0 }: Effect) =>
    Math.min(middles[from]?.[from] ?? 0, middles[to]?.[to] ?? 0)
  const between = (): readonly Effect[] =>
    middles.flatMap((row, from) =>
      row.flatMap((value, to) => {
        const effect = value - withinOf({ from, to, effect: 0 })
        return from !== to && isWorse(effect) ? [{ from, to, effect }] : []
      }),
    )
  const isFew = names.length < LEAST_FOR_POLISH
  const others = middles.map((row, from) => row.map((value, to) => (from === to ? Number.NaN : value)))
  const known = knownOf(logs)
  return (isFew ? between() : farEffects(others)).flatMap(each => {
    const within = isFew ? withinOf(each) : undefined
    const found = foundIn(each, logs, known, senders, receivers, [names, names], within)
    return isWhole(found, logs, within) ? [found] : []
  })
}

/** One bad host does not make a bad group: each of them is worse than others. */
function isWhole({ what, covers }: Found, logs: Logs, reference?: number): boolean {
  const cells = logs.flatMap((row, from) =>
    row.flatMap((value, to) => (isKnown(value) ? [{ value, from, to, own: covers(from, to) }] : [])),
  )
  const valuesOf = (some: typeof cells) => some.map(({ value }) => value)
  const middle = reference ?? middleOf(valuesOf(cells.filter(({ own }) => !own)))
  const own = cells.filter(each => each.own)
  const hosts = [
    ...(what === 'receiver' ? [] : groupBy(own, ({ from }) => from).values()),
    ...(what === 'sender' ? [] : groupBy(own, ({ to }) => to).values()),
  ]
  return hosts.every(all => isWorse(middleOf(valuesOf([...all])) - middle))
}

function isKnown(value: number): boolean {
  return !Number.isNaN(value)
}
