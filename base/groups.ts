/** Items in groups, numbered and in order; sums and extremes. Pure. */

/** In the order of first appearance (Map.groupBy, which Node 20 lacks). No group is empty. */
export function groupBy<T, K>(
  items: Iterable<T>,
  key: (item: T) => K,
): ReadonlyMap<K, readonly [T, ...(readonly T[])]> {
  const groups = new Map<K, [T, ...T[]]>()
  for (const item of items) {
    const name = key(item)
    const group = groups.get(name)
    if (group) group.push(item)
    else groups.set(name, [item])
  }
  return groups
}

/** Groups from large to small; of those of one size in the order of first appearance. */
export function bySize<T, K>(items: Iterable<T>, key: (item: T) => K) {
  return [...groupBy(items, key)].sort(([, a], [, b]) => b.length - a.length)
}

/** Numbers names in the order in which they come, from 0; one that comes again keeps its number. */
export function numbering(): (name: string) => number {
  const numbers = new Map<string, number>()
  return name => {
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    return number
  }
}

/** The sum of what belongs to each key. */
export function totals<K>(entries: Iterable<readonly [K, number]>): Map<K, number> {
  const sums = new Map<K, number>()
  for (const [key, value] of entries) sums.set(key, (sums.get(key) ?? 0) + value)
  return sums
}

type NumberOf<T> = (item: T) => number | undefined

/** The sum over all items; what has no number adds nothing. */
export function sumOf<T>(items: Iterable<T>, of: NumberOf<T>): number {
  let sum = 0
  for (const item of items) sum += of(item) || 0
  return sum
}

/** The largest number of an item, however many there are: Math.max(...) takes some 100,000. Undefined where there is none. */
export function largestOf<T>(items: Iterable<T>, of: NumberOf<T>): number | undefined {
  let largest: number | undefined
  for (const item of items) {
    const number = of(item) ?? Number.NaN
    if (!Number.isNaN(number)) largest = largest === undefined ? number : Math.max(largest, number)
  }
  return largest
}

/** The smallest, likewise. */
export function smallestOf<T>(items: Iterable<T>, of: NumberOf<T>): number | undefined {
  const largest = largestOf(items, item => -(of(item) ?? Number.NaN))
  return largest === undefined ? undefined : -largest
}

/** Math.max of them, however many there are: -Infinity for none. */
export function maximum(values: Iterable<number>): number {
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) most = Math.max(most, value)
  return most
}

/** Math.min, likewise: Infinity for none. */
export function minimum(values: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY
  for (const value of values) least = Math.min(least, value)
  return least
}

/** `results`, `results (2)`: labels of which no two are the same. */
export function tellApart(labels: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return labels.map(label => {
    let name = label
    for (let copy = 2; taken.has(name); copy++) name = `${label} (${copy})`
    taken.add(name)
    return name
  })
}

/** For `sort`: numbers, also infinite ones, which have no difference; texts by code units, as ISO 8601 times are ordered. */
export function ascending<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** For `sort`: 9 before 10, as versions and names are read. */
export const natural = new Intl.Collator('en', { numeric: true }).compare
