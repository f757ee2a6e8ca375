/** The main table of a comparison: medians, and how far other sets are from the base. */
import { bySize } from '../../base/groups.ts'
import { commonUnit, formatIn } from '../document/format.ts'
import type { ChangeEntry, Entry, Matrix } from '../document/model.ts'
import { entryOf, matrixOf, orderOf, shownFields } from './block.ts'
import type { Change, ComparedRow, Comparison } from './comparison.ts'
import { formatEnds, formatRatio, formatSpread, whyNoInterval } from './words.ts'

export function figuresBlock(comparison: Comparison): Matrix {
  const { metric } = comparison
  const rows = visibleRows(comparison)
  const fields = shownFields(comparison)
  const estimates = rows.flatMap(row => row.estimates.filter(each => each !== undefined))
  const unit = commonUnit(
    metric.units,
    estimates.map(each => each.median),
  )
  const usual = usualCounts(comparison)
  const entryAt = (row: ComparedRow, set: number): Entry => {
    const estimate = row.estimates[set]
    const spread = estimate && formatSpread(estimate)
    const shown = estimate && {
      value: formatIn(estimate.median, unit, metric.format),
      spread: spread && `± ${spread}`,
      note: estimate.n === usual[set] ? undefined : `n ${estimate.n}`,
    }
    return { ...(shown ?? whyNone(row, set)), change: row.changes[set] && changeEntry(row.changes[set]) }
  }
  const matrix = matrixOf(comparison, rows, fields, entryAt)
  return {
    title: metric.title + (unit ? ` in ${unit.name}` : ''),
    align: 'right',
    changeTitle: 'change',
    ...matrix,
    rows: [...matrix.rows, ...geomeanRows(comparison, fields.length)],
  }
}

/** Rows with a figure, or a reason why there is none. */
export function visibleRows({ rows }: Pick<Comparison, 'rows'>): readonly ComparedRow[] {
  return rows.filter(
    row =>
      row.estimates.some(Boolean) ||
      row.refusals.some(each => each && each.refused > 0) ||
      row.troubles.some(each => each && each.failed + each.timedOut + each.notBegun > 0),
  )
}

/** For each set the number of trials that most of its estimates are based on; it is shown once. */
export function usualCounts({
  rows,
  sets,
}: Pick<Comparison, 'rows' | 'sets'>): readonly (number | undefined)[] {
  return sets.map((_, set) => {
    const largestFirst = rows.flatMap(row => row.estimates[set]?.n ?? []).sort((a, b) => b - a)
    return bySize(largestFirst, n => n)[0]?.[0]
  })
}

function whyNone({ refusals, troubles }: ComparedRow, set: number): Entry {
  const trials = troubles[set]
  if (!trials) return { value: '–' }
  if ((refusals[set]?.refused ?? 0) > 0) return { value: 'refused', tone: 'caution' }
  if (trials.failed + trials.timedOut === trials.trials)
    return { value: trials.failed > 0 ? 'failed' : 'timed out', tone: 'caution' }
  if (trials.notBegun > 0) return { value: 'never began', tone: 'caution' }
  return { value: 'unknown' }
}

function changeEntry(change: Change): ChangeEntry {
  const interval = whyNoInterval(change) ? undefined : change.interval
  return entryOf(change, formatRatio(change.ratio), interval && formatEnds(interval))
}

/** The mean of all rows, below them; not for a single row. */
function geomeanRows({ geomeans, sets, base }: Comparison, fields: number) {
  const order = orderOf({ sets, base })
  if (!geomeans.some(each => each && each.rows > 1)) return []
  const entries = order.map((set): Entry => {
    const mean = geomeans[set]
    return mean && mean.rows > 1
      ? { value: '', change: { value: formatRatio(mean.ratio), p: '', word: '' } }
      : { value: '' }
  })
  const name = 'geomean'
  return [{ fields: Array.from({ length: fields }, (_, index) => (index === 0 ? name : '')), name, entries }]
}
