/** Describes a run in one line: what all its cases have in common. */
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { counted, formatBytes, formatCount, formatDuration } from '../../base/units.ts'
import {
  type Cell,
  type CellField,
  describeField,
  fieldValue,
  impliedFields,
  settingsOf,
  shorten,
  varyingFields,
  wholeName,
} from '../schema/cells.ts'
import type { ColumnName, TrialRecord } from '../schema/columns.ts'
import type { CaseSummary } from '../statistics/summary.ts'

/** Settings that every transport has, or is known to lack: it matters too that they are not set. */
const ALWAYS_SHOWN: readonly CellField[] = [
  'rate_bps',
  'max_datagram_bytes',
  'rcvbuf_asked_bytes',
  'sndbuf_asked_bytes',
]
/** Settings with their own words. */
const OWN_WORDS: readonly CellField[] = ['rate_bps', 'max_datagram_bytes']

/** `819,200 B in 800 chunks of 1,024 B, 20 rounds, unpaced, engine node, IPv4, this host`: what all cases have in common. */
export function describeRun(summaries: readonly CaseSummary[]): string {
  const records = summaries.flatMap(each => each.records)
  const cells = summaries.map(each => each.cell)
  const [cell] = cells
  if (!cell) return ''
  const { words, said } = describePayload(summaries, cell, sameFields(cells))
  return [
    ...describeFile(cells),
    ...words,
    counted(new Set(records.map(each => each.round)).size, 'round'),
    ...describeSame(cells, said),
    ...describeConditions(records),
  ].join(', ')
}

/** Conditions other than settings that decide a local figure, as far as the rows say. */
function describeConditions(records: readonly TrialRecord[]): readonly string[] {
  const same = <K extends ColumnName>(column: K) => {
    const values = new Set(records.flatMap(each => each[column] ?? []))
    return values.size === 1 ? [...values][0] : undefined
  }
  const unasked = <K extends 'batch' | 'congestion'>(column: K) =>
    records.some(each => each[`${column}_asked`] !== undefined) ? undefined : same(column)
  const [batch, congestion, cpus] = [unasked('batch'), unasked('congestion'), same('cpu_quota')]
  const quota = cpus && Number(cpus.toFixed(2))
  return [
    batch && (batch === 1 ? 'one send a call' : `up to ${batch} sends a call`),
    congestion && `congestion ${shorten(congestion)}`,
    describeCpus(records),
    quota && `a quota of ${quota} ${quota === 1 ? 'CPU' : 'CPUs'}`,
  ].flatMap(each => each || [])
}

function describeCpus(records: readonly TrialRecord[]): string {
  const pins = new Set(records.map(each => each.pinned_cpus))
  const [pinned] = pins
  if (pins.size !== 1 || records.some(each => each.direction !== 'local')) return ''
  if (pinned !== undefined) return `pinned to CPU ${shorten(pinned)}`
  // Rows of old versions do not say where it ran.
  return records.some(each => each.sender_cpu_at_end !== undefined) ? 'CPUs chosen by the system' : ''
}

/** `819,200 B, chunk 1,024 B, unpaced, engine node`: what all cells have in common, except in the fields `unlike`. */
export function describeCells(cells: readonly Cell[], unlike: readonly string[] = []): readonly string[] {
  const [cell] = cells
  if (!cell) return []
  const same = sameFields(cells, unlike)
  return given(
    ...describeFile(cells, unlike),
    same('size_bytes') && cell.size_bytes !== undefined && formatBytes(cell.size_bytes),
    same('chunk_bytes') && describeField(cell, 'chunk_bytes'),
    ...describeSame(cells, unlike),
  )
}

function describeFile(cells: readonly Cell[], unlike: readonly string[] = []): readonly string[] {
  const [cell] = cells
  return cell?.file !== undefined && sameFields(cells, unlike)('file') ? [fieldValue(cell, 'file')] : []
}

function sameFields(cells: readonly Cell[], unlike: readonly string[] = []): (field: CellField) => boolean {
  const varying = varyingFields(cells)
  return field => !varying.includes(field) && !unlike.includes(field)
}

function describeSame(cells: readonly Cell[], unlike: readonly string[] = []): readonly string[] {
  const [cell] = cells
  if (!cell) return []
  const same = sameFields(cells, unlike)
  const settings = settingsOf(cell).filter(field => !OWN_WORDS.includes(field))
  const limit = cell.max_datagram_bytes
  return given(
    same('rate_bps') && describeField(cell, 'rate_bps'),
    same('max_datagram_bytes') && limit !== undefined && `datagrams of at most ${formatBytes(limit)}`,
    ...settings.filter(same).map(field => describeField(cell, field)),
    same('engine') && `engine ${fieldValue(cell, 'engine')}`,
    ...(['ip_family', 'direction'] as const).filter(same).map(field => describeField(cell, field)),
  )
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
        .filter(field => ALWAYS_SHOWN.includes(field) || settingsOf(cell).includes(field))
        .map(field => describeField(cell, field))
        .join(', '),
    )
    const parts = [...settings].map(
      ([text, alike]) => `${alike.map(cell => cell.transport).join(' and ')} ${text || 'as they are'}`,
    )
    return (variant === undefined ? '' : `${wholeName(variant)}: `) + parts.join('; ')
  })
}

/**
 * How the payload is cut, as far as the cases have that in common, and the fields that this says already: `819,200 B in 800 chunks of 1,024 B`,
 * `streams of 10 s in chunks of 1,024 B`, `50 pictures of 819,200 B, 25 a second`.
 */
function describePayload(
  summaries: readonly CaseSummary[],
  cell: Cell,
  same: (field: CellField) => boolean,
): { readonly words: readonly string[]; readonly said: readonly CellField[] } {
  const { size_bytes: sizeBytes = 0, duration_asked_ms: durationMs, frames_asked: pictures, fps } = cell
  const [size, chunk] = [formatBytes(sizeBytes), formatBytes(cell.chunk_bytes)]
  if (summaries.every(each => each.cell.size_bytes === undefined)) {
    const streams = given(
      'streams',
      same('duration_asked_ms') && durationMs !== undefined && `of ${formatDuration(durationMs)}`,
      same('chunk_bytes') && `in chunks of ${chunk}`,
    )
    return { words: [streams.join(' ')], said: ['workload', 'duration_asked_ms'] }
  }
  if (summaries.every(each => each.exchange))
    return { words: given(same('size_bytes') && `requests of ${size}`), said: ['workload'] }
  if (summaries.every(each => each.frames)) {
    const count = same('frames_asked') && pictures !== undefined && formatCount(pictures)
    const all = given(count, 'pictures', same('size_bytes') && `of ${size}`).join(' ')
    const pace = fps === undefined ? 'each after an answer' : `${fps} a second`
    return { words: given(all, same('fps') && pace), said: ['workload', 'frames_asked', 'fps'] }
  }
  const [isOneSize, isOneChunk] = [same('size_bytes'), same('chunk_bytes')]
  if (summaries.every(each => each.datagrams?.whole))
    return { words: [isOneSize ? `${size} in one datagram` : 'one datagram each'], said: [] }
  const chunks = Math.ceil(sizeBytes / cell.chunk_bytes)
  const cut = chunks === 1 ? 'in one chunk' : `in ${formatCount(chunks)} chunks of ${chunk}`
  if (isOneSize) return { words: [isOneChunk ? `${size} ${cut}` : size], said: [] }
  return { words: given(isOneChunk && `chunks of ${chunk}`), said: [] }
}
