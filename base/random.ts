/** A small seeded generator for reproducible shuffling and resampling. Not for secrets. */

/**
 * Uniform numbers in [0, 1): 32-bit SplitMix (Steele, Lea & Flood, OOPSLA 2014) with the mixer 16-21f0aaad-15-735a2d97-15 from Chris
 * Wellons' hash prospector. The sequence is the same on every platform.
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

/** The finalizer of MurmurHash3: each bit of a number of 32 bits changes half of all. */
export function finalize(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Returns a shuffled copy, by sorting on random keys. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
