/** Saves the rows of a table as CSV (RFC 4180): figures as numbers in the unit that the head names, texts as they stand there. */
import { guardFormula } from '../../schema/formula.ts'
import { all, say } from './elements.ts'
import { ownText } from './tables.ts'

export function wakeCsv(): void {
  for (const button of all('button[data-csv]', HTMLButtonElement)) {
    const table = document.getElementById(button.dataset['csv'] ?? '')
    if (!(table instanceof HTMLTableElement)) continue
    button.addEventListener('click', () => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([csvOf(table)], { type: 'text/csv' }))
      link.download = `${table.id}.csv`
      link.click()
      URL.revokeObjectURL(link.href)
      say(`Saved ${link.download}`)
    })
  }
}

/** Rows that a filter hides are left out. */
function csvOf(table: HTMLTableElement): string {
  const rows = [...(table.tBodies[0]?.rows ?? [])].filter(row => !row.hidden)
  const heads = all('thead th', HTMLTableCellElement, table).map((head, column) => {
    const units = rows.map(row => unitOf(row.cells[column]))
    return [head.textContent ?? '', units.find(Boolean)].filter(Boolean).join(' ')
  })
  const lines = [heads, ...rows.map(row => [...row.cells].map(contentOf))]
  return lines.map(cells => `${cells.map(quoted).join(',')}\r\n`).join('')
}

/** What a figure is kept in, whatever unit it is shown in. */
const UNITS: readonly (readonly [shown: RegExp, kept: string])[] = [
  [/bit\/s$/, '(bit/s)'],
  [/[µm]?s$/, '(ms)'],
  [/B$/, '(B)'],
  [/%$/, '(share)'],
]

function unitOf(cell: HTMLTableCellElement | undefined): string | undefined {
  if (cell?.dataset['value'] === undefined) return undefined
  const text = ownText(cell)
  return UNITS.find(([shown]) => shown.test(text))?.[1]
}

/** A figure, or a text; nothing where there is no figure. */
function contentOf(cell: HTMLTableCellElement): string {
  const text = ownText(cell)
  return cell.dataset['value'] ?? (text === '–' ? '' : guardFormula(text))
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
