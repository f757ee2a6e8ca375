/** "Did you mean": finds the candidate that a mistyped word most likely stands for. */
import distance from 'damerau-levenshtein'

/** Returns the candidate with the smallest Damerau-Levenshtein distance, ignoring case, or undefined if none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase()
  const most = Math.max(1, Math.floor(typed.length / 3))
  return [...candidates]
    .map(candidate => ({ candidate, steps: distance(typed, candidate.toLowerCase()).steps }))
    .filter(({ steps }) => steps <= most)
    .toSorted((a, b) => a.steps - b.steps)[0]?.candidate
}

/** `; did you mean size?`, or `; known are a, b, c` if nothing is close. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${near}?`
}
