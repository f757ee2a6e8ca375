/** Warnings about datagrams that the operating system refused. */

import { given } from '../../base/given.ts'
import { maximum, minimum } from '../../base/groups.ts'
import { counted, formatBytes, formatCount, formatPercent } from '../../base/units.ts'
import { wholeName } from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { headersOf, isPartRefused } from '../schema/datagrams.ts'
import { anyRefused, type CaseSummary, headerBytesOf, known, takenBytes } from '../statistics/summary.ts'
import { faultRemedy } from './faults.ts'
import { pace, systemOf } from './remedies.ts'
import { largest, type Rule, type Run, ruleOfCases } from './warning.ts'

/** Refused before the payload: a smaller chunk would not help. */
const headerTooLong = ruleOfCases('refused-header', tooLongPart('header'), (refused, cases, run) => {
  const sizes = [...new Set(refused.map(each => each.bytes))].sort((a, b) => a - b)
  // The chunks that follow must pass too.
  const enough = maximum([...sizes, ...known(cases, each => each.datagrams?.bytes)])
  return {
    what: `the header or marker before the payload (${sizes.map(formatBytes).join(' and ')}) is refused (EMSGSIZE); ${limitOf(smallestOf(refused), run).words}`,
    remedy: `a larger --max-datagram (${enough} or more)`,
  }
})

const tooLong = ruleOfCases('refused-emsgsize', tooLongPart('payload'), (refused, cases, run) => {
  const smallest = smallestOf(refused)
  // What helps one of them has to help all.
  const limits = known(refused, each => limitOf(each, run).bytes)
  const limitBytes = limits.length > 0 ? minimum(limits) - headerBytesOf(cases) : undefined
  return {
    what: `datagrams from ${formatBytes(smallest.bytes)} on are refused (EMSGSIZE); ${limitOf(smallest, run).words}`,
    remedy: tooLongRemedy(cases, refused, limitBytes),
  }
})

/** A case of which the system refused datagrams for their size. */
interface Refused {
  readonly summary: CaseSummary
  /** Size of the smallest of them. */
  readonly bytes: number
  readonly emulated: boolean
}

function tooLongPart(part: 'header' | 'payload') {
  return (summary: CaseSummary): Refused | false => {
    const { tooLong } = summary
    return tooLong?.part === part && { summary, bytes: tooLong.datagramBytes, emulated: tooLong.emulated }
  }
}

function smallestOf(refused: readonly [Refused, ...Refused[]]): Refused {
  return largest(refused, each => -each.bytes)
}

/** What refused it, in words; and the largest datagram that passes every known limit, for the remedy. */
function limitOf(
  { summary: refused, bytes: refusedBytes, emulated: isEmulated }: Refused,
  { summaries }: Run,
) {
  const { max_datagram_bytes: emulated, ip_family: family } = refused.cell
  const protocol = protocolLimit(refused)
  const path = pathLimit(refused)
  const system = systemLimit(refused)
  const limits = given(emulated, protocol, path?.bytes, system)
  const bytes = minimum(limits)
  if (isEmulated && emulated !== undefined)
    return { bytes, words: `the emulated limit is ${formatBytes(emulated)}` }
  if (refusedBytes > protocol)
    return { bytes, words: `UDP over IPv${family} carries ${formatBytes(protocol)} at most` }
  if (path && refusedBytes > path.bytes) return { bytes, words: path.words }
  const taken = known(summaries, takenBytes).filter(length => length < refusedBytes)
  if (taken.length > 0) {
    const largest = maximum(taken)
    return { bytes: Math.min(largest, bytes), words: `${formatBytes(largest)} were taken` }
  }
  return {
    bytes: bytes < refusedBytes ? bytes : undefined,
    words: `a limit of this ${systemName(refused) ?? 'system'} or of the path`,
  }
}

/** 65,535 of the length field, less the headers of UDP and IPv4; IPv6 does not count its own (RFC 768, 791, 8200). */
function protocolLimit({ cell }: CaseSummary): number {
  return cell.ip_family === 6 ? 65_527 : 65_507
}

function systemName({ records: [first] }: CaseSummary): string | undefined {
  return first && systemOf(first, 'sender')
}

/** BSD systems refuse a datagram larger than the send buffer, which is net.inet.udp.maxdgram by default. */
function systemLimit(refused: CaseSummary): number | undefined {
  const os = systemName(refused)
  if (os !== 'darwin' && os !== 'freebsd') return undefined
  return known(refused.records, record => record.sndbuf_bytes)[0]
}

/** A limit of the path rather than of the system: with DF set, nothing over its MTU is sent (ip(7), IP_MTU_DISCOVER). */
function pathLimit({ cell, records }: CaseSummary) {
  const mtu = known(records, record => record.path_mtu_bytes)[0]
  const df = known(records, record => record.df)[0]
  if (mtu === undefined || (df !== 'do' && df !== 'probe')) return undefined
  const bytes = mtu - headersOf(cell.ip_family)
  return {
    bytes,
    words: `the path carries ${formatBytes(bytes)} unfragmented, and --df ${df} forbids fragments`,
  }
}

/** The size of a file does not depend on a flag. */
export function smallerPayload(cases: readonly CaseSummary[], mostBytes: number | undefined): string {
  const ofFiles = cases.every(each => each.cell.file !== undefined)
  if (mostBytes === undefined) return ofFiles ? 'a smaller file' : 'a smaller --size'
  return ofFiles ? `a file of ${mostBytes} B or less` : `--size ${mostBytes} or less`
}

/** For transports that send chunks, for those that send the payload whole, or for both; then what lifts the limit. */
function tooLongRemedy(
  cases: readonly CaseSummary[],
  refused: readonly [Refused, ...Refused[]],
  limitBytes: number | undefined,
): string {
  const smallest = smallestOf(refused)
  const smaller = (flag: string) =>
    limitBytes === undefined ? `a smaller ${flag}` : `${flag} ${limitBytes} or less`
  const whole = cases.filter(each => each.datagrams?.whole)
  const chunked = whole.length < cases.length
  const names = [...new Set(whole.map(each => each.cell.transport))].map(wholeName).join(' and ')
  const sizes = given(
    chunked && smaller(cases.every(each => each.exchange) ? '--size' : '--chunk'),
    whole.length > 0 &&
      `${chunked ? `for ${names} ` : ''}${smallerPayload(cases, limitBytes)}, or a transport that sends chunks`,
  ).join('; ')
  // Without an emulated limit there is still that of the protocol.
  if (refused.every(each => each.emulated && each.bytes <= protocolLimit(each.summary)))
    return `${sizes}${names ? ';' : ','} or a larger --max-datagram, or without --os-profile`
  const os = systemName(smallest.summary)
  if (refused.some(each => each.emulated)) return sizes
  // There the limit is a setting, and the default SO_SNDBUF too.
  if (smallest.bytes <= 65_507 && (os === 'darwin' || os === 'freebsd')) {
    const asked = smallest.summary.cell.sndbuf_asked_bytes !== undefined
    return `${sizes}; or ${asked ? 'a larger --sndbuf' : '--sndbuf 65535'}; or sudo sysctl -w net.inet.udp.maxdgram=65535`
  }
  return sizes
}

const refusedOtherwise = ruleOfCases(
  'refused',
  each => anyRefused(each) && each.tooLong === undefined,
  (_, cases, { advised }) => {
    const trials = cases.flatMap(each => each.records.filter(record => record.error_code !== undefined))
    const codes = [...new Set(known(trials, record => record.error_code))]
    const [first] = trials
    const what = [...refusedParts(cases), ...refusedPayload(cases)].join(', and ')
    return {
      what: `${what}${codes.length > 0 ? ` (${codes.join(', ')})` : ''}`,
      remedy: codes.includes('ENOBUFS')
        ? `the send queue was full: ${pace(cases, advised)}`
        : ((first && faultRemedy(first)) ?? 'see error_code and error_message in the rows'),
    }
  },
)

export const refusalRules: readonly Rule[] = [headerTooLong, tooLong, refusedOtherwise]

/** `the length header refused in 6 of 6 trials` */
function refusedParts(cases: readonly CaseSummary[]): readonly string[] {
  const refusedPart = ({ outcome, datagrams_refused: payload }: TrialRecord) =>
    isPartRefused(outcome, payload)
  const concerned = cases.filter(each => each.records.some(refusedPart))
  if (concerned.length === 0) return []
  const all = concerned.flatMap(each => each.records)
  const trials = all.filter(refusedPart)
  const names = new Set(
    trials.map(each =>
      each.error_phase === 'handshake' ? 'header or marker before the payload' : 'end marker',
    ),
  )
  return [
    `the ${[...names].join(' or ')} refused in ${formatCount(trials.length)} of ${counted(all.length, 'trial')}`,
  ]
}

/** `all datagrams refused`, `up to 40.0 % of the datagrams refused` */
function refusedPayload(cases: readonly CaseSummary[]): readonly string[] {
  const shares = known(cases, each => each.refusals && each.refusals.refused / each.refusals.offered).filter(
    share => share > 0,
  )
  if (shares.length === 0) return []
  const [least, most] = [minimum(shares), maximum(shares)]
  if (least === 1) return ['all datagrams refused']
  const share = most === 1 ? 'all' : formatPercent(most)
  return [`${least === most ? '' : 'up to '}${share} of the datagrams refused`]
}
