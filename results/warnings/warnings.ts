/** Finds what a reader should know before trusting the figures: at most one warning of a kind, each with its remedy. */
import type { RenderOptions } from '../document/model.ts'
import { renderBlocks } from '../document/terminal.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { answerElsewhere, requestsUnanswered } from './answers.ts'
import { lossRules } from './loss.ts'
import { pacerStalled } from './pacing.ts'
import { partRules } from './parts.ts'
import { pathRules } from './path.ts'
import { placement } from './placement.ts'
import { refusalRules } from './refusal.ts'
import { relayRules } from './relay.ts'
import type { AdvisedEnds } from './remedies.ts'
import { socketRules } from './sockets.ts'
import { troubleRules } from './trouble.ts'
import { trustRules } from './trust.ts'
import type { Rule, Warning } from './warning.ts'

export type { Warning } from './warning.ts'

/** In order of weight: what went wrong, what was refused, what was lost, what is doubtful. */
const RULES: readonly Rule[] = [
  ...troubleRules,
  answerElsewhere,
  requestsUnanswered,
  ...refusalRules,
  ...socketRules,
  ...pathRules,
  ...lossRules,
  pacerStalled,
  ...relayRules,
  ...partRules,
  placement,
  ...trustRules,
]

/**
 * Returns the warnings of a run.
 * @param advised the ends whose flags a remedy may name; by default both, or the sender alone if every receiver is a foreign program
 */
export function findWarnings(
  summaries: readonly CaseSummary[],
  advised = advisedEnds(summaries),
): readonly Warning[] {
  return known(RULES, rule => rule({ summaries, advised }))
}

function advisedEnds(summaries: readonly CaseSummary[]): AdvisedEnds {
  return summaries.length > 0 && summaries.every(each => each.cell.direction === 'send') ? 'sender' : 'both'
}

/** Renders each as its message and, indented, its remedy. */
export function renderWarnings(
  warnings: readonly Pick<Warning, 'message' | 'remedy'>[],
  options: RenderOptions,
): string {
  return warnings.length === 0 ? '' : renderBlocks([{ kind: 'notes', items: warnings }], options)
}
