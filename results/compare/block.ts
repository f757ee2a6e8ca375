/** The tables of a comparison before they are laid out: rows of texts, one entry a set. */
import { type CellField, describeCell, FIELD_TITLES, fieldValue, tellingFields } from '../schema/cells.ts'
import type { ComparedRow, Comparison } from './comparison.ts'
import type { Verdict } from './judge.ts'
import { labelsOf } from './words.ts'

export interface Block {
  /** `goodput in Gbit/s` */
  readonly title: string
  /** Heads of the columns that name a row, and how they stand. */
  readonly fields: readonly FieldHead[]
  /** Sets as columns; the base comes first. */
  readonly labels: readonly string[]
  /** How values stand. */
  readonly align: 'left' | 'right'
  /** Head of the changes; undefined where there are none. */
  readonly changeTitle?: string
  readonly rows: readonly BlockRow[]
}

export interface FieldHead {
  readonly title: string
  readonly align: 'left' | 'right'
}

export interface BlockRow {
  /** For each of the block's fields. */
  readonly fields: readonly string[]
  /** The row in words: `tcp, chunk 1,024 B`. */
  readonly name: string
  /** For each of the block's labels. */
  readonly entries: readonly Entry[]
}

export interface Entry {
  /** `2.41`, `refused`, `–` */
  readonly value: string
  /** `± 7 %`, `(1.2 – 3.4 %)` */
  readonly spread?: string
  /** `n 18` */
  readonly note?: string
  readonly change?: ChangeEntry
}

export interface ChangeEntry {
  /** `+96.0 %`, `~` */
  readonly value: string
  /** `+88.1` and `+104 %` */
  readonly ends?: { readonly low: string; readonly high: string }
  readonly p: string
  /** `better`, `worse`; empty otherwise. */
  readonly word: string
  readonly verdict?: Verdict
}

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

export function fieldHeads(fields: readonly CellField[]): readonly FieldHead[] {
  return fields.map(field => ({
    title: FIELD_TITLES[field],
    align: TEXTS.includes(field) ? 'left' : 'right',
  }))
}

const TEXTS: readonly CellField[] = ['transport', 'file', 'variant', 'side', 'direction', 'engine']

/** A row of a block, named by these fields. */
export function blockRow(
  { cell }: Pick<ComparedRow, 'cell'>,
  fields: readonly CellField[],
  entries: readonly Entry[],
): BlockRow {
  const name = fields.includes('transport')
    ? describeCell(cell, fields)
    : describeCell(cell, fields).replace(`${cell.transport}, `, '')
  return {
    fields: fields.map(field => fieldValue(cell, field)),
    name: fields.length === 0 ? '' : name,
    entries,
  }
}

/** `(+88.1 to +104 %)`, its ends padded to these widths; empty without ends. */
export function rangeOf(ends: ChangeEntry['ends'], [low, high]: readonly [number, number] = [0, 0]): string {
  return ends ? `(${ends.low.padStart(low)} to ${ends.high.padStart(high)})` : ''
}
