/** Sorts and filters interactive tables. */
import { all, first, say } from './elements.ts'

export function wakeTables(): void {
  for (const table of all('table[data-interactive]', HTMLTableElement)) {
    const body = table.tBodies[0]
    if (!body) continue
    const rows = [...body.rows]
    wakeSorting(table, body, rows)
    wakeFilters(table, rows)
  }
}

type Direction = 'ascending' | 'descending' | 'none'
const NEXT: Readonly<Record<Direction, Direction>> = {
  none: 'ascending',
  ascending: 'descending',
  descending: 'none',
}

function wakeSorting(
  table: HTMLTableElement,
  body: HTMLTableSectionElement,
  rows: readonly HTMLTableRowElement[],
): void {
  const heads = all('thead th', HTMLTableCellElement, table)
  heads.forEach((head, column) => {
    const button = first('button', HTMLButtonElement, head)
    button?.addEventListener('click', () => {
      const direction = NEXT[directionOf(head)]
      for (const each of heads) each.setAttribute('aria-sort', each === head ? direction : 'none')
      body.append(...sorted(rows, column, direction))
      say(direction === 'none' ? 'Original order' : `Sorted by ${button.textContent}, ${direction}`)
    })
  })
}

function directionOf(head: HTMLTableCellElement): Direction {
  const direction = head.getAttribute('aria-sort')
  return direction === 'ascending' || direction === 'descending' ? direction : 'none'
}

/** Rows without a value come last in both directions. */
function sorted(
  rows: readonly HTMLTableRowElement[],
  column: number,
  direction: Direction,
): readonly HTMLTableRowElement[] {
  if (direction === 'none') return rows
  const sign = direction === 'ascending' ? 1 : -1
  const keys = new Map(rows.map(row => [row, keyOf(row.cells[column])]))
  return rows.toSorted((a, b) => compare(keys.get(a), keys.get(b), sign))
}

type Key = number | string | undefined

function keyOf(cell: HTMLTableCellElement | undefined): Key {
  const value = cell?.dataset['value']
  if (value !== undefined) return Number(value)
  const text = cell?.textContent ?? ''
  return text === '–' || text === '' ? undefined : text
}

function compare(a: Key, b: Key, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1
  return sign * a.localeCompare(b, 'en', { numeric: true })
}

function wakeFilters(table: HTMLTableElement, rows: readonly HTMLTableRowElement[]): void {
  const form = first(`form[data-filters="${table.id}"]`, HTMLFormElement)
  const count = first(`[data-count="${table.id}"]`, HTMLElement)
  if (!form || !count) return
  const texts = new Map(rows.map(row => [row, (row.textContent ?? '').toLowerCase()]))
  const filter = () => {
    const words = wordsOf(form)
    const choices = choicesOf(form)
    let shown = 0
    for (const row of rows) {
      const text = texts.get(row) ?? ''
      const matches =
        words.every(word => text.includes(word)) &&
        choices.every(({ column, value }) => ownText(row.cells[column]) === value)
      row.hidden = !matches
      if (matches) shown++
    }
    const all = `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`
    count.textContent = shown === rows.length ? all : `${shown} of ${all}`
  }
  form.addEventListener('input', filter)
  form.addEventListener('submit', event => event.preventDefault())
  // The browser may have kept what was typed.
  filter()
}

function wordsOf(form: HTMLFormElement): readonly string[] {
  const words = first('input[name="words"]', HTMLInputElement, form)
  return (words?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean)
}

function choicesOf(form: HTMLFormElement) {
  return all('select', HTMLSelectElement, form)
    .filter(select => select.value !== '')
    .map(select => ({ column: Number(select.name.replace('column-', '')), value: select.value }))
}

/** Without the detail below it. */
function ownText(cell: HTMLTableCellElement | undefined): string {
  return cell?.firstChild?.textContent ?? ''
}
