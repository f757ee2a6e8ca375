/** Cells -> a table without borders, as `bench run` draws it: a dim head, a rule, numbers on the right. */
import picocolors from 'picocolors'
import { layOutGrid, ruleUnder } from '../../results/document/grid.ts'

/** The first column is aligned left, the others right. A cell may have several lines. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((title, at) => ({
    title,
    align: at === 0 ? ('left' as const) : ('right' as const),
    cells: rows.map(row => row[at] ?? ''),
  }))
  const { head: titles, body } = layOutGrid(columns, 2)
  return [...[...titles, ruleUnder([...titles, ...body.flat()])].map(picocolors.dim), ...body.flat()].join(
    '\n',
  )
}
