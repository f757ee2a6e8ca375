/** Where the system refuses datagrams, and which setting lifts that: in sentences. */
import type { Text } from '../../document/model.ts'
import { limitWords } from '../../document/refusals.ts'
import { anyRefused } from '../../statistics/summary.ts'
import { findWarnings, type Warning } from '../../warnings/warnings.ts'
import type { Source } from './source.ts'

/** Of a file; that nothing was refused is said too. None without datagrams. */
export function refusalWords({ summaries }: Source): readonly Text[] {
  const datagrams = summaries.filter(each => each.refusals !== undefined || anyRefused(each))
  if (datagrams.length === 0) return []
  if (!datagrams.some(anyRefused)) return [['The system ', { strong: 'refused' }, ' no datagram.']]
  return [...limitWords(summaries), ...findWarnings(summaries).filter(isRefusal).map(remedyWords)]
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
