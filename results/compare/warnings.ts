/** What to know before believing a comparison: one warning of a kind, each with its remedy. */
import type { Comparison, ComparisonWarning } from './comparison.ts'
import type { Row } from './rows.ts'
import { Situation } from './situation.ts'
import { sampleRules } from './warnings-samples.ts'
import { trustRules } from './warnings-trust.ts'

/** In order of weight. */
const RULES = [...trustRules, ...sampleRules]

export function findComparisonWarnings(
  comparison: Omit<Comparison, 'warnings'>,
  rows: readonly Row[],
): readonly ComparisonWarning[] {
  const situation = new Situation(comparison, rows)
  return RULES.map(rule => rule(situation)).filter(warning => warning !== undefined)
}
