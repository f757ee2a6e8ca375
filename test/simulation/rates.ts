/** How often a rule is right, over many experiments. */
import { PAIRED_ROUNDS } from '../../scenarios/defaults.ts'
import { experiment, type Setting } from './experiments.ts'
import type { Rule } from './rules.ts'

export interface Rates {
  /** Experiments in which some cell that did not change is called worse. */
  readonly falseAlarms: number
  /** Experiments in which the first cell is called worse. */
  readonly found: number
}

/** As shares of `experiments`, numbered from `from`. */
export function ratesOf(
  rule: Rule,
  setting: Setting,
  {
    experiments,
    pairs = PAIRED_ROUNDS.repeat,
    from = 0,
  }: { experiments: number; pairs?: number; from?: number },
): Rates {
  let [falseAlarms, found] = [0, 0]
  for (let seed = from; seed < from + experiments; seed++) {
    const worse = rule(experiment(seed, setting), pairs)
    if (worse.includes(0)) found++
    if (worse.some(index => index > 0 || setting.slower === 1)) falseAlarms++
  }
  return { falseAlarms: falseAlarms / experiments, found: found / experiments }
}
