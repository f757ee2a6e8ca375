/** Warnings about what a comparison cannot say. */
import { maximum, minimum, sumOf } from '../../base/groups.ts'
import { counted, formatBytes, formatCount } from '../../base/units.ts'
import { shorten } from '../schema/cells.ts'
import { MIN_RUNS } from './changes.ts'
import type { ComparisonWarning } from './comparison.ts'
import { leastP, leastSamples } from './enough.ts'
import { ALPHA } from './judge.ts'
import { type ComparisonRule, changesIn, namePlaces, partsIn, type Situation } from './situation.ts'
import { formatDelta } from './words.ts'

export const trustRules: readonly ComparisonRule[] = [
  nothingShared,
  mergedCells,
  singleRuns,
  oneProcess,
  fewRounds,
  leftOut,
  emulatedLimit,
]

function nothingShared({ rows, sets, metric }: Situation): ComparisonWarning | undefined {
  if (sets.length < 2 || rows.some(row => row.changes.some(Boolean))) return undefined
  const sampled = rows.some(row => row.estimates.some(Boolean))
  const shared = rows.some(row => row.troubles.filter(Boolean).length > 1)
  if (sampled && shared)
    return {
      code: 'nothing-shared',
      message: `no case has its ${metric.title} in two sets: in one of them no trial came so far`,
      remedy: 'see outcome and error_code in the rows, or what bench report says of each file',
    }
  return {
    code: 'nothing-shared',
    message: sampled
      ? `no case has its ${metric.title} in two sets: they measured different cases`
      : `no ${metric.title} is known of any trial`,
    remedy: sampled
      ? 'measure the same sizes, chunks and transports; or choose what distinguishes rows: --rows transport'
      : 'compare another figure with --metric, or see the outcomes in the rows',
  }
}

function mergedCells(situation: Situation): ComparisonWarning | undefined {
  const merged = partsIn(situation).filter(({ parts }) => new Set(parts.map(each => each.key)).size > 1)
  const most = Math.max(0, ...merged.map(({ parts }) => parts.length))
  if (most === 0) return undefined
  return {
    code: 'merged-cells',
    message: `${namePlaces(situation, merged)}: up to ${formatCount(most)} cases stand in one row, so its median depends on how often each was measured`,
    remedy: 'leave out --rows, or name more columns there',
  }
}

function singleRuns(situation: Situation): ComparisonWarning | undefined {
  const single = changesIn(situation).filter(({ change }) => change.basis !== 'runs' && !change.paired)
  if (single.length === 0) return undefined
  const delta = formatDelta(maximum(single.map(({ change }) => change.delta)))
  return {
    code: 'single-runs',
    message: `runs differ by more than their trials show: between fewer than ${MIN_RUNS} of them only a change of ${delta} or more counts`,
    remedy: `measure both sides as pairs in one run (bench ab); or give ${MIN_RUNS} runs or more of a side`,
  }
}

/** Of stored runs of old versions nobody knows it, and `single-runs` says enough of the others. */
function oneProcess(situation: Situation): ComparisonWarning | undefined {
  const lone = changesIn(situation).filter(({ change }) => change.paired && change.processes === 1)
  if (lone.length === 0) return undefined
  const delta = formatDelta(maximum(lone.map(({ change }) => change.delta)))
  return {
    code: 'one-process',
    message: `${namePlaces(situation, lone)}: each side has one pair of processes of its own, and two of one program differ for as long as they live: only a change of ${delta} or more counts`,
    remedy: '--processes 8, with three rounds each or more',
  }
}

/** Where even the clearest result would not be significant. */
function fewRounds(situation: Situation): ComparisonWarning | undefined {
  const changes = changesIn(situation)
  const tests = changes.length
  const weak = changes.filter(
    ({ change, base, other }) =>
      (change.basis === 'pairs' || change.basis === 'single') &&
      tests * leastP(change.paired, change.paired ? change.n : base.n, other.n) > ALPHA,
  )
  const [first] = weak
  if (!first) return undefined
  const fewest = minimum(weak.map(({ change }) => change.n))
  const { paired } = first.change
  const together = tests > 1 ? `, of ${formatCount(tests)} that are judged together,` : ''
  const rounds = paired ? counted(fewest, 'pair') : `${counted(fewest, 'trial')} a side`
  return {
    code: 'few-rounds',
    message: `${namePlaces(situation, weak)}: ${rounds} cannot prove any change${together} however large`,
    remedy: `--repeat 20 (at least ${leastSamples(paired, tests)})`,
  }
}

function leftOut(situation: Situation): ComparisonWarning | undefined {
  const missing = changesIn(situation).filter(({ change }) => change.leftOut > 0)
  const count = sumOf(missing, ({ change }) => change.leftOut)
  if (count === 0) return undefined
  return {
    code: 'left-out',
    message: `${namePlaces(situation, missing)}: ${counted(count, 'trial')} left out, since the other trial of the pair has no value (it was refused, failed or is not there)`,
    remedy: 'see outcome and error_code in the rows; what is left may be the easier part',
  }
}

function emulatedLimit({ rows, sets }: Situation): ComparisonWarning | undefined {
  const emulated = sets.map((_, set) => rows.some(row => row.refusals[set]?.emulated))
  const named = sets.filter((_, set) => emulated[set]).map(each => each.label)
  if (named.length === 0 || named.length === sets.length) return undefined
  const smallest = Math.min(
    ...rows.flatMap(row => row.refusals.flatMap(each => (each?.emulated && each.smallestRefusedBytes) || [])),
  )
  return {
    code: 'emulated-limit',
    message: `${named.map(shorten).join(' and ')}: datagrams from ${formatBytes(smallest)} on were refused by an emulated limit, not by the system`,
    remedy: 'leave out --os-profile and --max-datagram to see what the system itself takes',
  }
}
