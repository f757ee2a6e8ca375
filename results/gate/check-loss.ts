/** Loss against a baseline. It differs from run to run by more than its trials show, so it has to stand out of the runs too. */

import { maximum } from '../../base/groups.ts'
import { MIN_RUNS } from '../compare/changes.ts'
import type { ComparedRow, LossEstimate } from '../compare/comparison.ts'
import type { CellTrials, TrialSet } from '../read/trial-set.ts'
import type { Cell } from '../schema/cells.ts'
import { meanInterval, meanOf, nextSample } from '../statistics/means.ts'
import type { Check, Status } from './check.ts'
import { lossSentence } from './words.ts'

/** @param runs the loss of each run of the baseline; a side of a run has one */
export function checkLoss(row: ComparedRow, cell: Cell, runs: readonly number[]): readonly Check[] {
  const [before, after] = row.losses
  if (!before || !after?.change) return []
  const bound = highestExpected(runs)
  const sentence = lossSentence(after.change, before.ratio, after.ratio, after.accepted)
  const { status, more } = statusOf(after, after.change, bound)
  const { difference, interval, p, pHolm, delta } = after.change
  return [
    {
      kind: 'loss',
      subject: 'loss',
      cell,
      status,
      sentence: sentence + more,
      figures: {
        unit: '0 to 1',
        ...{ value: after.ratio, valueInterval: after.interval, base: before.ratio },
        ...{ change: difference, changeInterval: interval, p, pHolm, delta },
      },
      statistical: true,
    },
  ]
}

function statusOf(
  { ratio, lost }: LossEstimate,
  { verdict }: NonNullable<LossEstimate['change']>,
  bound: number | undefined,
): { readonly status: Status; readonly more: string } {
  // However few datagrams there were: no loss at all does not indicate more loss.
  if (lost === 0) return { status: 'passed', more: '' }
  if (verdict === 'inconclusive') return { status: 'inconclusive', more: '' }
  if (verdict !== 'worse') return { status: 'passed', more: '' }
  return bound !== undefined && ratio <= bound
    ? { status: 'passed', more: '; runs of the baseline differ by as much' }
    : { status: 'failed', more: '' }
}

/**
 * The most loss that one more run is expected to have by what runs had: from five runs on the end of Student's prediction interval (95 %),
 * below that the most of them; undefined for a single run, of which nothing is known but itself.
 */
function highestExpected(losses: readonly number[]): number | undefined {
  const k = losses.length
  if (k < 2) return undefined
  if (k < MIN_RUNS) return maximum(losses)
  return meanInterval(nextSample(meanOf(losses))).high
}

/** The share lost in each run of a set that has such trials. */
export function lossesOfRuns({ runs }: TrialSet, cells: readonly CellTrials[]): readonly number[] {
  const sums = runs.map(() => ({ lost: 0, accepted: 0 }))
  for (const trials of cells) {
    const lost = trials.numbers('datagrams_lost')
    const accepted = trials.numbers('datagrams_accepted')
    for (let i = 0; i < trials.count; i++) {
      const run = sums[trials.runs[i] ?? -1]
      if (!run || Number.isNaN(lost[i] ?? Number.NaN)) continue
      run.lost += lost[i] ?? 0
      run.accepted += accepted[i] || 0
    }
  }
  return sums.filter(run => run.accepted > 0).map(run => run.lost / run.accepted)
}
