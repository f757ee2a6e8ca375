/** Loss, refusals and differences of a comparison as tables. */
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatBytes, formatCount, formatPercent } from '../../base/units.ts'
import type { ChangeEntry, Entry, Matrix } from '../document/model.ts'
import type { CellField } from '../schema/cells.ts'
import { entryOf, matrixOf, orderedLabels, orderOf, shownFields } from './block.ts'
import type {
  ComparedRow,
  Comparison,
  Difference,
  LossChange,
  LossEstimate,
  RefusalFacts,
} from './comparison.ts'
import { refusalsOf } from './facts.ts'
import { keyOf } from './fields.ts'
import { formatPoints, formatValues, titleOf } from './words.ts'

/** Rows in which a set lost anything; undefined without any. */
export function lossBlock(comparison: Comparison): Matrix | undefined {
  const rows = comparison.rows.filter(row => row.losses.some(each => each && each.lost > 0))
  if (rows.length === 0) return undefined
  const fields = shownFields(comparison)
  return {
    title: 'loss',
    align: 'right',
    changeTitle: 'points',
    ...matrixOf(comparison, rows, fields, (row, set) => lossEntry(row.losses[set])),
  }
}

function lossEntry(loss: LossEstimate | undefined): Entry {
  if (!loss) return { value: '–' }
  return {
    value: formatPercent(loss.ratio),
    spread: `(${formatPercent(loss.interval.low).replace(' %', '')} – ${formatPercent(loss.interval.high)})`,
    change: loss.change && lossChange(loss.change),
  }
}

function lossChange(change: LossChange): ChangeEntry {
  const { low, high } = change.interval
  const ends = { low: formatPoints(low), high: formatPoints(high) }
  return entryOf(change, formatPoints(change.difference), ends)
}

/** Up to which size datagrams were accepted; one row for all sizes and chunks. Undefined if nothing was refused. */
export function refusalBlock(comparison: Comparison): Matrix | undefined {
  const rows = comparison.rows.filter(row => row.refusals.some(Boolean))
  if (!rows.some(row => row.refusals.some(each => each && each.refused > 0))) return undefined
  const fields = shownFields(comparison).filter(field => !SWEPT.includes(field))
  const named: readonly CellField[] =
    fields.length === 0 && comparison.fields.includes('transport') ? ['transport'] : fields
  const groups = groupBy(rows, row => keyOf(row.cell, named))
  const factsOf = ({ cell }: ComparedRow, set: number) =>
    refusalsOf((groups.get(keyOf(cell, named)) ?? []).flatMap(row => row.parts[set] ?? []))
  const first = [...groups.values()].map(([row]) => row)
  return {
    title: 'datagrams that the system accepted',
    align: 'left',
    ...matrixOf(comparison, first, named, (row, set) => ({ value: refusalWords(factsOf(row, set)) })),
  }
}

export const SWEPT: readonly CellField[] = ['size_bytes', 'chunk_bytes', 'file', 'payload']

/** `ok to 65,507 B`, `refused above 9,216 B`, `ok to 8,192 B, refused from 16,384 B on` */
export function refusalWords(facts: RefusalFacts | undefined): string {
  if (!facts) return '–'
  const { refused, offered, largestAcceptedBytes: largest, smallestRefusedBytes: smallest } = facts
  const taken = largest !== undefined && `ok to ${formatBytes(largest)}`
  if (refused === 0) return taken || ''
  const how = facts.emulated ? ' (emulated)' : ''
  if (smallest === undefined) return given(taken, `${formatPercent(refused / offered)} refused`).join(', ')
  if (largest !== undefined && smallest === largest + 1) return `refused above ${formatBytes(largest)}${how}`
  const some = largest !== undefined && smallest <= largest ? 'some refused' : 'refused'
  return given(taken, `${some} from ${formatBytes(smallest)} on${how}`).join(', ')
}

/** In what sets differ, and when they were measured; undefined where nothing does. */
export function differencesBlock(comparison: Comparison): Matrix | undefined {
  const { sets, differences } = comparison
  const moments = sets.map(each => each.startedAt?.slice(0, 16).replace('T', ' ') ?? '–')
  const trials = sets.map(({ trials, runs }) => formatCount(trials) + (runs > 1 ? ` in ${runs} runs` : ''))
  const facts = [['measured (UTC)', moments] as const, ['trials', trials] as const].filter(
    ([, values]) => new Set(values).size > 1,
  )
  return valuesMatrix(comparison, 'what differs', [...facts, ...namedValues(differences)])
}

/** What differs by its name, as it is shown. */
export function namedValues(differences: readonly Difference[]): readonly NamedValues[] {
  return differences.map(({ column, values }) => [titleOf(column), values.map(formatValues)] as const)
}

/** A text for each set. */
type NamedValues = readonly [name: string, values: readonly string[]]

/** Undefined without any. */
export function valuesMatrix(
  comparison: Comparison,
  title: string,
  values: readonly NamedValues[],
): Matrix | undefined {
  const order = orderOf(comparison)
  if (values.length === 0) return undefined
  return {
    title,
    fields: [{ title: '', align: 'left' }],
    labels: orderedLabels(comparison),
    align: 'left',
    rows: values.map(([name, ofSets]) => ({
      fields: [name],
      name,
      entries: order.map(set => ({ value: ofSets[set] ?? '' })),
    })),
  }
}
