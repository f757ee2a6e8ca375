/** Where the system refuses datagrams, and which setting lifts that: in sentences. */
import { formatBytes } from '../../../base/units.ts'
import type { Text } from '../../document/model.ts'
import { listed } from '../../document/text.ts'
import { type Cell, describeCell, distinguishingFields, groupBy } from '../../schema/cells.ts'
import { anyRefused, type CaseSummary } from '../../statistics/summary.ts'
import { findWarnings, type Warning } from '../../warnings/warnings.ts'
import type { Source } from './source.ts'

/** Of a file; that nothing was refused is said too. None without datagrams. */
export function refusalWords({ summaries }: Source): readonly Text[] {
  const datagrams = summaries.filter(each => each.refusals !== undefined || anyRefused(each))
  if (datagrams.length === 0) return []
  if (!datagrams.some(anyRefused)) return [['The system ', { strong: 'refused' }, ' no datagram.']]
  const cells = summaries.map(each => each.cell)
  const groups = [...groupBy(datagrams, ({ cell }) => nameOf(cell, cells))]
  const limits = groups.flatMap(([name, group]) => {
    const limit = limitOf(group)
    return limit ? [{ name, limit }] : []
  })
  // Transports that meet the same limit share a sentence.
  const sentences = [...groupBy(limits, ({ limit: { from, rest } }) => from + rest).values()].map(
    (alike): Text => [
      { name: listed(alike.map(each => each.name)) },
      ': refused from ',
      { strong: alike[0]?.limit.from ?? '' },
      ` ${alike[0]?.limit.rest}.`,
    ],
  )
  return [...sentences, ...findWarnings(summaries).filter(isRefusal).map(remedyWords)]
}

/** Whether a warning is about what these sentences say. */
export function isRefusal({ code }: Warning): boolean {
  return code === 'refused-header' || code === 'refused-emsgsize' || code === 'refused'
}

function remedyWords({ code, message, remedy }: Warning): Text {
  return code === 'refused-emsgsize'
    ? ['What lifts the limit: ', { strong: remedy }, '.']
    : [`${message}. What helps: `, { strong: remedy }, '.']
}

/** What may set a limit of its own. */
const LIMITING = [
  'variant',
  'side',
  'sndbuf_asked_bytes',
  'max_datagram_bytes',
  'df_asked',
  'ip_family',
  'engine',
] as const

function nameOf(cell: Cell, cells: readonly Cell[]): string {
  const fields = distinguishingFields(cell, cells).filter(field => LIMITING.some(each => each === field))
  return describeCell(cell, fields)
}

/** Refused from `65,508 B` `on (EMSGSIZE); 65,507 B are taken`; undefined where nothing was too long. */
function limitOf(
  group: readonly CaseSummary[],
): { readonly from: string; readonly rest: string } | undefined {
  const tooLong = group.flatMap(each => (each.tooLong?.part === 'payload' ? [each.tooLong] : []))
  if (tooLong.length === 0) return undefined
  const smallest = Math.min(...tooLong.map(each => each.datagramBytes))
  const taken = group
    .filter(each => !each.tooLong && (each.loss?.accepted ?? 0) > 0)
    .flatMap(each => each.datagrams?.bytes ?? [])
  const largest =
    taken.length > 0 ? `${formatBytes(Math.max(...taken))} are taken` : 'nothing smaller was tried'
  const emulated = tooLong.every(each => each.emulated) ? ', an emulated limit' : ''
  return { from: formatBytes(smallest), rest: `on (EMSGSIZE${emulated}); ${largest}` }
}
