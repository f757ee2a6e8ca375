/** What the tables of a comparison have in common: the names of rows and sets. */

import type { Entry, MatrixRow, TableColumn, Tone } from '../document/model.ts'
import { type CellField, describeCell, fieldValue, tellingFields, titleOfField } from '../schema/cells.ts'
import type { ComparedRow, Comparison } from './comparison.ts'
import type { Verdict } from './judge.ts'
import { labelsOf } from './words.ts'

/** Indexes of the sets as they stand beside each other: the base first. */
export function orderOf({ sets, base }: Pick<Comparison, 'sets' | 'base'>): readonly number[] {
  return [base, ...sets.map((_, index) => index).filter(index => index !== base)]
}

/** The labels in that order. */
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

/** A row of a matrix, named by these fields. */
export function blockRow(
  { cell }: Pick<ComparedRow, 'cell'>,
  fields: readonly CellField[],
  entries: readonly Entry[],
): MatrixRow {
  const name = fields.includes('transport')
    ? describeCell(cell, fields)
    : describeCell(cell, fields).replace(`${cell.transport}, `, '')
  return {
    fields: fields.map(field => fieldValue(cell, field)),
    name: fields.length === 0 ? '' : name,
    entries,
  }
}

/** Colour repeats what a word says. */
export const TONES: Readonly<Record<Verdict, { readonly tone?: Tone }>> = {
  better: { tone: 'good' },
  worse: { tone: 'bad' },
  inconclusive: { tone: 'caution' },
  same: {},
  'no evidence': { tone: 'dim' },
}
