/** A run in one line: what all its cases have in common. */
import { formatBytes, formatCount } from '../bench/units.ts'
import {
  type Cell,
  type CellField,
  describeField,
  fieldValue,
  groupBy,
  impliedFields,
  SETTINGS,
  shorten,
  varyingFields,
} from './cells.ts'
import type { CaseSummary } from './summary.ts'

/** Settings that every transport has, or is known to lack: what is not set says something too. */
const ALWAYS_TOLD: readonly CellField[] = [
  'rate_bps',
  'max_datagram_bytes',
  'rcvbuf_asked_bytes',
  'sndbuf_asked_bytes',
]
/** Settings that have words of their own. */
const TOLD: readonly CellField[] = ['rate_bps', 'max_datagram_bytes']

/** `819,200 B in 800 chunks of 1,024 B, 20 rounds, unpaced, engine node, IPv4, this host`: what all cases have in common. */
export function describeRun(summaries: readonly CaseSummary[]): string {
  const rounds = new Set(summaries.flatMap(each => each.records.map(record => record.round))).size
  const { payload, settings } = describeCells(summaries.map(each => each.cell))
  if (summaries.length === 0) return ''
  return [...payload, `${formatCount(rounds)} ${rounds === 1 ? 'round' : 'rounds'}`, ...settings].join(', ')
}

/** What all cells have in common, in words; nothing is said of the fields `unlike`. */
export function describeCells(
  cells: readonly Cell[],
  unlike: readonly string[] = [],
): { readonly payload: readonly string[]; readonly settings: readonly string[] } {
  const [cell] = cells
  if (!cell) return { payload: [], settings: [] }
  const varying = varyingFields(cells)
  const constant = (field: CellField) => !varying.includes(field) && !unlike.includes(field)
  return {
    payload: [
      ...(cell.file !== undefined && constant('file') ? [fieldValue(cell, 'file')] : []),
      ...describePayload(cell, constant('size_bytes'), constant('chunk_bytes')),
    ],
    settings: [
      ...(constant('rate_bps') ? [describeField(cell, 'rate_bps')] : []),
      ...(constant('max_datagram_bytes') && cell.max_datagram_bytes !== undefined
        ? [`datagrams of at most ${formatBytes(cell.max_datagram_bytes)}`]
        : []),
      ...SETTINGS.filter(field => !TOLD.includes(field))
        .filter(field => constant(field) && cell[field] !== undefined)
        .map(field => describeField(cell, field)),
      ...(constant('engine') ? [`engine ${fieldValue(cell, 'engine')}`] : []),
      ...(constant('ip_family') ? [describeField(cell, 'ip_family')] : []),
      ...(constant('direction') ? [describeField(cell, 'direction')] : []),
    ],
  }
}

/**
 * `raised limit: tcp unpaced, sndbuf 65,535 B; udp-header at 400 Mbit/s, sndbuf 65,535 B`: what a variant (without any: all
 * cases) sets for each transport, a line each; none where every case has the same settings.
 */
export function describeSettings(summaries: readonly CaseSummary[]): readonly string[] {
  const cells = summaries.map(each => each.cell)
  const fields = impliedFields(cells)
  if (fields.length === 0) return []
  return [...groupBy(cells, cell => cell.variant)].map(([variant, group]) => {
    const transports = new Map(group.map(cell => [cell.transport, cell]))
    const settings = groupBy([...transports.values()], cell =>
      fields
        .filter(field => ALWAYS_TOLD.includes(field) || cell[field] !== undefined)
        .map(field => describeField(cell, field))
        .join(', '),
    )
    const parts = [...settings].map(
      ([text, alike]) => `${alike.map(cell => cell.transport).join(' and ')} ${text || 'as they are'}`,
    )
    return (variant === undefined ? '' : `${shorten(variant)}: `) + parts.join('; ')
  })
}

function describePayload(cell: Cell, sizeIsConstant: boolean, chunkIsConstant: boolean): readonly string[] {
  const size = formatBytes(cell.size_bytes)
  const chunk = formatBytes(cell.chunk_bytes)
  const chunks = Math.ceil(cell.size_bytes / cell.chunk_bytes)
  if (sizeIsConstant && chunkIsConstant) {
    return [chunks === 1 ? `${size} in one chunk` : `${size} in ${formatCount(chunks)} chunks of ${chunk}`]
  }
  return [...(sizeIsConstant ? [size] : []), ...(chunkIsConstant ? [`chunks of ${chunk}`] : [])]
}
