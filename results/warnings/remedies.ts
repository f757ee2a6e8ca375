/** What helps, in the words of the system that has to be changed: the one of that end, not of the command. Pure. */

import { maximum, minimum } from '../../base/groups.ts'
import { rateFlag } from '../document/format.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'

/** The ends whose flags a remedy may name; a foreign program has none of them. */
export type AdvisedEnds = 'both' | 'sender' | 'receiver'

/** The operating system of one end; undefined for a foreign program. */
export function systemOf(record: TrialRecord, end: 'sender' | 'receiver'): string | undefined {
  const system = end === 'sender' ? record.sender_os : record.receiver_os
  // Rows of versions without columns for each end are of one host.
  return system ?? (record.direction === 'local' ? record.os : undefined)
}

/** The command that raises the ceiling of socket buffers. @param buffer the option that was requested, and its size in bytes */
export function raiseCeiling(
  os: string | undefined,
  buffer: { readonly name: 'rcvbuf' | 'sndbuf'; readonly bytes: number },
): string {
  const { name, bytes } = buffer
  switch (os) {
    case 'linux':
      return `sudo sysctl -w net.core.${name === 'rcvbuf' ? 'rmem_max' : 'wmem_max'}=${bytes}`
    case 'darwin':
    case 'freebsd':
      // It counts what the kernel keeps beside the data too.
      return `sudo sysctl -w kern.ipc.maxsockbuf=${2 * bytes}`
    default:
      return `ask for less with --${name}`
  }
}

/** The loopback interface brought up. */
export function raiseLoopback(os: string | undefined): string {
  return os === 'linux' || os === undefined ? 'sudo ip link set lo up' : 'sudo ifconfig lo0 up'
}

/** How to see what a local firewall forbids. */
export function showFirewall(os: string | undefined): string {
  switch (os) {
    case 'linux':
      return 'sudo nft list ruleset shows its rules'
    case 'darwin':
    case 'freebsd':
      return 'sudo pfctl -s rules shows its rules'
    case 'win32':
      return 'Get-NetFirewallRule -Enabled True -Action Block shows its rules'
    default:
      return 'look at its rules'
  }
}

/** How to find what loses datagrams in between. */
export const SEE_WHAT_DROPS = 'see which queue or link drops them (bench doctor HOST)'

/** Where everything gets there, and nothing back. */
export const LET_BACK =
  'a firewall or a NAT drops what the receiver sends over UDP: let it through on the way back'

/** Whether a lower rate loses less: not of a sender that sends again what was lost, and waits for answers meanwhile. */
export function paceHelps(cases: readonly CaseSummary[]): boolean {
  return cases.some(each => !sendsAgain(each))
}

function sendsAgain({ records }: CaseSummary): boolean {
  return records.some(each => each.datagrams_resent !== undefined)
}

/** `pace with --rate 400M`: less than what arrived and than what was asked for, by a fifth. Requests have an interval, not a rate. */
export function pace(all: readonly CaseSummary[], advised: AdvisedEnds): string {
  const cases = paceHelps(all) ? all.filter(each => !sendsAgain(each)) : all
  if (cases.every(each => each.exchange))
    return cases.some(each => each.cell.interval_ms !== undefined) ? 'a longer --interval' : SEE_WHAT_DROPS
  // A rate is that of each stream.
  const arrived = known(
    cases,
    ({ goodput, cell: { streams = 1 } }) => goodput && goodput.medianBps / streams,
  ).filter(bps => bps > 0)
  const asked = known(cases, each => each.cell.rate_bps)
  const slowest = minimum([...arrived, ...asked])
  const uneven = arrived.length > 0 && slowest < maximum(arrived) / 2
  const figure = Number.isFinite(slowest) ? ` ${rateFlag(slowest * 0.8)}` : ''
  const words = asked.length > 0 ? `a lower --rate${figure && `, as${figure}`}` : `pace with --rate${figure}`
  return `${words}${uneven ? ' (for the slowest)' : ''}${advised === 'receiver' ? ' at the sender' : ''}`
}

const LARGE_BUFFER_BYTES = 4 * 1024 ** 2

/** A larger receive buffer, where one can be had: undefined where the system did not give what was asked for. */
export function largerReceiveBuffer(cases: readonly CaseSummary[], advised: AdvisedEnds): string | undefined {
  if (advised === 'sender') return 'a larger receive buffer there'
  const asked = Math.max(0, ...known(cases, each => each.cell.rcvbuf_asked_bytes))
  if (cases.some(({ records }) => records.some(each => shortfallOf(each, 'rcvbuf')))) return undefined
  return asked < LARGE_BUFFER_BYTES ? 'try --rcvbuf 4m' : 'a larger --rcvbuf'
}

/** What a socket lacks of the buffer that was requested; undefined if nothing. */
export function shortfallOf(record: TrialRecord, buffer: 'rcvbuf' | 'sndbuf') {
  const asked = record[`${buffer}_asked_bytes`]
  const reported = record[`${buffer}_bytes`]
  if (asked === undefined || reported === undefined) return undefined
  const end = buffer === 'rcvbuf' ? 'receiver' : 'sender'
  const system = systemOf(record, end)
  // Linux reports the double of it, for its own bookkeeping (socket(7)).
  const given = system === 'linux' ? Math.floor(reported / 2) : reported
  // The largest that Linux gives is a byte less than 1 GiB.
  if (given + 1 >= asked) return undefined
  return { asked, given, system, end, denied: buffer === 'rcvbuf' && record.rcvbuf_forced === false }
}
