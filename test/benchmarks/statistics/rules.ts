/** What rules say of synthetic experiments. */

import type { Verdict } from '../../../results/compare/judge.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { type Carriers, experiment, SHARED } from '../../simulation/experiments.ts'
import { BUSY, type NoiseModel, QUIET } from '../../simulation/noise.ts'
import { ratesOf } from '../../simulation/rates.ts'
import {
  mannWhitneyOnly,
  meanOver5,
  medianOver5,
  medianOver5Interleaved,
  oneOver200,
  ourBlocks,
  ourGate,
  ourPairs,
  pairsIn,
  type Rule,
  signedRankPairs,
  storedBaseline,
  storedBaselineAgain,
  strictGate,
  trialsIn,
  tTest,
} from '../../simulation/rules.ts'
import { markdown, percent } from './markdown.ts'

const CELLS = 3

const RULES: readonly (readonly [string, Rule])[] = [
  ['**ours: pairs**', ourPairs],
  ['**ours: pairs, suspects measured again with twice as many**', ourGate],
  ['ours: pairs, failures measured again with as many', strictGate],
  ['ours with the signed-rank test: pairs', signedRankPairs],
  ['medians over 5 % apart, pairs', medianOver5Interleaved],
  ['medians over 5 % apart, one run after the other', medianOver5],
  ['means over 5 % apart, one run after the other', meanOver5],
  ['one trial each, over 200 %', oneOver200],
  ["Welch's t-test, p < 0.05, one run after the other", tTest],
  ['Mann-Whitney, p < 0.05, one run after the other', mannWhitneyOnly],
  ['ours: unpaired, delta 15 %, one run after the other', ourBlocks],
]

const STORED: readonly (readonly [string, Rule])[] = [
  ['one run, delta 15 %', storedBaseline(1)],
  ['one run, delta 15 %, measured again', storedBaselineAgain(1)],
  ['five runs', storedBaseline(5)],
  ['five runs, measured again', storedBaselineAgain(5)],
  ['ten runs', storedBaseline(10)],
  ['ten runs, measured again', storedBaselineAgain(10)],
]

export function rulesTable(model: NoiseModel, experiments: number): string {
  return table('rule', RULES, model, experiments, [1.1, 1.2, 1.5])
}

export function storedTable(experiments: number): string {
  return [QUIET, BUSY]
    .map(model => table('stored baseline', STORED, model, experiments, [1.2, 1.5, 2]))
    .join('\n\n')
}

function table(
  title: string,
  rules: readonly (readonly [string, Rule])[],
  model: NoiseModel,
  experiments: number,
  changes: readonly number[],
): string {
  const heading = [title, 'false alarms', ...changes.map(each => `${percentSlower(each)} found`)]
  const rows = rules.map(([name, rule]) => {
    const at = (slower: number) => ratesOf(rule, { model, cells: CELLS, slower }, { experiments })
    return [name, percent(at(1).falseAlarms), ...changes.map(each => percent(at(each).found))]
  })
  return markdown(heading, rows)
}

const CARRIERS: readonly (readonly [string, Carriers])[] = [
  ['shared, 1 pair of processes', { count: 1, shared: true }],
  ['**shared, 4 pairs (the default)**', SHARED],
  ['of its own, 4 pairs', { count: 4, shared: false }],
  ['of its own, 8 pairs', { count: 8, shared: false }],
  ['of its own, 12 pairs', { count: 12, shared: false }],
]

/** Who carries the trials; alarms are those of changes either way. */
export function processesTable(model: NoiseModel, experiments: number): string {
  const alone: Carriers = { count: 1, shared: false }
  const rules: readonly (readonly [string, (verdicts: readonly Verdict[]) => Rule])[] = [
    ['of its own, 1 pair, as if trials were independent', verdicts => trialsIn(alone, verdicts)],
    ...CARRIERS.map(
      ([name, carriers]) => [name, (verdicts: readonly Verdict[]) => pairsIn(carriers, verdicts)] as const,
    ),
  ]
  const rows = rules.map(([name, rule]) => {
    const at = (slower: number, verdicts: readonly Verdict[]) =>
      ratesOf(rule(verdicts), { model, cells: CELLS, slower }, { experiments })
    return [
      name,
      percent(at(1, ['better', 'worse']).falseAlarms),
      ...[1.1, 1.2, 1.5].map(slower => percent(at(slower, ['worse']).found)),
    ]
  })
  const found = [1.1, 1.2, 1.5].map(each => `${percentSlower(each)} found`)
  return markdown(['each side has processes', 'alarms, either way', ...found], rows)
}

/** Our rule by pairs and by cells. */
export function sizesTable(experiments: number): string {
  const heading = [
    'pairs',
    'cells',
    'false alarms',
    '10 % slower found',
    '20 % slower found',
    '… 10 %, measured again',
    '… 20 %, measured again',
  ]
  const sizes = [10, 24, 50].flatMap(pairs => [1, 3, 10].map(cells => ({ pairs, cells })))
  const rows = sizes.map(({ pairs, cells }) => {
    const at = (rule: Rule, slower: number) =>
      ratesOf(rule, { model: QUIET, cells, slower }, { experiments, pairs })
    return [
      `${pairs}`,
      `${cells}`,
      percent(at(ourPairs, 1).falseAlarms),
      ...[ourPairs, ourGate].flatMap(rule => [1.1, 1.2].map(slower => percent(at(rule, slower).found))),
    ]
  })
  return markdown(heading, rows)
}

/** How far medians of two equal sides are apart, beside what the real experiment showed. */
export function calibration(model: NoiseModel, experiments: number): string {
  let [consecutive, interleaved] = [0, 0]
  for (let seed = 0; seed < experiments; seed++) {
    const each = experiment(seed, { model, cells: CELLS, slower: 1 })
    for (const { base, other } of each.blocks(20)) if (apart(base, other)) consecutive++
    for (const { base, other } of each.interleaved(20)) if (apart(base, other)) interleaved++
  }
  const all = experiments * CELLS
  return markdown(
    ['A/A comparisons with medians over 5 % apart', 'synthetic', 'real'],
    [
      ['one block after the other', percent(consecutive / all), '20.5 %'],
      ['interleaved pairs', percent(interleaved / all), '5.2 %'],
    ],
  )
}

function apart(base: Float64Array, other: Float64Array): boolean {
  return Math.abs((median(other) ?? 0) / (median(base) ?? 0) - 1) > 0.05
}

function percentSlower(factor: number): string {
  return `${Math.round(100 * (factor - 1))} % slower`
}
