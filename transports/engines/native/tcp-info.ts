/** The kernel's statistics of a connection: TCP_INFO, tcp(7). */
import type { SocketInfo } from '../../contract/socket-facts.ts'
import { TCP_INFO_FIELDS as FIELDS, IPPROTO_TCP, TCP_INFO } from './abi.ts'
import type { Descriptor } from './descriptor.ts'
import { rateOf } from './options.ts'

/** Reads the fields that this kernel has. Empty if the connection is gone. */
export function readTcpInfo(socket: Descriptor): SocketInfo {
  const info = socket.tryGetBytes(IPPROTO_TCP, TCP_INFO, FIELDS.size)
  if (!info) return {}
  const count = (at: number) => (at + 4 <= info.length ? info.readUInt32LE(at) : undefined)
  const long = (at: number) => (at + 8 <= info.length ? info.readBigUInt64LE(at) : undefined)
  const micros = (value: number | undefined) => (value === undefined ? undefined : value / 1000)
  const longMicros = (at: number) => {
    const value = long(at)
    return value === undefined ? undefined : Number(value) / 1000
  }
  const rate = (at: number) => {
    const value = long(at)
    return value === undefined ? undefined : rateOf(value)
  }
  const minRtt = count(FIELDS.minRtt)
  return {
    retransmits: count(FIELDS.totalRetransmits),
    rttMs: micros(count(FIELDS.rtt)),
    rttvarMs: micros(count(FIELDS.rttvar)),
    // All ones: not measured yet.
    minRttMs: minRtt === 0xffff_ffff ? undefined : micros(minRtt),
    cwndSegments: count(FIELDS.cwnd),
    mssBytes: count(FIELDS.senderMss),
    deliveryRateBps: rate(FIELDS.deliveryRate),
    pacingRateBps: rate(FIELDS.pacingRate),
    busyMs: longMicros(FIELDS.busyTime),
    rwndLimitedMs: longMicros(FIELDS.rwndLimited),
    sndbufLimitedMs: longMicros(FIELDS.sndbufLimited),
  }
}
