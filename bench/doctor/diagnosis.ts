/** What the trials between two hosts say about the way between them. Pure: rows in, findings out. */
import type { TrialRecord } from '../../results/columns.ts'
import { formatCount, formatMs, formatPercent, formatSize } from '../units.ts'
import type { Way } from './data.ts'
import { bad, type Finding, good, type Look, notice, plain, unknown } from './finding.ts'

/** The two ends, as a person would name them in a firewall. */
export interface Ends {
  /** As the person wrote it. */
  readonly name: string
  /** Addresses on the control connection. */
  readonly ours: string
  readonly theirs: string
}

export function diagnose(way: Way, records: readonly TrialRecord[], ends: Ends): Finding[] {
  const tcp = records.find(each => each.transport === 'tcp')
  const udp = records.filter(each => each.transport !== 'tcp')
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
  const { outcome, total_ms: totalMs, error_code: code, size_bytes: bytes } = record
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
  const told = counts.map(each => each.text).join('; ')
  const refused = records.find(each => each.outcome === 'failed' || each.outcome === 'refused')
  const came = counts.filter(each => each.delivered > 0)
  if (came.length === 0) {
    const beside = tcpWorks ? 'while TCP gets through: a firewall drops UDP' : 'nor does TCP get through'
    const why = refused ? reasonOf(refused) : beside
    return bad(`${told}: nothing came, ${why}`, remedyOf('UDP', way, refused?.error_code, ends))
  }
  const longest = Math.max(...came.map(each => each.chunkBytes))
  const [shorter, longer] = [
    counts.filter(each => each.chunkBytes <= longest),
    counts.filter(each => each.chunkBytes > longest),
  ]
  // Of a path that loses a fifth of its packets, all datagrams of six fragments may be lost too.
  if (longer.length > 0 && lossOf(shorter) < LOSS_TOLERANCE)
    return notice(
      `${told}: longer ones do not come, since their fragments are dropped on the way`,
      `--chunk ${longest} and less; or let fragments through the firewalls between`,
    )
  const loss = lossOf(counts)
  if (loss === 0) return good(told)
  return notice(
    `${told}: ${formatPercent(loss)} lost at 10 Mbit/s, and no port is blocked`,
    'a lower --rate, or a better path; loss_cause in the rows of bench run tells whether it was the receive buffer',
  )
}

/** What short datagrams may lose on a path of which one can say that it drops the fragments of long ones. */
const LOSS_TOLERANCE = 0.02

function lossOf(counts: readonly Count[]): number {
  const sum = (of: (count: Count) => number) => counts.reduce((all, each) => all + of(each), 0)
  return 1 - sum(each => each.delivered) / sum(each => each.offered)
}

interface Count {
  readonly chunkBytes: number
  readonly offered: number
  readonly delivered: number
  readonly text: string
}

function countOf(record: TrialRecord): Count {
  const { chunk_bytes: chunkBytes, size_bytes: sizeBytes } = record
  // Of a transfer that has not begun none was offered, and all of them are missing.
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
  const what = code === 'TIMEOUT' ? 'no answer' : (message ?? code ?? 'no reason known')
  return plain(`${what}${phase === undefined ? '' : ` (${phase})`}`).slice(0, 200)
}

/** Who may not even send has to look at the sender's own host. */
function remedyOf(protocol: 'TCP' | 'UDP', way: Way, code: string | undefined, ends: Ends): string {
  if (code !== 'EPERM' && code !== 'EACCES') return opening(protocol, way, ends)
  return way === 'forward'
    ? `let ${protocol} to ${ends.theirs} out through the firewall of this host`
    : `let ${protocol} to ${ends.ours} out through the firewall of ${ends.name}`
}

/** What to open where. The receiver's ports are those of `--udp-ports` there, and any here. */
function opening(protocol: 'TCP' | 'UDP', way: Way, { name, ours, theirs }: Ends): string {
  return way === 'forward'
    ? `start bench serve at ${name} with --udp-ports 6000-6099, and open these ports for UDP and TCP from ${ours} in the firewalls there and between`
    : `let ${protocol} from ${theirs} in through the firewall of this host, to every port; or measure without --reverse and --bidir`
}
