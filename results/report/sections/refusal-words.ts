/** Where the system refuses datagrams, and which setting lifts that: in sentences. */
import type { Text } from '../../document/model.ts'
import { limitWords } from '../../document/refusals.ts'
import { say } from '../../document/say.ts'
import { anyRefused } from '../../statistics/summary.ts'
import type { Warning } from '../../warnings/warnings.ts'
import type { Source } from './source.ts'

/** Sentences about a file, even if nothing was refused; none without datagrams. */
export function refusalWords({ summaries, warnings }: Source): readonly Text[] {
  const datagrams = summaries.filter(each => each.refusals !== undefined)
  if (datagrams.length === 0) return []
  if (!datagrams.some(anyRefused)) return [say`The system ${{ strong: 'refused' }} no datagram.`]
  return [...limitWords(summaries), ...warnings.filter(isRefusal).map(remedyWords)]
}

/** Whether a warning is about what these sentences say. */
export function isRefusal({ code }: Warning): boolean {
  return code === 'refused-header' || code === 'refused-emsgsize' || code === 'refused'
}

/** The limit itself is said before. */
function remedyWords({ code, message, remedy }: Warning): Text {
  return say`${code === 'refused-emsgsize' ? '' : `${message}. `}Remedy: ${{ strong: remedy }}.`
}
