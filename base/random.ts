/** A small seeded generator, for orders and resampling that can be repeated. Not for secrets. A leaf. */

/**
 * Uniform numbers in [0, 1): SplitMix (Steele, Lea & Flood, OOPSLA 2014) on 32 bits, with the mixer 16-21f0aaad-15-735a2d97-15
 * of Chris Wellons' hash prospector. The same everywhere.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** A shuffled copy: sorted by random keys. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
