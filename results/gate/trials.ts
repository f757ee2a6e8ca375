/** Trials of a cell by how they ended. */
import { formatCount } from '../../base/units.ts'
import { damagedTrials } from '../compare/facts.ts'
import type { CellTrials } from '../read/trial-set.ts'
import { shorten } from '../schema/cells.ts'
import { BEGINNING_LOST, OUTCOMES, type OutcomeKind } from '../schema/outcome.ts'
import type { TrialCount } from './subjects.ts'

/**
 * Trials that ended so. `failed` includes those that timed out; `damaged` are those of `damagedTrials`, however they ended.
 */
export function countTrials(trials: CellTrials, counts: TrialCount | 'carried'): number {
  const ended = endedSo(trials, counts)
  return trials.outcomes.filter((_, index) => ended(index)).length
}

function endedSo(trials: CellTrials, counts: TrialCount | 'carried'): (index: number) => boolean {
  switch (counts) {
    case 'carried':
      return carriedTrials(trials)
    case 'damaged':
      return damagedTrials(trials)
    case 'failed':
      return index => hasFailed(trials, index)
    default:
      return index => outcomeAt(trials, index) === counts
  }
}

/** True if it ran to its end, so that its duration is meaningful. */
export function hasEnded(trials: CellTrials, index: number): boolean {
  const outcome = outcomeAt(trials, index)
  return outcome === 'completed' || outcome === 'incomplete'
}

export function anyEnded(trials: CellTrials): boolean {
  return trials.outcomes.some((_, index) => hasEnded(trials, index))
}

export function hasFailed(trials: CellTrials, index: number): boolean {
  const outcome = outcomeAt(trials, index)
  return outcome === 'failed' || outcome === 'timed-out'
}

/**
 * The transfer came about: the system took all of it, what begins it arrived, and some of the payload did. How much was lost is a
 * question of its own.
 */
export function carriedTrials(trials: CellTrials): (index: number) => boolean {
  const codes = trials.texts('error_code')
  const bytes = trials.numbers('bytes_delivered')
  return index =>
    hasEnded(trials, index) && !BEGINNING_LOST.includes(codes[index] ?? '') && bytes[index] !== 0
}

/** ` (ECONNRESET, EPERM)`: the codes of some trials; empty where they have none. */
export function codesText(
  cells: readonly CellTrials[],
  chosenOf: (trials: CellTrials) => (index: number) => boolean,
): string {
  const codes = cells.flatMap(trials => {
    const isChosen = chosenOf(trials)
    return trials.texts('error_code').flatMap((code, index) => (code && isChosen(index) ? code : []))
  })
  return codes.length > 0 ? ` (${[...new Set(codes)].slice(0, 4).map(shorten).join(', ')})` : ''
}

/** `18 failed, 2 timed-out` */
export function describeOutcomes(trials: CellTrials): string {
  const kinds = Array.from(trials.outcomes, (_, index) => outcomeAt(trials, index))
  return OUTCOMES.map(kind => [kinds.filter(each => each === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${formatCount(count)} ${kind}`)
    .join(', ')
}

export function outcomeAt(trials: CellTrials, index: number): OutcomeKind {
  return OUTCOMES[trials.outcomes[index] ?? -1] ?? 'failed'
}
