/** Sorts and filters interactive tables, and keeps that in the address, so that a copied address shows the same. */
import { all, first, say } from './elements.ts'

export function wakeTables(): void {
  for (const table of all('table[data-interactive]', HTMLTableElement)) {
    const body = table.tBodies[0]
    const form = first(`form[data-filters="${table.id}"]`, HTMLFormElement)
    if (body && form) wakeTable(table, body, form)
  }
}

type Direction = 'ascending' | 'descending' | 'none'
const NEXT: Readonly<Record<Direction, Direction>> = {
  none: 'ascending',
  ascending: 'descending',
  descending: 'none',
}

function wakeTable(table: HTMLTableElement, body: HTMLTableSectionElement, form: HTMLFormElement): void {
  const rows = [...body.rows]
  const heads = all('thead th', HTMLTableCellElement, table)
  const filter = filterOf(table, form, rows)
  const sort = (head: HTMLTableCellElement | undefined, direction: Direction) => {
    for (const each of heads) each.setAttribute('aria-sort', each === head ? direction : 'none')
    body.append(...sorted(rows, head ? heads.indexOf(head) : 0, head ? direction : 'none'))
  }
  const address = addressOf(table, form, heads)
  for (const head of heads)
    first('button', HTMLButtonElement, head)?.addEventListener('click', () => {
      const direction = NEXT[directionOf(head)]
      sort(head, direction)
      address.write()
      say(direction === 'none' ? 'Original order' : `Sorted by ${head.textContent}, ${direction}`)
    })
  form.addEventListener('input', () => {
    filter()
    address.write()
  })
  form.addEventListener('submit', event => event.preventDefault())
  const show = () => {
    const order = address.read()
    if (order) sort(order.head, order.direction)
    // Or the browser has kept what was typed.
    filter()
  }
  addEventListener('hashchange', show)
  show()
}

/** `#cases?words=udp&transport=udp-marker&sort=-goodput`: behind the id of the section, which a file has no other place for. */
function addressOf(table: HTMLTableElement, form: HTMLFormElement, heads: readonly HTMLTableCellElement[]) {
  const section = table.closest('section')
  const fields = all('input[name], select[name]', HTMLElement, form).filter(
    each => each instanceof HTMLInputElement || each instanceof HTMLSelectElement,
  )
  return {
    write(): void {
      const state = fields.filter(({ value }) => value !== '').map(({ name, value }) => [name, value])
      const head = heads.find(each => directionOf(each) !== 'none')
      const sign = head && directionOf(head) === 'descending' ? '-' : ''
      if (head) state.push(['sort', sign + head.textContent])
      const query = String(new URLSearchParams(state))
      history.replaceState(null, '', `#${section?.id}${query && `?${query}`}`)
    },
    /** Fills the form, and returns the order; undefined where the address is of something else. */
    read(): { readonly head: HTMLTableCellElement | undefined; readonly direction: Direction } | undefined {
      const [id, query] = location.hash.slice(1).split('?')
      if (!section || id !== section.id || query === undefined) return undefined
      const state = new URLSearchParams(query)
      for (const field of fields) field.value = state.get(field.name) ?? ''
      section.scrollIntoView()
      const [, sign, title] = /^(-?)(.*)$/.exec(state.get('sort') ?? '') ?? []
      const head = heads.find(each => each.textContent === title)
      return { head, direction: sign ? 'descending' : 'ascending' }
    },
  }
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

function filterOf(table: HTMLTableElement, form: HTMLFormElement, rows: readonly HTMLTableRowElement[]) {
  const count = first(`[data-count="${table.id}"]`, HTMLElement)
  const texts = new Map(rows.map(row => [row, (row.textContent ?? '').toLowerCase()]))
  return () => {
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
    if (count) count.textContent = shown === rows.length ? all : `${shown} of ${all}`
  }
}

function wordsOf(form: HTMLFormElement): readonly string[] {
  const words = first('input[name="words"]', HTMLInputElement, form)
  return (words?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean)
}

function choicesOf(form: HTMLFormElement) {
  return all('select', HTMLSelectElement, form)
    .filter(select => select.value !== '')
    .map(select => ({ column: Number(select.dataset['column']), value: select.value }))
}

/** Without the detail below it. */
export function ownText(cell: HTMLTableCellElement | undefined): string {
  return cell?.firstChild?.textContent ?? ''
}
