/** Names of cells: in full, the same in every run, or by what distinguishes them from the others at hand. */
import { given } from '../../base/given.ts'
import {
  type Cell,
  type CellField,
  describeCell,
  describeField,
  settingsOf,
  tellingFields,
} from '../schema/cells.ts'
import type { Check } from './check.ts'

/** `udp-header, size 800 KiB, chunk 1,024 B, rcvbuf 4,194,304 B, engine native`: whatever other cells there are. */
export function fullName(cell: Cell): string {
  const unusual = given<CellField>(
    cell.direction !== 'local' && 'direction',
    cell.ip_family !== 4 && 'ip_family',
  )
  const set = (['file', 'variant', 'side'] as const).filter(field => cell[field] !== undefined)
  const asked = (['size_bytes', 'chunk_bytes', ...settingsOf(cell)] as const).filter(
    field => !isOfPair(cell, field),
  )
  return describeCell(cell, [...set, ...asked, ...unusual, 'engine'])
}

/** Whether the name of a pair (`chunk 1,024 B | chunk 8,192 B`) has it of both sides: the cell itself has that of A alone. */
function isOfPair(cell: Cell, field: CellField): boolean {
  const [ofA = '', ofB] = cell.variant?.split(' | ') ?? []
  return ofB !== undefined && ofA.includes(describeField(cell, field))
}

/** `udp-header, chunk 1,024 B`: by what distinguishes it from the other cells of these checks. Empty for a check without a cell. */
export function shortNames(checks: readonly Check[]): (check: Check) => string {
  const cells = checks.flatMap(({ cell }) => cell ?? [])
  const fields = tellingFields(cells)
  return ({ cell }) => (cell ? describeCell(cell, fields) : '')
}
