/** Warnings about samples that a median does not describe. */
import { given } from '../../base/given.ts'
import { largestOf, maximum } from '../../base/groups.ts'
import { formatPercent } from '../../base/units.ts'
import { environmentValues } from '../read/trial-set.ts'
import { modesOf } from '../statistics/bimodality.ts'
import { driftOf } from '../statistics/drift.ts'
import { CLOCK_TOLERANCE } from '../warnings/trust.ts'
import type { ComparisonWarning } from './comparison.ts'
import { gatherColumn, valuesOf } from './rows.ts'
import { type ComparisonRule, namePlaces, partsIn, type Situation } from './situation.ts'

export const sampleRules: readonly ComparisonRule[] = [clockError, drift, bimodal]

/** As many of a place show drift and modes as clearly as millions do, and take no time; of many places fewer have to do. */
const MOST_SAMPLES = 1000
const LEAST_SAMPLES = 100
const ALL_SAMPLES = 100_000

function clockError(situation: Situation): ComparisonWarning | undefined {
  const { column } = situation.metric
  if (column !== 'goodput_bps' && column !== 'delivery_ms') return undefined
  const doubtful = partsIn(situation)
    .map(place => {
      const deliveries = gatherColumn(place.parts, 'delivery_ms')
      const shares = gatherColumn(place.parts, 'clock_error_ms').map((ms, at) => ms / (deliveries[at] ?? 0))
      return { ...place, share: largestOf(shares.filter(Number.isFinite), Number) ?? 0 }
    })
    .filter(({ share }) => share > CLOCK_TOLERANCE)
  if (doubtful.length === 0) return undefined
  const worst = maximum(doubtful.map(({ share }) => share))
  return {
    code: 'clock-error',
    message: `${namePlaces(situation, doubtful)}: the clocks of both ends are known to ${formatPercent(worst)} of the delivery time only`,
    remedy: 'compare --metric total, which needs one clock only, or measure a larger --size',
  }
}

/** Pairs drift together, so it does not matter there; several runs are not one series. */
function drift(situation: Situation): ComparisonWarning | undefined {
  const places = partsIn(situation)
  const rowOf = new Map(situation.rows.map(row => [row.cell, row]))
  const drifts = places.flatMap(place => {
    const unpaired = rowOf
      .get(place.cell)
      ?.changes.some(
        (change, set) => change?.paired === false && (set === place.set || place.set === situation.base),
      )
    if (!unpaired || place.parts.length > 1 || (situation.sets[place.set]?.runs ?? 0) > 1) return []
    const change = driftOf(thinned(valuesOf(place.parts, situation.metric.column), places.length))
    return change === undefined ? [] : [{ ...place, change }]
  })
  const worst = drifts.reduce(
    (most, each) => (Math.abs(each.change) > Math.abs(most) ? each.change : most),
    0,
  )
  if (worst === 0) return undefined
  return {
    code: 'drift',
    message: `${namePlaces(situation, drifts)}: ${situation.metric.title} ${worst > 0 ? 'rose' : 'fell'} by ${drifts.length > 1 ? 'up to ' : ''}${formatPercent(Math.abs(worst))} from the first half of the rounds to the second`,
    remedy: 'measure both sides as pairs in one run (bench ab), with --warmup 3, and nothing else running',
  }
}

function bimodal(situation: Situation): ComparisonWarning | undefined {
  const { metric } = situation
  const places = partsIn(situation)
  const found = places.flatMap(place => {
    if (place.parts.length > 1) return []
    const modes = modesOf(thinned(valuesOf(place.parts, metric.column), places.length))
    return modes ? [{ ...place, modes }] : []
  })
  const [first] = found.sort((a, b) => b.modes.high / b.modes.low - a.modes.high / a.modes.low)
  if (!first) return undefined
  const { low, high, highShare } = first.modes
  const pins = found.some(
    ({ cell, parts }) =>
      cell.direction === 'local' &&
      parts.some(({ set }) => environmentValues(set, 'pinned_cpus').length === 0),
  )
  return {
    code: 'bimodal',
    message: `${namePlaces(situation, found)}: trials fall into two groups, around ${metric.format(low)} and ${metric.format(high)} (${formatPercent(highShare)} of them)${found.length > 1 ? ' at the most' : ''}; a median may jump from one to the other`,
    remedy: given(
      pins && '--pin 0,1 takes the choice of CPUs from the scheduler',
      'more rounds show both groups on both sides',
    ).join('; '),
  }
}

/** Every second, third … sample, in the order in which they were measured. */
function thinned(samples: Float64Array, places: number): Float64Array {
  const most = Math.max(LEAST_SAMPLES, Math.min(MOST_SAMPLES, ALL_SAMPLES / places))
  const step = Math.ceil(samples.length / most)
  if (step <= 1) return samples
  return Float64Array.from(
    { length: Math.floor(samples.length / step) },
    (_, index) => samples[index * step] ?? 0,
  )
}
