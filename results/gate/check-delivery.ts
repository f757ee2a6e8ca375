/** Cases that worked before and do not now, or much more seldom: refused, begun in vain, or never whole. */

import { sumOf } from '../../base/groups.ts'
import { counted, formatCount } from '../../base/units.ts'
import { type CellTrials, trialsIn } from '../read/trial-set.ts'
import type { Cell } from '../schema/cells.ts'
import { type Check, factOf, type Status } from './check.ts'
import { isMoreOften } from './proportion.ts'
import { carriedTrials, codesText, countTrials, hasFailed } from './trials.ts'

/**
 * Trials that failed have a check of their own and are not counted. None without trials to hold them against.
 * @param baseName what the sentence calls the earlier trials
 */
export function checkDelivery(
  cell: Cell,
  before: readonly CellTrials[],
  now: readonly CellTrials[],
  baseName: string,
): Check | undefined {
  const [base, results] = [tallyOf(before), tallyOf(now)]
  if (base.trials === 0 || results.trials === 0) return undefined
  const check = (status: Status, count: 'carried' | 'completed', sentence: string) =>
    factOf({ kind: 'delivery', subject: 'delivery', cell }, status, sentence, {
      unit: 'trials',
      value: results[count],
      base: base[count],
      basis: 'trials',
      count: results.trials,
    })
  const held = `${shareText(base.carried, base)} did in ${baseName}`
  const sentence = `${shareText(results.carried, results)} delivered`
  if (isMuchRarer(base.carried, base.trials, results.carried, results.trials)) {
    const why = codesText(now, undelivered)
    return check('failed', 'carried', `${sentence}${why || ' (nothing arrived)'}; ${held}`)
  }
  // A single lost datagram now and then is loss, and comes and goes with the load of a machine.
  const never = base.completed === base.trials && results.completed === 0
  if (never && isMoreOften([base.completed, base.trials], [results.completed, results.trials]))
    return {
      ...check(
        'failed',
        'completed',
        `none of ${counted(results.trials, 'trial')} completed; all of ${formatCount(base.trials)} did in ${baseName}`,
      ),
      statistical: true,
    }
  const { carried, completed } = results
  const whole =
    completed < carried ? `, ${completed === 0 ? 'none' : formatCount(completed)} of them everything` : ''
  return check('passed', 'carried', sentence + whole)
}

function undelivered(trials: CellTrials): (index: number) => boolean {
  const isCarried = carriedTrials(trials)
  return index => !hasFailed(trials, index) && !isCarried(index)
}

/** Of those that did not fail. */
function tallyOf(cells: readonly CellTrials[]) {
  const count = (counts: Parameters<typeof countTrials>[1]) => sumOf(cells, each => countTrials(each, counts))
  return {
    trials: trialsIn(cells) - count('failed'),
    carried: count('carried'),
    completed: count('completed'),
  }
}

/** What always worked and never does needs no statistics. */
function isMuchRarer(before: number, ofBefore: number, now: number, ofNow: number): boolean {
  return (before === ofBefore && now === 0) || isMoreOften([before, ofBefore], [now, ofNow])
}

/** `none of 6 trials`, `1 of 6 trials`, `all 6 trials` */
function shareText(count: number, { trials }: ReturnType<typeof tallyOf>): string {
  if (count === trials && trials > 1) return `all ${counted(trials, 'trial')}`
  return `${count === 0 ? 'none' : formatCount(count)} of ${counted(trials, 'trial')}`
}
