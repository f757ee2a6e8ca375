/** Matrices as tables of a page. */
import type { ChangeEntry, Matrix, Table, TableCell, TableColumn } from './model.ts'
import { capital } from './text.ts'

export function tableOfMatrix({ title, fields, labels, align, changeTitle, rows }: Matrix): Table {
  const changed = labels.map(
    (_, set) => changeTitle !== undefined && rows.some(row => row.entries[set]?.change),
  )
  // A row needs a name, even where it is the only one.
  const heads: readonly TableColumn[] =
    fields.length > 0
      ? fields.map(field => ({ ...field, title: field.title || 'what' }))
      : [{ title: 'case', align: 'left' }]
  return {
    caption: capital(title),
    columns: [
      ...heads,
      ...labels.flatMap((label, set): readonly TableColumn[] => [
        { title: label, align },
        ...(changed[set]
          ? [
              { title: `${changeTitle} (95 %)`, align: 'right' } as const,
              { title: 'p', align: 'right' } as const,
            ]
          : []),
      ]),
    ],
    rows: rows.map(row => [
      ...(fields.length > 0 ? row.fields : ['all']).map(text => ({ text })),
      ...row.entries.flatMap(({ value, spread, note, tone, change }, set) => [
        cell(value, spread, tone, note),
        ...(changed[set] ? changeCells(change) : []),
      ]),
    ]),
  }
}

function changeCells(change: ChangeEntry | undefined): readonly TableCell[] {
  if (!change) return [{ text: '' }, { text: '' }]
  const { value, word, ends, tone, p } = change
  return [cell([value, word].filter(Boolean).join(' '), rangeOf(ends), tone), { text: p }]
}

function cell(text: string, spread?: string, tone?: TableCell['tone'], detail?: string): TableCell {
  return {
    text,
    ...(spread ? { spread } : {}),
    ...(detail ? { detail } : {}),
    ...(tone ? { tone } : {}),
  }
}

/** `(+88.1 to +104 %)`, its ends padded to these widths; empty without ends. */
export function rangeOf(ends: ChangeEntry['ends'], [low, high]: readonly [number, number] = [0, 0]): string {
  return ends ? `(${ends.low.padStart(low)} to ${ends.high.padStart(high)})` : ''
}
