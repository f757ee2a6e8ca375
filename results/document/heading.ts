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
  const rounds = new Set(summaries.flatMap(each => each.records.map(record => record.round))).size
  const cells = summaries.map(each => each.cell)
  if (summaries.length === 0) return ''
  return [
    ...describeFile(cells),
    ...describePayload(summaries),
    counted(rounds, 'round'),
    ...describeSame(cells, saidOfPayload(summaries)),
    ...describeConditions(summaries.flatMap(each => each.records)),
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

/** `819,200 B in 800 chunks of 1,024 B`: how the payload is cut, as far as the cases have that in common. */
function describePayload(summaries: readonly CaseSummary[]): readonly string[] {
  const cells = summaries.map(each => each.cell)
  const [cell] = cells
  if (!cell) return []
  const same = sameFields(cells)
  const chunk = formatBytes(cell.chunk_bytes)
  if (cells.every(each => each.size_bytes === undefined)) return [describeStreams(cells)]
  const size = formatBytes(cell.size_bytes ?? 0)
  if (summaries.every(each => each.exchange)) return same('size_bytes') ? [`requests of ${size}`] : []
  if (summaries.every(each => each.frames)) return [describePictures(cells)]
  if (summaries.every(each => each.datagrams?.whole))
    return [same('size_bytes') ? `${size} in one datagram` : 'one datagram each']
  if (!same('size_bytes')) return same('chunk_bytes') ? [`chunks of ${chunk}`] : []
  if (!same('chunk_bytes')) return [size]
  const chunks = Math.ceil((cell.size_bytes ?? 0) / cell.chunk_bytes)
  return [chunks === 1 ? `${size} in one chunk` : `${size} in ${formatCount(chunks)} chunks of ${chunk}`]
}

/** Fields that the words about the payload say already. */
function saidOfPayload(summaries: readonly CaseSummary[]): readonly CellField[] {
  if (summaries.every(({ cell }) => cell.size_bytes === undefined)) return ['workload', 'duration_asked_ms']
  if (summaries.every(({ frames }) => frames)) return ['workload', 'frames_asked', 'fps']
  return summaries.every(({ exchange }) => exchange) ? ['workload'] : []
}

/** `50 pictures of 819,200 B, 25 a second`, as far as they have that in common. */
function describePictures(cells: readonly Cell[]): string {
  const [cell] = cells
  const same = sameFields(cells)
  const { frames_asked: count, size_bytes: size = 0, fps } = cell ?? {}
  const pace = fps === undefined ? 'each after an answer' : `${fps} a second`
  return [
    given(
      same('frames_asked') && count !== undefined && formatCount(count),
      'pictures',
      same('size_bytes') && `of ${formatBytes(size)}`,
    ).join(' '),
    ...(same('fps') ? [pace] : []),
  ].join(', ')
}

/** `streams of 10 s in chunks of 1,024 B`, as far as they have that in common. */
function describeStreams(cells: readonly Cell[]): string {
  const [cell] = cells
  const same = sameFields(cells)
  const { duration_asked_ms: durationMs, chunk_bytes: chunkBytes = 0 } = cell ?? {}
  return given(
    'streams',
    same('duration_asked_ms') && durationMs !== undefined && `of ${formatDuration(durationMs)}`,
    same('chunk_bytes') && `in chunks of ${formatBytes(chunkBytes)}`,
  ).join(' ')
}
