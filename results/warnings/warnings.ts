/** What a person should know before believing the figures, as data: one warning of a kind, each with its remedy. */
import type { RenderOptions } from '../document/model.ts'
import { noteLines } from '../document/terminal.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { answerRules } from './answers.ts'
import { lossRules } from './loss.ts'
import { pacingRules } from './pacing.ts'
import { partRules } from './parts.ts'
import { pathRules } from './path.ts'
import { placementRules } from './placement.ts'
import { refusalRules } from './refusal.ts'
import type { OurEnds } from './remedies.ts'
import { socketRules } from './sockets.ts'
import { troubleRules } from './trouble.ts'
import { trustRules } from './trust.ts'
import type { Rule, Warning } from './warning.ts'

export type { Warning } from './warning.ts'

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
  options: RenderOptions,
): string {
  return noteLines(warnings, options)
    .map(line => `${line}\n`)
    .join('')
}
