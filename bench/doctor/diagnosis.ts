/** Judges the path between two hosts by their trials. Pure: rows in, findings out. */

import { isForbidden } from '../../base/system-errors.ts'
import { formatCount, formatMs, formatSize } from '../../base/units.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { findWarnings, type Warning } from '../../results/warnings/warnings.ts'
import type { Catalog } from '../../transports/catalog.ts'
import { bad, type Finding, good, type Look, notice, plain, unknown } from '../fleet/calls/finding.ts'
import type { Way } from './data.ts'

/** Both ends, as a firewall names them. */
export interface Ends {
  /** As the user wrote it. */
  readonly name: string
  /** Addresses on the control connection. */
  readonly ours: string
  readonly theirs: string
}

export function diagnose(
  way: Way,
  records: readonly TrialRecord[],
  ends: Ends,
  { transports }: Catalog,
): Finding[] {
  const isStream = ({ transport }: TrialRecord) => transports.get(transport)?.traits.socket === 'stream'
  const tcp = records.find(isStream)
  const udp = records.filter(each => !isStream(each))
  const tcpWorks = tcp?.outcome === 'completed'
  return [
    { subject: `TCP ${nameOf(way)}`, ...(tcp ? ofTcp(way, tcp, ends) : unknown('not tried')) },
    {
      subject: `UDP ${nameOf(way)}`,
      ...(udp.length > 0 ? ofUdp(way, udp, tcpWorks, ends) : unknown('not tried')),
    },
  ]
}

function nameOf(way: Way): string {
  return way === 'forward' ? 'to there' : 'to here'
}

function ofTcp(way: Way, record: TrialRecord, ends: Ends): Look {
  const { outcome, total_ms: totalMs, error_code: code, size_bytes: bytes = 0 } = record
  if (outcome === 'completed')
    return good(`${formatSize(bytes)} crossed${totalMs === undefined ? '' : ` in ${formatMs(totalMs)}`}`)
  if (code === 'LIMIT') return denied(record)
  const text = `${formatSize(bytes)} did not cross: ${reasonOf(record)}`
  return bad(text, remedyOf('TCP', way, code, ends))
}

function ofUdp(way: Way, records: readonly TrialRecord[], tcpWorks: boolean, ends: Ends): Look {
  const limited = records.find(each => each.error_code === 'LIMIT')
  if (limited) return denied(limited)
  const counts = records.map(countOf).toSorted((a, b) => a.chunkBytes - b.chunkBytes)
  const listed = counts.map(each => each.text).join('; ')
  const refused = records.find(each => each.outcome === 'failed' || each.outcome === 'refused')
  const came = counts.filter(each => each.delivered > 0)
  const source = records.find(each => each.datagrams_stray_from !== undefined)?.datagrams_stray_from
  if (source !== undefined)
    return bad(
      plain(
        `${listed}: it came from ${source}, not from ${way === 'forward' ? ends.ours : ends.theirs}, and was dropped: a NAT rewrites the source of UDP`,
      ),
      'let the NAT translate TCP and UDP alike, or measure over a path without it',
    )
  const warnings = findWarnings(summarize(records)).filter(({ code }) => LOSS_CODES.has(code))
  if (came.length === 0 && !warnings.some(({ code }) => code === 'loss-send-queue')) {
    const beside = tcpWorks
      ? 'while TCP gets through: a firewall drops UDP'
      : 'and TCP does not get through either'
    const why = refused ? reasonOf(refused) : beside
    return bad(`${listed}: nothing arrived, ${why}`, remedyOf('UDP', way, refused?.error_code, ends))
  }
  if (warnings.length === 0) return good(listed)
  const texts = (key: 'message' | 'remedy') => [...new Set(warnings.map(each => each[key]))].join('; ')
  const judged = came.length === 0 ? bad : notice
  return judged(`${listed}: ${texts('message')}`, texts('remedy'))
}

/** Warnings of a run about datagrams that did not arrive. */
const LOSS_CODES: ReadonlySet<Warning['code']> = new Set([
  ...(['loss-send-queue', 'loss-receive-buffer', 'loss-fragments', 'loss-elsewhere', 'loss'] as const),
  ...(['protocol-part-lost', 'late-datagrams'] as const),
])

interface Count {
  readonly chunkBytes: number
  readonly offered: number
  readonly delivered: number
  readonly text: string
}

function countOf(record: TrialRecord): Count {
  const { chunk_bytes: chunkBytes, size_bytes: sizeBytes = 0 } = record
  // A transfer that never began offered none, and all of them are missing.
  const offered = record.datagrams_offered || Math.ceil(sizeBytes / chunkBytes)
  const delivered = record.datagrams_delivered ?? 0
  const text = `${formatCount(delivered)} of ${formatCount(offered)} of ${formatCount(chunkBytes)} B`
  return { chunkBytes, offered, delivered, text }
}

function denied({ error_message: message }: TrialRecord): Look {
  return unknown(
    plain(`not tried: ${message ?? 'that server does not allow it'}`),
    'start bench serve there with higher limits, or measure within them',
  )
}

function reasonOf({ error_code: code, error_message: message, error_phase: phase }: TrialRecord): string {
  const what = code === 'TIMEOUT' ? 'no answer' : (message ?? code ?? 'unknown reason')
  return plain(`${what}${phase === undefined ? '' : ` (${phase})`}`).slice(0, 200)
}

/** A sender that may not send is blocked by its own host. */
function remedyOf(protocol: 'TCP' | 'UDP', way: Way, code: string | undefined, ends: Ends): string {
  if (!isForbidden(code)) return opening(protocol, way, ends)
  return way === 'forward'
    ? `let ${protocol} to ${ends.theirs} out through the firewall of this host`
    : `let ${protocol} to ${ends.ours} out through the firewall of ${ends.name}`
}

/** What to open where: the ports of `--udp-ports` there, any port here. */
function opening(protocol: 'TCP' | 'UDP', way: Way, { name, ours, theirs }: Ends): string {
  return way === 'forward'
    ? `start bench serve at ${name} with --udp-ports 6000-6099, and open these ports for UDP and TCP from ${ours} in the firewalls there and between`
    : `let ${protocol} from ${theirs} in through the firewall of this host, to every port; or measure without --reverse and --bidir`
}
