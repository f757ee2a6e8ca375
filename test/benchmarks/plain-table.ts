/** Cells -> a table without borders, as `bench run` draws it: a dim head, a rule, numbers on the right. */
import CliTable from 'cli-table3'
import picocolors from 'picocolors'
import stringWidth from 'string-width'

const EDGES = ['', '-mid', '-left', '-right']
const BORDERS = [
  ...['top', 'bottom'].flatMap(side => EDGES.map(edge => `${side}${edge}`)),
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
]

/** The first column is aligned left, the others right. A cell may have several lines; a head has one. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new CliTable({
    chars: Object.fromEntries(BORDERS.map(name => [name, ''])),
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
  })
  table.push([...head], ...rows.map(row => [...row]))
  const [first = '', ...lines] = table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
  const rule = '─'.repeat(Math.max(...[first, ...lines].map(line => stringWidth(line))))
  return [picocolors.dim(first), picocolors.dim(rule), ...lines].join('\n')
}
