/** What to know before believing a comparison: one warning of a kind, each with its remedy. */
import { given } from '../../base/given.ts'
import type { ComparisonWarning } from './comparison.ts'
import type { Situation } from './situation.ts'
import { sampleRules } from './warnings-samples.ts'
import { trustRules } from './warnings-trust.ts'

/** In order of weight. */
const RULES = [...trustRules, ...sampleRules]

export function findComparisonWarnings(situation: Situation): readonly ComparisonWarning[] {
  return given(...RULES.map(rule => rule(situation)))
}
