/** What the tables of a comparison have in common: the names of rows and sets. */

import type { ChangeEntry, Entry, Matrix, TableColumn, Tone } from '../document/model.ts'
import {
  type Cell,
  type CellField,
  describeCell,
  fieldValue,
  tellingFields,
  titleOfField,
} from '../schema/cells.ts'
import type { Change, ComparedRow, Comparison } from './comparison.ts'
import type { Verdict } from './judge.ts'
import { formatP, labelsOf, SYMBOLS } from './words.ts'

/** Indexes of the sets as they stand beside each other: the base first. */
export function orderOf({ sets, base }: Pick<Comparison, 'sets' | 'base'>): readonly number[] {
  return [base, ...sets.map((_, index) => index).filter(index => index !== base)]
}

export function orderedLabels(comparison: Pick<Comparison, 'sets' | 'base'>): readonly string[] {
  const labels = labelsOf(comparison)
  return orderOf(comparison).map(index => labels[index] ?? '')
}

/** What names rows: the fields that vary among them, transport first; it also names a row that stands alone. */
export function shownFields({ rows, fields }: Pick<Comparison, 'rows' | 'fields'>): readonly CellField[] {
  const telling = tellingFields(rows.map(each => each.cell)).filter(field => fields.includes(field))
  const transport = fields.includes('transport') && (telling.includes('transport') || telling.length === 0)
  const others = telling.filter(field => field !== 'transport')
  return transport ? ['transport', ...others] : others
}

export function fieldHeads(fields: readonly CellField[]): readonly TableColumn[] {
  return fields.map(field => ({
    title: titleOfField(field),
    align: TEXTS.includes(field) ? 'left' : 'right',
  }))
}

const TEXTS: readonly CellField[] = ['transport', 'file', 'variant', 'side', 'direction', 'engine']

/** A row for each of `rows`, named by these fields, and an entry for each set. */
export function matrixOf(
  comparison: Pick<Comparison, 'sets' | 'base'>,
  rows: readonly ComparedRow[],
  fields: readonly CellField[],
  entryAt: (row: ComparedRow, set: number) => Entry,
): Pick<Matrix, 'fields' | 'labels' | 'rows'> {
  const order = orderOf(comparison)
  return {
    fields: fieldHeads(fields),
    labels: orderedLabels(comparison),
    rows: rows.map(row => ({
      fields: fields.map(field => fieldValue(row.cell, field)),
      name: nameOfRow(row.cell, fields),
      entries: order.map(set => entryAt(row, set)),
    })),
  }
}

/** Empty where nothing distinguishes rows. */
export function nameOfRow(cell: Cell, fields: readonly CellField[]): string {
  if (fields.length === 0) return ''
  const name = describeCell(cell, fields)
  return fields.includes('transport') ? name : name.replace(`${cell.transport}, `, '')
}

/** A change as a table has it. @param value shown if the change is proven, else a symbol stands for it */
export function entryOf(
  { pHolm, verdict }: Pick<Change, 'pHolm' | 'verdict'>,
  value: string,
  ends: ChangeEntry['ends'],
): ChangeEntry {
  const proven = verdict === 'better' || verdict === 'worse'
  return {
    value: proven ? value : SYMBOLS[verdict],
    ends,
    p: formatP(pHolm),
    word: proven ? verdict : '',
    tone: TONES[verdict],
  }
}

/** Colour repeats what a word says. */
const TONES: Readonly<Record<Verdict, Tone | undefined>> = {
  better: 'good',
  worse: 'bad',
  inconclusive: 'caution',
  same: undefined,
  'no evidence': 'dim',
}
