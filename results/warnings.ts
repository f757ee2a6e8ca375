/** What a person should know before believing the figures, as data: one warning of a kind, each with its remedy. */
import picocolors from 'picocolors'
import type { CaseSummary } from './summary.ts'
import type { RenderOptions } from './table.ts'
import { wrapWords } from './text.ts'
import { answerRules } from './warnings/answers.ts'
import { lossRules } from './warnings/loss.ts'
import { pacingRules } from './warnings/pacing.ts'
import { partRules } from './warnings/parts.ts'
import { pathRules } from './warnings/path.ts'
import { placementRules } from './warnings/placement.ts'
import { refusalRules } from './warnings/refusal.ts'
import type { OurEnds } from './warnings/remedies.ts'
import { socketRules } from './warnings/sockets.ts'
import { troubleRules } from './warnings/trouble.ts'
import { trustRules } from './warnings/trust.ts'
import type { Rule, Warning } from './warnings/warning.ts'

export type { Warning } from './warnings/warning.ts'

/** In order of weight: what went wrong, what was refused, what was lost, what is doubtful. */
const RULES: readonly Rule[] = [
  ...troubleRules,
  ...answerRules,
  ...refusalRules,
  ...socketRules,
  ...pathRules,
  ...lossRules,
  ...pacingRules,
  ...partRules,
  ...placementRules,
  ...trustRules,
]

/**
 * Warnings of a run; none where there is nothing to say.
 * @param ours the ends whose flags may be advised; where absent, both, unless every case has a receiver that is not ours
 */
export function findWarnings(
  summaries: readonly CaseSummary[],
  ours = ourEnds(summaries),
): readonly Warning[] {
  return RULES.map(rule => rule(summaries, ours)).filter(warning => warning !== undefined)
}

function ourEnds(summaries: readonly CaseSummary[]): OurEnds {
  return summaries.length > 0 && summaries.every(each => each.cell.direction === 'send') ? 'sender' : 'both'
}

/** Each as its message and, indented, its remedy; empty without any. */
export function renderWarnings(
  warnings: readonly Pick<Warning, 'message' | 'remedy'>[],
  { width, color }: RenderOptions,
): string {
  const colors = picocolors.createColors(color)
  const lines = warnings.flatMap(({ message, remedy }) => [
    ...wrapWords(`! ${message}`, width, '  ').map(line => colors.yellow(line)),
    ...wrapWords(`  → ${remedy}`, width, '    '),
  ])
  return lines.map(line => `${line}\n`).join('')
}
