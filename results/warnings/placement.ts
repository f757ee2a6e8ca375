/** A warning about trials whose speed depends on which CPUs the system chose. */
import { bySize } from '../../base/groups.ts'
import { formatCount, formatMs, formatRate } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type FigureColumn, figureOf } from '../statistics/figure.ts'
import { median } from '../statistics/quantiles.ts'
import { mannWhitney } from '../statistics/rank-tests.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { largest, ruleOfCases } from './warning.ts'

/** Fewer do not make a group. */
const LEAST_TRIALS = 3
/** For all cases together. */
const ALPHA = 0.01
/** Of the medians; less does not make two groups. */
const LEAST_RATIO = 1.2

interface Group {
  /** `on one CPU`, `on the CPUs 0,1` */
  readonly words: string
  /** The CPUs of most of its trials, as `--pin` takes them. */
  readonly pins: string
  readonly figure: FigureColumn
  readonly values: readonly number[]
  readonly median: number
}

export const placement = ruleOfCases(
  'placement',
  ({ records }, { summaries }) => twoGroups(records, ALPHA / summaries.length),
  (split, cases) => {
    const worst = largest(split, ratioOf)
    const [one, other] = worst
    const groups = worst.map(
      ({ words, figure, values, median }) =>
        `${formatCount(values.length)} ${words}, around ${figure === 'goodput_bps' ? formatRate(median) : formatMs(median)}`,
    )
    return {
      what: `trials fall into two groups by where the system placed the ends: ${groups.join('; ')}${cases.length > 1 ? ' at the most' : ''}`,
      remedy: `choose the placement you are interested in: --pin ${one.pins} or --pin ${other.pins}`,
    }
  },
)

/** Whether the trials of a case fall into two groups by where the system put its ends. */
export function inTwoGroups({ records }: CaseSummary): boolean {
  return twoGroups(records, ALPHA) !== undefined
}

interface Placed {
  readonly sender: number
  readonly receiver: number
  readonly value: number
}

/** Trials within this host whose CPUs the system chose. */
function placedOf(records: readonly TrialRecord[], figure: FigureColumn): readonly Placed[] {
  return records.flatMap(record => {
    const { sender_cpu_at_end: sender, receiver_cpu_at_end: receiver, [figure]: value } = record
    const chosen = record.direction === 'local' && record.pinned_cpus === undefined
    return chosen && sender !== undefined && receiver !== undefined && value !== undefined
      ? [{ sender, receiver, value }]
      : []
  })
}

/** By one CPU or two; where that makes no difference, by the two commonest pairs of CPUs. */
function twoGroups(records: readonly TrialRecord[], alpha: number): readonly [Group, Group] | undefined {
  const figure = figureOf(records)
  const trials = placedOf(records, figure)
  const together = trials.filter(each => each.sender === each.receiver)
  const apart = trials.filter(each => each.sender !== each.receiver)
  const [first, second] = bySize(apart, cpusOf).map(([cpus, own]) =>
    groupOf(`on the CPUs ${cpus}`, figure, own),
  )
  return (
    differing(groupOf('on one CPU', figure, together), groupOf('on two', figure, apart), alpha) ??
    differing(first, second, alpha)
  )
}

function groupOf(words: string, figure: FigureColumn, trials: readonly Placed[]): Group | undefined {
  if (trials.length < LEAST_TRIALS) return undefined
  const [commonest] = bySize(trials, cpusOf)
  const values = trials.map(each => each.value)
  const middle = median(values)
  return commonest && middle !== undefined
    ? { words, pins: commonest[0], figure, values, median: middle }
    : undefined
}

function differing(
  one: Group | undefined,
  other: Group | undefined,
  alpha: number,
): readonly [Group, Group] | undefined {
  if (!one || !other || ratioOf([one, other]) < LEAST_RATIO) return undefined
  const test = mannWhitney(one.values, other.values)
  return test && test.p <= alpha ? [one, other] : undefined
}

function ratioOf([one, other]: readonly [Group, Group]): number {
  return Math.max(one.median, other.median) / Math.min(one.median, other.median)
}

function cpusOf({ sender, receiver }: Placed): string {
  return `${sender},${receiver}`
}
