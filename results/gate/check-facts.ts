/** What needs no statistics: refused sizes that were accepted before, damage, failures, and what is missing. */
import { counted, formatBytes } from '../../base/units.ts'
import type { ComparedRow } from '../compare/comparison.ts'
import { keyOf } from '../compare/fields.ts'
import type { CellTrials } from '../read/trial-set.ts'
import { CELL_FIELDS, type Cell } from '../schema/cells.ts'
import type { Check, Kind } from './check.ts'
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
export function checkFacts({ row, rows, cell, before, now, names }: Facts): readonly Check[] {
  const fact = (
    kind: Kind,
    subject: string,
    found: Pick<Check, 'status' | 'sentence' | 'figures'>,
  ): Check => ({
    ...{ kind, subject, cell, ...found },
    statistical: false,
  })
  if (now.length === 0) {
    const trials = countAll(before)
    return [
      fact('missing', 'trials', {
        status: 'inconclusive',
        sentence: `${names.base} has ${counted(trials, 'trial')} of it, and ${names.none}`,
        figures: { unit: 'trials', base: trials, value: 0 },
      }),
    ]
  }
  const sizes = checkSizes(row, rows, names)
  const delivery = sizes?.status === 'failed' ? undefined : checkDelivery(cell, before, now, names.base)
  return [
    fact(
      'failure',
      'failed trials',
      checkCount(
        'failed',
        codesText(now, trials => index => hasFailed(trials, index)),
        before,
        now,
        names,
      ),
    ),
    fact('damage', 'damaged payloads', checkCount('damaged', '', before, now, names)),
    ...(sizes ? [fact('refusal', 'refused sizes', sizes)] : []),
    ...(delivery ? [delivery] : []),
  ]
}

/**
 * What did not happen before and does now is worse; what did happen before is neither new nor a good sign, unless it happens
 * more often than chance would have it.
 */
function checkCount(
  counts: 'failed' | 'damaged',
  codes: string,
  before: readonly CellTrials[],
  now: readonly CellTrials[],
  names: SetNames,
): Pick<Check, 'status' | 'sentence' | 'figures'> {
  const count = (cells: readonly CellTrials[]) =>
    cells.reduce((sum, trials) => sum + countTrials(trials, counts), 0)
  const [earlier, later, trials] = [count(before), count(now), countAll(now)]
  const verb = counts === 'failed' ? 'failed' : 'arrived damaged'
  const inBaseline =
    before.length === 0
      ? ''
      : `; ${earlier === 0 ? 'none' : earlier} of ${counted(countAll(before), 'trial')} did in ${names.base}`
  const worse = earlier === 0 || isMoreOften([later, trials], [earlier, countAll(before)])
  return {
    status: later === 0 ? 'passed' : worse ? 'failed' : 'inconclusive',
    sentence:
      later === 0
        ? `none of ${counted(trials, 'trial')} ${verb}`
        : `${later} of ${counted(trials, 'trial')} ${verb}${codes}${inBaseline}`,
    figures: { unit: 'trials', value: later, base: earlier, basis: 'trials', count: trials },
  }
}

/** Undefined for streams, and where the baseline took no datagram at all. */
function checkSizes(
  row: ComparedRow,
  rows: readonly ComparedRow[],
  { base }: SetNames,
): Pick<Check, 'status' | 'sentence' | 'figures'> | undefined {
  const accepted = largestAccepted(row, rows)
  const refusals = row.refusals[1]
  if (accepted === undefined || !refusals) return undefined
  const smallest = refusals.smallestRefusedBytes
  const figures = { unit: 'B', value: smallest, base: accepted } as const
  if (smallest === undefined)
    return { status: 'passed', sentence: 'no datagram was refused for its size', figures }
  const refused = `a datagram of ${formatBytes(smallest)} was refused (EMSGSIZE)`
  return smallest <= accepted
    ? {
        status: 'failed',
        sentence: `${refused}; ${base}'s system took ${formatBytes(accepted)}`,
        figures,
      }
    : {
        status: 'passed',
        sentence: `${refused}, as ${base} took no more than ${formatBytes(accepted)}`,
        figures,
      }
}

/** The largest datagram that the baseline's system took with all else the same, in bytes. */
function largestAccepted(row: ComparedRow, rows: readonly ComparedRow[]): number | undefined {
  const key = keyOf(row.cell, BUT_SIZES)
  const sizes = rows
    .filter(each => keyOf(each.cell, BUT_SIZES) === key)
    .flatMap(each => each.refusals[0]?.largestAcceptedBytes ?? [])
  return sizes.length > 0 ? Math.max(...sizes) : undefined
}

function countAll(cells: readonly CellTrials[]): number {
  return cells.reduce((sum, { count }) => sum + count, 0)
}

const BUT_SIZES = CELL_FIELDS.filter(
  field => field !== 'size_bytes' && field !== 'chunk_bytes' && field !== 'file',
)
