/** What fails and could be chance has to fail again in fresh trials. */
import { titleOf } from '../../../results/compare/words.ts'
import type { Check } from '../../../results/gate/check.ts'
import { confirm, type Obstacle, unconfirmed } from '../../../results/gate/confirm.ts'
import { changedSince } from '../../../results/gate/environment.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { shorten } from '../../../results/schema/cells.ts'
import type { Measured } from '../../measure/run.ts'

export interface Judged {
  readonly set: TrialSet
  readonly checks: readonly Check[]
}

/** @param obstacle why nothing came of it, unless the run was interrupted */
export async function lookAgain(
  first: Judged,
  measure: () => Promise<readonly Measured[]>,
  judge: (fresh: readonly Measured[]) => Judged,
  obstacle: Obstacle,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const fresh = await measure()
  if (signal.aborted) return unconfirmed(first.checks, ENDED)
  if (fresh.length === 0) return unconfirmed(first.checks, obstacle)
  const again = judge(fresh)
  const [changed] = changedSince(first.set, again.set)
  if (!changed) return confirm(first.checks, again.checks, obstacle)
  const [before, after] = [changed.before, changed.after].map(value => shorten(value || 'unset'))
  return unconfirmed(
    first.checks,
    `${titleOf(changed.column)} was ${before} before, and ${after} in the fresh trials`,
  )
}

export const ENDED = 'the run ended before that'
