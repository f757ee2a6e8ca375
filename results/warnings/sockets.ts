/** Warnings about socket options that were requested without effect. */
import { formatBytes } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type CaseSummary, headerBytesOf, known } from '../statistics/summary.ts'
import { granted, raiseCeiling, systemOf } from './remedies.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

export const socketRules: readonly Rule[] = [
  bufferRule('rcvbuf-not-honoured', 'rcvbuf', 'receive buffer', 'receiver'),
  bufferRule('sndbuf-not-honoured', 'sndbuf', 'send buffer', 'sender'),
  offloadIdle,
  zerocopyCopied,
]

/** Requested, but not done in any trial. */
function offloadIdle(summaries: readonly CaseSummary[]): Warning | undefined {
  const idle = (kind: 'gso' | 'gro') =>
    summaries.filter(
      ({ cell, records, datagrams }) =>
        cell.offload_asked?.includes(kind) &&
        datagrams &&
        // One datagram is not cut, and two are the least to be glued.
        2 * datagrams.bytes <= Math.min(cell.size_bytes, 65_487) &&
        records.some(record => (record.datagrams_delivered ?? 0) > 1) &&
        records.every(record => !record.offload?.includes(kind)),
    )
  const [uncut, unglued] = [idle('gso'), idle('gro')]
  const cases = uncut.length > 0 ? uncut : unglued
  if (cases.length === 0) return undefined
  const sentInPieces = cases.some(({ cell }) => !cell.offload_asked?.includes('gso'))
  const mtu = known(
    cases.flatMap(each => each.records),
    record => record.path_mtu_bytes,
  )[0]
  const over = mtu !== undefined && cases.some(({ datagrams }) => (datagrams?.bytes ?? 0) + 28 > mtu)
  const header = headerBytesOf(cases)
  return {
    code: 'offload-idle',
    message:
      uncut.length > 0
        ? `${nameCases(cases, summaries)}: gso was requested, but the kernel segmented no send${over ? `: it fragments what exceeds the path MTU of ${formatBytes(mtu)}` : ''}`
        : `${nameCases(cases, summaries)}: gro was requested, but the kernel coalesced nothing`,
    remedy:
      uncut.length > 0
        ? over
          ? `--chunk ${mtu - 28 - header} or less (${mtu - 48 - header} over IPv6), or leave out gso`
          : 'leave out gso: these figures are for one datagram a send'
        : sentInPieces
          ? 'over loopback only what gso sent is coalesced: --offload gso,gro'
          : 'leave out gro: these figures are for one datagram a read',
    cells: cellsOf(cases),
  }
}

function zerocopyCopied(summaries: readonly CaseSummary[]): Warning | undefined {
  const cases = summaries.filter(({ records }) => {
    const sends = records.map(record => record.zerocopy_sends ?? 0)
    const copied = records.map(record => record.zerocopy_copied ?? 0)
    return Math.max(0, ...sends) > 0 && sends.every((count, index) => count === copied[index])
  })
  if (cases.length === 0) return undefined
  return {
    code: 'zerocopy-copied',
    message: `${nameCases(cases, summaries)}: the kernel copied every send despite --zerocopy`,
    remedy:
      'leave it out here: it helps only with large writes over a network card; over loopback and virtual devices it costs time, and small writes stall TCP (tcp_rwnd_limited_ms)',
    cells: cellsOf(cases),
  }
}

function bufferRule(
  code: Warning['code'],
  name: 'rcvbuf' | 'sndbuf',
  words: string,
  end: 'receiver' | 'sender',
): Rule {
  return summaries => {
    const shortfall = (record: TrialRecord) => {
      const asked = record[`${name}_asked_bytes`]
      const reported = record[`${name}_bytes`]
      if (asked === undefined || reported === undefined) return undefined
      const os = systemOf(record, end)
      const given = granted(reported, os)
      const denied = name === 'rcvbuf' && record.rcvbuf_forced === false
      // The largest that Linux gives is a byte less than 1 GiB.
      return given + 1 < asked ? { asked, given, denied, os } : undefined
    }
    const cases = summaries.filter(each => each.records.some(record => shortfall(record) !== undefined))
    const worst = known(
      cases.flatMap(each => each.records),
      shortfall,
    )[0]
    if (!worst) return undefined
    const raise = raiseCeiling(worst.os, { name, bytes: worst.asked })
    const where = cases.every(each => each.cell.direction === 'local') ? '' : ` at the ${end}`
    return {
      code,
      message: `${nameCases(cases, summaries)}: a ${words} of ${formatBytes(worst.asked)} was requested, and the system gave ${formatBytes(worst.given)}`,
      remedy: `${raise}${worst.denied ? ', or CAP_NET_ADMIN for node' : ''}${where}`,
      cells: cellsOf(cases),
    }
  }
}
