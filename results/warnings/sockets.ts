/** Warnings about socket options that were requested without effect. */
import { formatBytes } from '../../base/units.ts'
import { headersOf } from '../schema/datagrams.ts'
import { type CaseSummary, headerBytesOf, known } from '../statistics/summary.ts'
import { raiseCeiling, shortfallOf } from './remedies.ts'
import { type Rule, ruleOfCases, type Warning } from './warning.ts'

/** Requested, but not done in any trial. */
const offloadIdle = ruleOfCases(
  'offload-idle',
  (each, { summaries }) => {
    if (!isIdle(each, 'gso') && !isIdle(each, 'gro')) return false
    const kind = summaries.some(other => isIdle(other, 'gso')) ? 'gso' : 'gro'
    return isIdle(each, kind) && kind
  },
  ([kind], cases) => {
    if (kind === 'gro')
      return {
        what: 'gro was requested, but the kernel coalesced nothing',
        remedy: cases.every(({ cell }) => cell.offload_asked?.includes('gso'))
          ? 'leave out gro: these figures are for one datagram a read'
          : 'over loopback only what gso sent is coalesced: --offload gso,gro',
      }
    const records = cases.flatMap(each => each.records)
    const [mtu] = known(records, record => record.path_mtu_bytes)
    const what = 'gso was requested, but the kernel segmented no send'
    if (
      mtu === undefined ||
      !cases.some(each => (each.datagrams?.bytes ?? 0) + headersOf(each.cell.ip_family) > mtu)
    )
      return { what, remedy: 'leave out gso: these figures are for one datagram a send' }
    const [chunk, chunk6] = [headersOf(4), headersOf(6)].map(each => mtu - each - headerBytesOf(cases))
    return {
      what: `${what}: it fragments what exceeds the path MTU of ${formatBytes(mtu)}`,
      remedy: `--chunk ${chunk} or less (${chunk6} over IPv6), or leave out gso`,
    }
  },
)

function isIdle({ cell, records, datagrams }: CaseSummary, kind: 'gso' | 'gro'): boolean {
  if (!datagrams || !cell.offload_asked?.includes(kind)) return false
  return (
    // One datagram is not cut, and two are the least to be glued.
    2 * datagrams.bytes <= Math.min(cell.size_bytes ?? 65_487, 65_487) &&
    records.some(record => (record.datagrams_delivered ?? 0) > 1) &&
    records.every(record => !record.offload?.includes(kind))
  )
}

const zerocopyCopied = ruleOfCases(
  'zerocopy-copied',
  ({ records }) =>
    records.some(({ zerocopy_sends: sends = 0 }) => sends > 0) &&
    records.every(({ zerocopy_sends: sends = 0, zerocopy_copied: copied = 0 }) => sends === copied),
  () => ({
    what: 'the kernel copied every send despite --zerocopy',
    remedy:
      'leave it out here: it helps only with large writes over a network card; over loopback and virtual devices it costs time, and small writes stall TCP (tcp_rwnd_limited_ms)',
  }),
)

function bufferRule(code: Warning['code'], buffer: 'rcvbuf' | 'sndbuf', words: string): Rule {
  return ruleOfCases(
    code,
    ({ records }) => known(records, record => shortfallOf(record, buffer))[0],
    ([{ asked, given, system, end, denied }], cases) => {
      const where = cases.every(each => each.cell.direction === 'local') ? '' : ` at the ${end}`
      return {
        what: `a ${words} of ${formatBytes(asked)} was requested, and the system gave ${formatBytes(given)}`,
        remedy: `${raiseCeiling(system, { name: buffer, bytes: asked })}${denied ? ', or CAP_NET_ADMIN for node' : ''}${where}`,
      }
    },
  )
}

export const socketRules: readonly Rule[] = [
  bufferRule('rcvbuf-not-honoured', 'rcvbuf', 'receive buffer'),
  bufferRule('sndbuf-not-honoured', 'sndbuf', 'send buffer'),
  offloadIdle,
  zerocopyCopied,
]
