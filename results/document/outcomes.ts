/** Outcomes of a case in a cell. */
import { counted, formatCount } from '../../base/units.ts'
import { PICTURE_STATES } from '../schema/columns/counts.ts'
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

/** `20 completed`, `2 refused`, `3 pictures partly`: outcomes that there were, and what could be decoded. */
export function outcomesOf({ outcomes, records }: CaseSummary): readonly string[] {
  const kinds = OUTCOMES.filter(kind => outcomes[kind] > 0)
  const pictures = PICTURE_STATES.flatMap(state => {
    const count = records.filter(({ picture }) => picture === state).length
    return count > 0 ? [`${counted(count, 'picture')} ${state === 'not' ? 'not decoded' : state}`] : []
  })
  return [...kinds.map(kind => `${formatCount(outcomes[kind])} ${kind}`), ...pictures]
}

/** The same in a cell of the tone of the worst. @param short below each other */
export function outcomesCell(summary: CaseSummary, short = false): TableCell {
  return {
    text: outcomesOf(summary).join(short ? ',\n' : ', '),
    tone: TONES[OUTCOMES.findLast(kind => summary.outcomes[kind] > 0) ?? 'completed'],
  }
}
