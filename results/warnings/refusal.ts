/** Warnings about what the operating system would not take or give: datagrams, and buffers. */
import { formatBytes, formatPercent } from '../../bench/units.ts'
import { datagramBytes } from '../cells.ts'
import type { TrialRecord } from '../columns.ts'
import { type CaseSummary, known, refusedShare } from '../summary.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

export const refusalRules: readonly Rule[] = [
  tooLong,
  refusedOtherwise,
  bufferRule('rcvbuf-not-honoured', 'rcvbuf', 'receive buffer', 'net.core.rmem_max'),
  bufferRule('sndbuf-not-honoured', 'sndbuf', 'send buffer', 'net.core.wmem_max'),
]

function tooLong(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = summaries.filter(each => each.tooLong !== undefined)
  const smallest = cases.toSorted(
    (a, b) => (a.tooLong?.datagramBytes ?? 0) - (b.tooLong?.datagramBytes ?? 0),
  )[0]
  const record = smallest?.records.find(each => each.error_code === 'EMSGSIZE')
  if (!smallest?.tooLong || !record) return undefined
  const limit = limitOf(smallest, record, summaries)
  return {
    code: 'refused-emsgsize',
    message: `${nameCases(cases, summaries)}: datagrams from ${formatBytes(smallest.tooLong.datagramBytes)} on are refused (EMSGSIZE); ${limit.words}`,
    remedy: tooLongRemedy(cases, record, limit.bytes),
    cells: cellsOf(cases),
  }
}

/** The limit as far as known: an emulated one, the protocol's, or else the largest datagram that was taken. */
function limitOf(refused: CaseSummary, record: TrialRecord, all: readonly CaseSummary[]) {
  const { max_datagram_bytes: emulated, ip_family: family } = refused.cell
  if (record.limit_emulated && emulated !== undefined) {
    return { bytes: emulated, words: `the emulated limit is ${formatBytes(emulated)}` }
  }
  // 65,535 of the length field, less the headers of UDP and IPv4; IPv6 does not count its own (RFC 768, 791, 8200).
  const protocol = family === 6 ? 65_527 : 65_507
  if (datagramBytes(refused.cell) > protocol) {
    return { bytes: protocol, words: `UDP over IPv${family} takes ${formatBytes(protocol)} at most` }
  }
  const taken = all
    .filter(each => (each.loss?.accepted ?? 0) > 0 && each.tooLong === undefined)
    .map(each => datagramBytes(each.cell))
    .filter(bytes => bytes < datagramBytes(refused.cell))
  const largest = taken.length > 0 ? Math.max(...taken) : undefined
  return {
    bytes: largest,
    words: largest ? `${formatBytes(largest)} were taken` : `a limit of this ${record.os} or of the path`,
  }
}

function tooLongRemedy(
  cases: readonly CaseSummary[],
  record: TrialRecord,
  limitBytes: number | undefined,
): string {
  const whole = cases.every(each => each.cell.transport === 'udp-datagram')
  const flag = whole ? '--size' : '--chunk'
  const smaller = limitBytes === undefined ? `a smaller ${flag}` : `${flag} ${limitBytes} or less`
  if (record.limit_emulated) return `${smaller}, or a larger --max-datagram`
  // There the limit is a setting, and the default SO_SNDBUF too.
  if (datagramBytes(record) <= 65_507 && (record.os === 'darwin' || record.os === 'freebsd')) {
    return `${smaller}; or --sndbuf 65535; or sudo sysctl -w net.inet.udp.maxdgram=65535`
  }
  return smaller
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

function bufferRule(
  code: Warning['code'],
  name: 'rcvbuf' | 'sndbuf',
  words: string,
  linuxCeiling: string,
): Rule {
  return summaries => {
    const shortfall = (record: TrialRecord) => {
      const asked = record[`${name}_asked_bytes`]
      const given = record[`${name}_bytes`]
      if (asked === undefined || given === undefined) return undefined
      // Linux doubles what it grants, for its own bookkeeping (socket(7)).
      const granted = record.os === 'linux' ? Math.floor(given / 2) : given
      return granted < asked ? { asked, granted, os: record.os } : undefined
    }
    const cases = summaries.filter(each => each.records.some(record => shortfall(record) !== undefined))
    const worst = known(
      cases.flatMap(each => each.records),
      shortfall,
    )[0]
    if (!worst) return undefined
    return {
      code,
      message: `${nameCases(cases, summaries)}: a ${words} of ${formatBytes(worst.asked)} was asked for, the system gave ${formatBytes(worst.granted)}`,
      remedy:
        worst.os === 'linux'
          ? `sudo sysctl -w ${linuxCeiling}=${worst.asked}`
          : 'raise the ceiling of the system (macOS, FreeBSD: sysctl kern.ipc.maxsockbuf)',
      cells: cellsOf(cases),
    }
  }
}
