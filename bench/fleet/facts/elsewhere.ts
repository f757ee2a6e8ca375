/** Whether rows come from this machine and these programs. */
import { titleOf } from '../../../results/compare/words.ts'
import { environmentValues, type TrialSet } from '../../../results/read/trial-set.ts'
import { shorten } from '../../../results/schema/cells.ts'
import type { Environment } from '../calls/environment.ts'
import { environment } from './environment.ts'

/** The first of these columns in which rows are of another one: `CPU was M3, and here it is EPYC`; undefined where there is none. */
export function elsewhere(set: TrialSet, columns: readonly (keyof Environment)[]): string | undefined {
  const here = environment()
  for (const column of columns) {
    const there = environmentValues(set, column)
    // What is unknown here (no quota) must be absent from the rows, too.
    const own = here[column] === undefined ? [] : [String(here[column])]
    if (there.join() !== own.join())
      return `${titleOf(column)} was ${shorten(there.join(', ') || 'unset')}, and here it is ${own[0] ?? 'unset'}`
  }
  return undefined
}
