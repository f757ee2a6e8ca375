/** Outcomes of a case in a cell. */
import { formatCount } from '../../base/units.ts'
import { OUTCOMES, type OutcomeKind } from '../schema/outcome.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import type { TableCell, Tone } from './model.ts'

const TONES: Readonly<Record<OutcomeKind, Tone>> = {
  completed: 'good',
  incomplete: 'caution',
  refused: 'caution',
  'timed-out': 'bad',
  failed: 'bad',
}

/** `20 completed`, `2 refused`: outcomes that there were. */
export function outcomesOf(summary: CaseSummary): readonly string[] {
  return OUTCOMES.filter(kind => summary.outcomes[kind] > 0).map(
    kind => `${formatCount(summary.outcomes[kind])} ${kind}`,
  )
}

/** The same in a cell of the tone of the worst. @param short below each other */
export function outcomesCell(summary: CaseSummary, short = false): TableCell {
  return {
    text: outcomesOf(summary).join(short ? ',\n' : ', '),
    tone: TONES[OUTCOMES.findLast(kind => summary.outcomes[kind] > 0) ?? 'completed'],
  }
}
