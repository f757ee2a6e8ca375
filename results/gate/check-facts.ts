/** What needs no statistics: refused sizes that were accepted before, damage, failures, and what is missing. */
import { given } from '../../base/given.ts'
import { largestOf, sumOf } from '../../base/groups.ts'
import { counted, formatBytes } from '../../base/units.ts'
import type { ComparedRow } from '../compare/comparison.ts'
import { keyOf } from '../compare/fields.ts'
import { type CellTrials, trialsIn } from '../read/trial-set.ts'
import { CELL_FIELDS, type Cell } from '../schema/cells.ts'
import { type Check, factOf, type Status } from './check.ts'
import { checkDelivery } from './check-delivery.ts'
import { isMoreOften } from './proportion.ts'
import { codesText, countTrials, hasFailed } from './trials.ts'

/** A row of a comparison, and the trials that it stands for. */
export interface Facts {
  readonly row: ComparedRow
  readonly rows: readonly ComparedRow[]
  readonly cell: Cell
  readonly before: readonly CellTrials[]
  readonly now: readonly CellTrials[]
  readonly names: SetNames
}

/** What sentences call both sets. */
export interface SetNames {
  readonly base: string
  readonly results: string
  readonly none: string
}

/** Checks of a row; `missing` alone where the results have no trial of it. */
export function checkFacts(facts: Facts): readonly Check[] {
  const { cell, before, now, names } = facts
  if (now.length === 0) {
    const trials = trialsIn(before)
    const sentence = `${names.base} has ${counted(trials, 'trial')} of it, and ${names.none}`
    const figures = { unit: 'trials', base: trials, value: 0 } as const
    return [factOf({ kind: 'missing', subject: 'trials', cell }, 'inconclusive', sentence, figures)]
  }
  const sizes = checkSizes(facts)
  const delivery = sizes?.status === 'failed' ? undefined : checkDelivery(cell, before, now, names.base)
  return given(
    checkCount(facts, { kind: 'failure', subject: 'failed trials', cell }, 'failed'),
    checkCount(facts, { kind: 'damage', subject: 'damaged payloads', cell }, 'damaged'),
    sizes,
    delivery,
  )
}

/**
 * What did not happen before and does now is worse; what did happen before is neither new nor a good sign, unless it happens
 * more often than chance would have it.
 */
function checkCount(
  { before, now, names }: Facts,
  subject: Parameters<typeof factOf>[0],
  counts: 'failed' | 'damaged',
): Check {
  const count = (cells: readonly CellTrials[]) => sumOf(cells, trials => countTrials(trials, counts))
  const [earlier, later, trials] = [count(before), count(now), trialsIn(now)]
  const figures = { unit: 'trials', value: later, base: earlier, basis: 'trials', count: trials } as const
  const verb = counts === 'failed' ? 'failed' : 'arrived damaged'
  if (later === 0) return factOf(subject, 'passed', `none of ${counted(trials, 'trial')} ${verb}`, figures)
  const worse = earlier === 0 || isMoreOften([later, trials], [earlier, trialsIn(before)])
  const codes = counts === 'failed' ? codesText(now, each => index => hasFailed(each, index)) : ''
  const inBaseline =
    before.length === 0
      ? ''
      : `; ${earlier || 'none'} of ${counted(trialsIn(before), 'trial')} did in ${names.base}`
  const sentence = `${later} of ${counted(trials, 'trial')} ${verb}${codes}${inBaseline}`
  return factOf(subject, worse ? 'failed' : 'inconclusive', sentence, figures)
}

/** Undefined for streams, and where the baseline took no datagram at all. */
function checkSizes({ row, rows, cell, names: { base } }: Facts): Check | undefined {
  const accepted = largestAccepted(row, rows)
  const refusals = row.refusals[1]
  if (accepted === undefined || !refusals) return undefined
  const smallest = refusals.smallestRefusedBytes
  const check = (status: Status, sentence: string) =>
    factOf({ kind: 'refusal', subject: 'refused sizes', cell }, status, sentence, {
      ...{ unit: 'B', value: smallest, base: accepted },
    })
  if (smallest === undefined) return check('passed', 'no datagram was refused for its size')
  const refused = `a datagram of ${formatBytes(smallest)} was refused (EMSGSIZE)`
  return smallest <= accepted
    ? check('failed', `${refused}; ${base}'s system took ${formatBytes(accepted)}`)
    : check('passed', `${refused}, as ${base} took no more than ${formatBytes(accepted)}`)
}

/** The largest datagram that the baseline's system took with all else the same, in bytes. */
function largestAccepted(row: ComparedRow, rows: readonly ComparedRow[]): number | undefined {
  const key = keyOf(row.cell, BUT_SIZES)
  const alike = rows.filter(each => keyOf(each.cell, BUT_SIZES) === key)
  return largestOf(alike, each => each.refusals[0]?.largestAcceptedBytes)
}

const BUT_SIZES = CELL_FIELDS.filter(
  field => !['size_bytes', 'chunk_bytes', 'file', 'payload'].includes(field),
)
