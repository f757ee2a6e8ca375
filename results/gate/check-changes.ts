/** What was measured against a baseline, or side B against side A: a check for each row, by each metric, loss and fact. */

import { given } from '../../base/given.ts'
import { type CompareOptions, compareSets } from '../compare/compare-sets.ts'
import type { Change, ComparedRow, Comparison, Difference } from '../compare/comparison.ts'
import { ALPHA, type Verdict, verdictOf } from '../compare/judge.ts'
import type { Metric } from '../compare/metrics.ts'
import { type Part, valuesOf } from '../compare/rows.ts'
import { changesOf, whyUnproven } from '../compare/words.ts'
import type { TrialSet } from '../read/trial-set.ts'
import { CELL_FIELDS, type Cell } from '../schema/cells.ts'
import { type ColumnName, columnOf } from '../schema/columns.ts'
import { mannWhitney } from '../statistics/rank-tests.ts'
import { type Check, type Figures, factOf, type Status } from './check.ts'
import { checkFacts, type SetNames } from './check-facts.ts'
import { checkLoss, lossesOfRuns } from './check-loss.ts'
import { anyEnded } from './trials.ts'
import { changeSentence } from './words.ts'

export interface ChangeOptions {
  readonly metrics: readonly Metric[]
  /** The least effect that counts, as a share; the rule of `compareSets` where undefined. */
  readonly delta?: CompareOptions['delta']
  /** The sets are the sides of one run. */
  readonly bySide: boolean
}

export interface Changes {
  readonly checks: readonly Check[]
  /** Cells of the results that the baseline lacks; judged by facts alone. */
  readonly fresh: readonly Cell[]
  /** Settings that differ. */
  readonly settings: readonly Difference[]
}

/** Both sets hold what `gateColumns` names. */
export function checkChanges(base: TrialSet, results: TrialSet, options: ChangeOptions): Changes {
  const { metrics, bySide, ...shared } = options
  const by = bySide ? 'side' : undefined
  const names = bySide ? SIDES : SETS
  const comparisons = metrics.map(metric => compareSets([base, results], { ...shared, metric, by }))
  const [first] = comparisons
  if (!first) throw new Error('a gate without a metric')
  const { rows, differences } = first
  const judged = rows.map((row, index) => {
    const [before = [], now = []] = row.parts.map(parts => parts.map(each => each.trials))
    const trials = { before, now }
    // The whole cell of its trials; that of the row has only the fields that distinguish rows.
    const cell = (now[0] ?? before[0])?.cell ?? row.cell
    const facts = checkFacts({ row, rows, cell, ...trials, names })
    const fresh = before.length === 0
    if (fresh || now.length === 0) return { checks: facts, fresh: fresh ? [cell] : [] }
    // If a fact explains why there is no figure, its absence is not reported again.
    const explained = facts.some(each => each.status === 'failed')
    const ended = now.some(anyEnded)
    const changes = comparisons.flatMap(each =>
      checkMetric(each, each.rows[index], cell, { explained, ended, names }),
    )
    const loss = checkLoss(row, cell, lossesOfRuns(base, before))
    return { checks: [...changes, ...loss, ...facts], fresh: [] }
  })
  const checks = judged.flatMap(each => each.checks)
  return {
    checks: [...checks, ...metrics.flatMap(metric => neverKnown(metric, checks))],
    fresh: judged.flatMap(each => each.fresh),
    settings: differences.filter(({ column }) => SETTING_COLUMNS.includes(column)),
  }
}

/** Those that say where it ran belong to the environment. */
const SETTING_COLUMNS: readonly ColumnName[] = CELL_FIELDS.filter(
  field => field !== 'engine' && field !== 'direction',
)

const SETS: SetNames = { base: 'the baseline', results: 'the results', none: 'the results have none' }
const SIDES: SetNames = { base: 'A', results: 'B', none: 'B has none' }

const STATUS_OF: Readonly<Record<Verdict, Status>> = {
  worse: 'failed',
  better: 'passed',
  same: 'passed',
  'no evidence': 'passed',
  inconclusive: 'inconclusive',
}

interface MetricFacts {
  /** A fact explains why there is no figure. */
  readonly explained: boolean
  /** Trials of the results ran to their end. */
  readonly ended: boolean
  readonly names: SetNames
}

/** Like a threshold that selects nothing: a metric that no case has cannot fail, and guards nothing. */
function neverKnown(metric: Metric, checks: readonly Check[]): readonly Check[] {
  const own = checks.filter(({ kind, subject }) => kind === 'metric' && subject === metric.name)
  if (own.length === 0 || own.some(({ status }) => status !== 'skipped')) return []
  const sentence = `no case has a ${metric.title}, and a check that cannot fail guards nothing; compare another metric, as --metric total`
  return [factOf({ kind: 'metric', subject: metric.name, cell: undefined }, 'failed', sentence)]
}

function checkMetric(
  comparison: Comparison,
  row: ComparedRow | undefined,
  cell: Cell,
  { explained, ended, names }: MetricFacts,
): readonly Check[] {
  const { metric } = comparison
  const [base, value] = row?.estimates ?? []
  const change = row?.changes[1]
  const subject = { kind: 'metric', subject: metric.name, cell } as const
  // If no trial of either side got that far, facts say so; a time that the transport does not have is skipped.
  if (!base && !value && ended) {
    const sentence = `no trial of ${names.base} or of ${names.results} has a ${metric.title}: not judged`
    return [factOf(subject, 'skipped', sentence)]
  }
  if (!base) return []
  if (!value || !change) {
    if (explained) return []
    const sentence = `no trial of ${names.results} has a ${metric.title}, and ${names.base} has ${metric.format(base.median)}`
    return [{ ...factOf(subject, 'inconclusive', sentence, { base: base.median }), statistical: true }]
  }
  const why = whyUnproven(change, changesOf(comparison).length)
  const alone = verdictOf(change, change.p, { delta: change.delta, better: metric.better })
  return [
    {
      ...subject,
      ...(alone === 'worse' ? { suspect: true as const } : {}),
      status: isPlainlyBetter(metric, change, row.parts) ? 'passed' : STATUS_OF[change.verdict],
      sentence: given(changeSentence(metric, change, base.median, value.median), why).join('; '),
      figures: figuresOf(metric, change, base.median, value),
      statistical: true,
    },
  ]
}

/**
 * Measured better by delta or more, in trials that differ from the base's by more than chance: then it is not in doubt whether it is worse,
 * even if too few processes or runs stand behind it to prove anything.
 */
function isPlainlyBetter(
  { better, column }: Metric,
  { ratio, delta }: Change,
  [base = [], results = []]: readonly (readonly Part[])[],
): boolean {
  const gain = better === 'higher' ? ratio : 1 / ratio
  const test = mannWhitney(valuesOf(results, column), valuesOf(base, column))
  return gain >= 1 + delta && test !== undefined && test.p <= ALPHA
}

function unitOf(column: ColumnName): 'bit/s' | '0 to 1' | 'ms' {
  const { unit } = columnOf(column)
  return unit === 'bit/s' || unit === '0 to 1' ? unit : 'ms'
}

function figuresOf(
  metric: Metric,
  change: Change,
  base: number,
  value: NonNullable<ComparedRow['estimates'][number]>,
): Figures {
  const { ratio, interval, p, pHolm, delta, basis, n } = change
  return {
    unit: unitOf(metric.column),
    ...{ value: value.median, valueInterval: value.interval, base },
    ...{ change: ratio, changeInterval: interval, p, pHolm, delta },
    basis: basis === 'single' ? 'trials' : basis,
    count: n,
  }
}
