/** From which size on the system refuses datagrams, in sentences. */
import { groupBy, largestOf, minimum } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { type CellField, describeCell, tellingByTransport } from '../schema/cells.ts'
import { type CaseSummary, takenBytes } from '../statistics/summary.ts'
import type { Text } from './model.ts'
import { say } from './say.ts'
import { listed } from './text.ts'

/** `udp-header and udp-marker: refused from 65,508 B on (EMSGSIZE); 65,507 B are taken.`: transports that meet the same limit share a sentence. */
export function limitWords(summaries: readonly CaseSummary[]): readonly Text[] {
  const telling = tellingByTransport(summaries.map(each => each.cell))
  const nameOf = ({ cell }: CaseSummary) =>
    describeCell(cell, (telling.get(cell.transport) ?? []).filter(isLimiting))
  const limits = [...groupBy(summaries, nameOf)].flatMap(([name, group]) => {
    const limit = limitOf(group)
    return limit ? [{ name, ...limit }] : []
  })
  return [...groupBy(limits, ({ from, rest }) => from + rest).values()].map(alike => {
    const [{ from, rest }] = alike
    const name = listed(alike.map(each => each.name))
    return say`${{ name }}: refused from ${{ strong: from }} ${rest}.`
  })
}

const LIMITING = [
  'variant',
  'side',
  'sndbuf_asked_bytes',
  'max_datagram_bytes',
  'df_asked',
  'ip_family',
  'engine',
] as const

function isLimiting(field: CellField): boolean {
  return LIMITING.some(each => each === field)
}

/** Refused from `65,508 B` `on (EMSGSIZE); 65,507 B are taken`; undefined where nothing of the payload was too long. */
function limitOf(group: readonly CaseSummary[]) {
  const tooLong = group.flatMap(each => (each.tooLong?.part === 'payload' ? [each.tooLong] : []))
  if (tooLong.length === 0) return undefined
  const smallest = minimum(tooLong.map(each => each.datagramBytes))
  const taken = largestOf(group, takenBytes)
  const largest = taken === undefined ? 'nothing smaller was tried' : `${formatBytes(taken)} are taken`
  const emulated = tooLong.every(each => each.emulated) ? ', an emulated limit' : ''
  return { from: formatBytes(smallest), rest: `on (EMSGSIZE${emulated}); ${largest}` }
}
