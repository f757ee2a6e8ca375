/**
 * Which pairs of hosts are measured at the same time: rounds in which no host has two trials. Pure: (hosts, pairs, seed) -> rounds. All pairs
 * by the circle method, any others by edge colouring (Misra and Gries, "A constructive proof of Vizing's theorem", 1992).
 */
import { ascending, groupBy } from '../../../base/groups.ts'
import { seededRandom, shuffled } from '../../../base/random.ts'

/** Numbers of two hosts, which differ: what is sent goes from the first to the second. */
export type HostPair = readonly [from: number, to: number]
/** Disjoint pairs. */
export type Round = readonly HostPair[]

/**
 * As few rounds as all pairs can have. For others, at most one more than a host has partners, and, of those that are measured in both directions,
 * at most one more than a host has such partners. Which hosts share a round follows from the seed.
 * @param hosts how many there are, from 0 on @param pairs without repeats
 */
export function roundsOf(hosts: number, pairs: readonly HostPair[], seed: number): readonly Round[] {
  const random = seededRandom(seed)
  const places = shuffled([...Array(hosts).keys()], random)
  const placeOf = new Map(places.map((host, place) => [host, place]))
  const rounds = oncePerTwo(pairs).flatMap(layer => {
    const edges = layer.map(([from, to]) => [placeOf.get(from) ?? 0, placeOf.get(to) ?? 0] as const)
    const isComplete = 2 * edges.length === hosts * (hosts - 1)
    const colours = isComplete ? circle(hosts, edges) : colouring(edges)
    const byColour = groupBy(layer.entries(), ([index]) => colours[index])
    return [...byColour.values()].map(each => each.map(([, pair]) => pair))
  })
  return shuffled(rounds, random)
}

/** Two hosts are in one of these once, whichever sends. */
function oncePerTwo(pairs: readonly HostPair[]): readonly (readonly HostPair[])[] {
  const both = groupBy(pairs, pair => pair.toSorted(ascending).join(' '))
  const [first, second]: [HostPair[], HostPair[]] = [[], []]
  for (const [one, other] of both.values()) {
    first.push(one)
    if (other) second.push(other)
  }
  return [first, second].filter(layer => layer.length > 0)
}

/** All stand on a circle but the last, who stands in the middle; each round the circle turns by a place. Without an even number, one has a break. */
function circle(hosts: number, edges: readonly HostPair[]): readonly number[] {
  const middle = hosts % 2 === 0 ? hosts - 1 : hosts
  const turns = middle
  return edges.map(([a, b]) => {
    if (a === middle) return (2 * b) % turns
    if (b === middle) return (2 * a) % turns
    return (a + b) % turns
  })
}

/** A colour an edge, so that those at a host differ: at most one more than the most edges of one. No two edges join the same hosts. */
function colouring(edges: readonly HostPair[]): readonly number[] {
  /** What of each colour a host is joined to. */
  const joined = new Map<number, Map<number, number>>()
  const at = (host: number): Map<number, number> => {
    const known = joined.get(host) ?? new Map<number, number>()
    joined.set(host, known)
    return known
  }
  const isFree = (host: number, colour: number) => !at(host).has(colour)
  const freeAt = (host: number): number => {
    let colour = 0
    while (!isFree(host, colour)) colour++
    return colour
  }
  const paint = (a: number, b: number, colour: number) => {
    at(a).set(colour, b)
    at(b).set(colour, a)
  }
  const strip = (a: number, b: number, colour: number) => {
    at(a).delete(colour)
    at(b).delete(colour)
  }
  const colourOf = (a: number, b: number): number | undefined =>
    [...at(a)].find(([, other]) => other === b)?.[0]

  for (const [x, y] of edges) {
    const fan = fanOf(x, y)
    const last = fan.at(-1) ?? y
    const [c, d] = [freeAt(x), freeAt(last)]
    if (c !== d) invert(x, c, d)
    // d is free at x now, and at one of the fan up to which that still is one.
    const end = fan.findIndex((host, index) => isFree(host, d) && isFan(x, fan.slice(0, index + 1)))
    rotate(x, fan.slice(0, end + 1))
    paint(x, fan[end] ?? y, d)
  }
  return edges.map(([a, b]) => colourOf(a, b) ?? 0)

  /** Neighbours of x, from y on: the colour of each edge is free at the one before it. As long as it can be. */
  function fanOf(x: number, y: number): readonly number[] {
    const fan = [y]
    for (;;) {
      const last = fan.at(-1) ?? y
      const next = [...at(x)].find(([colour, host]) => isFree(last, colour) && !fan.includes(host))
      if (!next) return fan
      fan.push(next[1])
    }
  }

  function isFan(x: number, fan: readonly number[]): boolean {
    return fan.every((host, index) => {
      const before = fan[index - 1]
      const colour = colourOf(x, host)
      return before === undefined || (colour !== undefined && isFree(before, colour))
    })
  }

  /** Swaps both colours along the path of these that begins at x, where c is free. */
  function invert(x: number, c: number, d: number): void {
    const path: [number, number, number][] = []
    let [host, colour] = [x, d]
    for (let next = at(host).get(colour); next !== undefined; next = at(host).get(colour)) {
      path.push([host, next, colour])
      host = next
      colour = colour === c ? d : c
    }
    for (const [a, b, old] of path) strip(a, b, old)
    for (const [a, b, old] of path) paint(a, b, old === c ? d : c)
  }

  /** Each edge takes the colour of the one after it; the last has none. */
  function rotate(x: number, fan: readonly number[]): void {
    const colours = fan.map(host => colourOf(x, host))
    for (const [index, host] of fan.entries()) {
      const own = colours[index]
      if (own !== undefined) strip(x, host, own)
    }
    for (const [index, host] of fan.entries()) {
      const next = colours[index + 1]
      if (next !== undefined) paint(x, host, next)
    }
  }
}
