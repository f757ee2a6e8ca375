/** What a set did not deliver of a case, and whether that is known. Pure. */
import { sumOf } from '../../base/groups.ts'
import { formatPercent } from '../../base/units.ts'
import { OUTCOMES, type OutcomeKind } from '../schema/outcome.ts'
import type { ComparedRow } from './comparison.ts'

/** Everything arrived, intact, in every trial. */
export function isWhole(row: ComparedRow, set: number): boolean {
  return row.troubles[set]?.damaged === 0 && trialsOf(row, set, 'completed') === row.troubles[set].trials
}

/** Nothing is known to be missing, but what arrived was not checked (`--verify none`). */
export function isUnchecked(row: ComparedRow, set: number): boolean {
  return uncheckedTrials(row, set) > 0 && !faultOf(row, set)
}

export interface Fault {
  readonly kind: (typeof FAULTS)[number]
  readonly share: number
}

/** As a share; undefined where nothing is known to be missing. */
export function faultOf(row: ComparedRow, set: number): Fault | undefined {
  const troubles = row.troubles[set]
  // It did not try.
  if (!troubles) return undefined
  const { trials, failed, timedOut, damaged } = troubles
  const { ratio: lost = 0 } = row.losses[set] ?? {}
  const { refused = 0, offered = 1 } = row.refusals[set] ?? {}
  const known = trialsOf(row, set, 'completed') + uncheckedTrials(row, set)
  const shares = {
    lost,
    refused: refused / offered,
    failed: (failed + timedOut) / trials,
    damaged: damaged / trials,
    incomplete: 1 - known / trials,
  }
  const kind = FAULTS.find(each => shares[each] > 0)
  return kind && { kind, share: shares[kind] }
}

const FAULTS = ['lost', 'refused', 'failed', 'damaged', 'incomplete'] as const

/** `lost 25.0 % of the datagrams`. @param limit `up to ` where several cases have no more */
export function faultWords({ kind, share }: Fault, limit = ''): string {
  return WORDS[kind](limit + formatPercent(share))
}

const WORDS: Readonly<Record<Fault['kind'], (share: string) => string>> = {
  lost: share => `lost ${share} of the datagrams`,
  refused: share => `had ${share} of the datagrams refused`,
  failed: share => `failed in ${share} of the trials`,
  damaged: share => `delivered damaged bytes in ${share} of the trials`,
  incomplete: share => `did not deliver everything in ${share} of the trials`,
}

function trialsOf({ parts }: ComparedRow, set: number, kind: OutcomeKind): number {
  return sumOf(
    parts[set] ?? [],
    ({ trials }) => trials.outcomes.filter(each => OUTCOMES[each] === kind).length,
  )
}

function uncheckedTrials({ parts }: ComparedRow, set: number): number {
  const isUnchecked = (code: string | undefined) => code === 'UNVERIFIED'
  return sumOf(parts[set] ?? [], ({ trials }) => trials.texts('error_code').filter(isUnchecked).length)
}
