/** A warning about trials whose speed depends on which CPUs the system chose. */
import { bySize } from '../../base/groups.ts'
import { formatCount, formatRate } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
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
  readonly goodputs: readonly number[]
  readonly medianBps: number
}

export const placement = ruleOfCases(
  'placement',
  ({ records }, { summaries }) => twoGroups(records.filter(isPlaced), ALPHA / summaries.length),
  (split, cases) => {
    const worst = largest(split, ratioOf)
    const [one, other] = worst
    const groups = worst.map(
      ({ words, goodputs, medianBps }) =>
        `${formatCount(goodputs.length)} ${words}, around ${formatRate(medianBps)}`,
    )
    return {
      what: `trials fall into two groups by where the system placed the ends: ${groups.join('; ')}${cases.length > 1 ? ' at the most' : ''}`,
      remedy: `choose the placement you are interested in: --pin ${one.pins} or --pin ${other.pins}`,
    }
  },
)

/** Whether the trials of a case fall into two groups by where the system put its ends. */
export function inTwoGroups({ records }: CaseSummary): boolean {
  return twoGroups(records.filter(isPlaced), ALPHA) !== undefined
}

type Placed = TrialRecord & {
  readonly sender_cpu_at_end: number
  readonly receiver_cpu_at_end: number
  readonly goodput_bps: number
}

function isPlaced(record: TrialRecord): record is Placed {
  return (
    record.direction === 'local' &&
    record.pinned_cpus === undefined &&
    record.sender_cpu_at_end !== undefined &&
    record.receiver_cpu_at_end !== undefined &&
    record.goodput_bps !== undefined
  )
}

/** By one CPU or two; where that makes no difference, by the two commonest pairs of CPUs. */
function twoGroups(trials: readonly Placed[], alpha: number): readonly [Group, Group] | undefined {
  const together = trials.filter(each => each.sender_cpu_at_end === each.receiver_cpu_at_end)
  const apart = trials.filter(each => each.sender_cpu_at_end !== each.receiver_cpu_at_end)
  const [first, second] = bySize(apart, cpusOf)
  return (
    differing(groupOf('on one CPU', together), groupOf('on two', apart), alpha) ??
    differing(pairGroup(first?.[1]), pairGroup(second?.[1]), alpha)
  )
}

function pairGroup(trials: readonly Placed[] = []): Group | undefined {
  const [any] = trials
  return any && groupOf(`on the CPUs ${cpusOf(any)}`, trials)
}

function groupOf(words: string, trials: readonly Placed[]): Group | undefined {
  if (trials.length < LEAST_TRIALS) return undefined
  const [commonest] = bySize(trials, cpusOf)
  const goodputs = trials.map(each => each.goodput_bps)
  const medianBps = median(goodputs)
  return commonest && medianBps !== undefined ? { words, pins: commonest[0], goodputs, medianBps } : undefined
}

function differing(
  one: Group | undefined,
  other: Group | undefined,
  alpha: number,
): readonly [Group, Group] | undefined {
  if (!one || !other || ratioOf([one, other]) < LEAST_RATIO) return undefined
  const test = mannWhitney(one.goodputs, other.goodputs)
  return test && test.p <= alpha ? [one, other] : undefined
}

function ratioOf([one, other]: readonly [Group, Group]): number {
  return Math.max(one.medianBps, other.medianBps) / Math.min(one.medianBps, other.medianBps)
}

function cpusOf({ sender_cpu_at_end: sender, receiver_cpu_at_end: receiver }: Placed): string {
  return `${sender},${receiver}`
}
