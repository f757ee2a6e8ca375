/** Warnings about datagrams that the operating system would not take. */
import { formatBytes, formatPercent } from '../../bench/units.ts'
import { datagramBytes, headerName } from '../cells.ts'
import { type CaseSummary, known, refusedShare } from '../summary.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

export const refusalRules: readonly Rule[] = [headerTooLong, tooLong, refusedOtherwise]

/** Before the payload: no chunk, however small, would mend it. */
function headerTooLong(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = smallestFirst(summaries, 'header')
  const [smallest] = cases
  if (!smallest?.tooLong) return undefined
  const names = [...new Set(cases.map(each => headerName(each.cell)))].join(' or ')
  const largest = Math.max(...known(cases, each => each.tooLong?.datagramBytes))
  const limit = limitOf(smallest, summaries)
  // The chunks behind it have to pass too.
  const enough = Math.max(largest, ...cases.map(each => datagramBytes(each.cell)))
  const marker =
    enough === largest && cases.every(each => each.cell.transport === 'udp-header')
      ? ', or --transport udp-marker'
      : ''
  return {
    code: 'refused-header',
    message: `${nameCases(cases, summaries)}: the ${names} of ${formatBytes(largest)} is refused (EMSGSIZE); ${limit.words}`,
    remedy: `a larger --max-datagram (${enough} or more)${marker}`,
    cells: cellsOf(cases),
  }
}

function tooLong(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = smallestFirst(summaries, 'payload')
  const [smallest] = cases
  if (!smallest?.tooLong) return undefined
  const limit = limitOf(smallest, summaries)
  return {
    code: 'refused-emsgsize',
    message: `${nameCases(cases, summaries)}: datagrams from ${formatBytes(smallest.tooLong.datagramBytes)} on are refused (EMSGSIZE); ${limit.words}`,
    remedy: tooLongRemedy(cases, smallest, limit.bytes),
    cells: cellsOf(cases),
  }
}

function smallestFirst(summaries: readonly CaseSummary[], part: 'header' | 'payload') {
  return summaries
    .filter(each => each.tooLong?.part === part)
    .sort((a, b) => (a.tooLong?.datagramBytes ?? 0) - (b.tooLong?.datagramBytes ?? 0))
}

/** The limit as far as known: an emulated one, the protocol's, or else the largest datagram that was taken. */
function limitOf(refused: CaseSummary, all: readonly CaseSummary[]) {
  const refusedBytes = refused.tooLong?.datagramBytes ?? 0
  const { max_datagram_bytes: emulated, ip_family: family } = refused.cell
  if (refused.tooLong?.emulated && emulated !== undefined) {
    return { bytes: emulated, words: `the emulated limit is ${formatBytes(emulated)}` }
  }
  // 65,535 of the length field, less the headers of UDP and IPv4; IPv6 does not count its own (RFC 768, 791, 8200).
  const protocol = family === 6 ? 65_527 : 65_507
  if (refusedBytes > protocol) {
    return { bytes: protocol, words: `UDP over IPv${family} takes ${formatBytes(protocol)} at most` }
  }
  const path = pathLimit(refused, refusedBytes)
  if (path) return path
  const taken = all
    .filter(each => (each.loss?.accepted ?? 0) > 0 && each.tooLong === undefined)
    .map(each => datagramBytes(each.cell))
    .filter(bytes => bytes < refusedBytes)
  const largest = taken.length > 0 ? Math.max(...taken) : undefined
  return {
    bytes: largest,
    words: largest
      ? `${formatBytes(largest)} were taken`
      : `a limit of this ${refused.records[0]?.os} or of the path`,
  }
}

/** A limit of the path rather than of the system: with DF set nothing over its MTU is sent (ip(7), IP_MTU_DISCOVER). */
function pathLimit({ cell, records }: CaseSummary, refusedBytes: number) {
  const mtu = known(records, record => record.path_mtu_bytes)[0]
  const df = known(records, record => record.df)[0]
  if (mtu === undefined || (df !== 'do' && df !== 'probe')) return undefined
  // The headers of UDP and IP.
  const bytes = mtu - (cell.ip_family === 6 ? 48 : 28)
  if (refusedBytes <= bytes) return undefined
  return {
    bytes,
    words: `the path takes ${formatBytes(bytes)} unfragmented, and --df ${df} forbids fragments`,
  }
}

/** For transports that send chunks, for udp-datagram, which sends the payload whole, or for both; then what lifts the limit. */
function tooLongRemedy(
  cases: readonly CaseSummary[],
  smallest: CaseSummary,
  limitBytes: number | undefined,
): string {
  const smaller = (flag: string) =>
    limitBytes === undefined ? `a smaller ${flag}` : `${flag} ${limitBytes} or less`
  const whole = cases.some(each => each.cell.transport === 'udp-datagram')
  const chunked = cases.some(each => each.cell.transport !== 'udp-datagram')
  const sizes = [
    ...(chunked ? [smaller('--chunk')] : []),
    ...(whole
      ? [`${chunked ? 'for udp-datagram ' : ''}${smaller('--size')} or a transport that sends chunks`]
      : []),
  ].join('; ')
  if (smallest.tooLong?.emulated) return `${sizes}${whole ? ';' : ','} or a larger --max-datagram`
  const os = smallest.records[0]?.os
  // There the limit is a setting, and the default SO_SNDBUF too.
  if ((smallest.tooLong?.datagramBytes ?? 0) <= 65_507 && (os === 'darwin' || os === 'freebsd')) {
    return `${sizes}; or --sndbuf 65535; or sudo sysctl -w net.inet.udp.maxdgram=65535`
  }
  return sizes
}

function refusedOtherwise(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = summaries.filter(each => (refusedShare(each) ?? 0) > 0 && each.tooLong === undefined)
  if (cases.length === 0) return undefined
  const share = Math.max(...known(cases, refusedShare))
  const codes = [...new Set(cases.flatMap(each => known(each.records, record => record.error_code)))]
  return {
    code: 'refused',
    message: `${nameCases(cases, summaries)}: up to ${formatPercent(share)} of the datagrams refused${codes.length > 0 ? ` (${codes.join(', ')})` : ''}`,
    remedy: codes.includes('ENOBUFS')
      ? 'the send queue was full: pace with --rate, or try --sndbuf 4m'
      : 'look at error_code and error_message in the rows',
    cells: cellsOf(cases),
  }
}
