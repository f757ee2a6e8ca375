/** Items in groups, numbered and in order, and sums by key. Pure. */

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

/** For `sort`: numbers, also infinite ones, which have no difference; texts by code units, as ISO 8601 times are ordered. */
export function ascending<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** For `sort`: 9 before 10, as versions and names are read. */
export const natural = new Intl.Collator('en', { numeric: true }).compare
