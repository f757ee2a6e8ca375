/** Loss of sets, as shares of what the system accepted, and whether it differs from the base's. */
import { judgeTogether } from '../statistics/holm.ts'
import { lossDifference, lossInterval } from '../statistics/loss.ts'
import type { LossEstimate } from './comparison.ts'
import { DELTA_SINGLE_BASELINE, LOSS_DELTA, verdictOfLoss } from './judge.ts'
import { shareRuns } from './pairing.ts'
import { gatherColumn, type Part, type Row } from './rows.ts'

/**
 * For each row the loss of each set; p after Holm over all losses. Within a run a point of a hundred counts; between runs, of which
 * each has its own bad luck with buffers, it has to be 15 % of the larger loss too.
 */
export function findLosses(
  rows: readonly Row[],
  base: number,
): readonly (readonly (LossEstimate | undefined)[])[] {
  const found = rows.map(({ parts }) => {
    const losses = parts.map(lossesOf)
    const shares = losses.map(({ lost, accepted }) => lossInterval(lost, accepted))
    const [baseLoss, baseRatio = 0] = [losses[base], shares[base]?.ratio]
    return shares.map((share, index) => {
      const loss = losses[index]
      if (!share || !loss) return undefined
      const difference = index === base || !baseLoss ? undefined : lossDifference(baseLoss, loss)
      const together = shareRuns(parts[base] ?? [], parts[index] ?? [])
      const larger = Math.max(share.ratio, baseRatio)
      const delta = together ? LOSS_DELTA : Math.max(LOSS_DELTA, DELTA_SINGLE_BASELINE * larger)
      return { share, difference, delta }
    })
  })
  return judgeTogether(
    found,
    each => each.difference?.p,
    ({ share, difference, delta }, pHolm): LossEstimate => {
      const verdict = difference && verdictOfLoss(difference, pHolm, delta)
      return { ...share, change: difference && verdict && { ...difference, pHolm, delta, verdict } }
    },
  )
}

function lossesOf(parts: readonly Part[]) {
  return {
    lost: gatherColumn(parts, 'datagrams_lost'),
    accepted: gatherColumn(parts, 'datagrams_accepted'),
  }
}
