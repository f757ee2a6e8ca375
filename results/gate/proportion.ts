/** Counts of trials of two sets, where each trial is or is not something. Pure. */

import { newcombe, type Share, wilson } from '../statistics/proportions.ts'

/** Of so many trials so many. */
type Counted = readonly [count: number, trials: number]

/** Facts are not measured again, so that it has to be 99 % sure. */
const Z99 = 2.5758293035489004

/** Whether it happens more often in the first than in the second, and not by chance. */
export function isMoreOften(often: Counted, seldom: Counted): boolean {
  return newcombe(shareOf(seldom), shareOf(often)).low > 0
}

function shareOf([count, trials]: Counted): Share {
  return { ratio: count / trials, interval: wilson(count, trials, Z99) ?? { low: 0, high: 1 } }
}
