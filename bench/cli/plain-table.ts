/** A table of values as they are, for a terminal and for Markdown. */
import { harmlessName } from '../../base/foreign-text.ts'
import type { Block, Table } from '../../results/document/model.ts'

/** A column of numbers stands on the right. */
export function plainTable(
  heads: readonly string[],
  rows: readonly (readonly unknown[])[],
): Block & { readonly table: Table } {
  const isFigure = heads.map((_, at) =>
    rows.every(row => typeof row[at] === 'number' || row[at] === undefined),
  )
  const textOf = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value ?? ''))
  return {
    kind: 'table',
    table: {
      caption: '',
      columns: heads.map((head, at) => ({
        title: harmlessName(head),
        align: isFigure[at] ? 'right' : 'left',
      })),
      rows: rows.map(row => heads.map((_, at) => ({ text: harmlessName(textOf(row[at])) }))),
    },
  }
}
