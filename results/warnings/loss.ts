/** Warnings about datagrams that were accepted and did not arrive, each with a remedy for its cause. */
import { given } from '../../base/given.ts'
import { maximum, minimum, sumOf } from '../../base/groups.ts'
import { counted, formatBytes, formatPercent } from '../../base/units.ts'
import type { LossCause } from '../schema/outcome.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { isLostOnTheWay } from './path.ts'
import {
  type AdvisedEnds,
  largerReceiveBuffer,
  pace,
  paceHelps,
  SEE_WHAT_DROPS,
  systemOf,
} from './remedies.ts'
import { starvationOf } from './starvation.ts'
import { type Rule, type Run, ruleOfCases } from './warning.ts'

const sendQueue = ruleOfCases('loss-send-queue', lostBy('send queue'), (_, cases, { advised }) => {
  const others = cases.some(countsOthers) ? '; its counter rose by more, so other programs send too' : ''
  return {
    what: `${cases.every(each => each.loss) ? '' : 'up to '}${shareOf(cases, 'send queue')} in the send queue of the sender’s host, before they left it${others}`,
    remedy: pace(cases, advised),
  }
})

/** More than a transfer's losses and markers: datagrams of other programs. */
function countsOthers({ records }: CaseSummary): boolean {
  return records.some(
    ({ host_sndbuf_errors: dropped, datagrams_lost: lost, offload }) =>
      dropped !== undefined && lost !== undefined && offload === undefined && dropped > lost + MOST_MARKERS,
  )
}
const MOST_MARKERS = 2

const receiveBuffer = ruleOfCases(
  'loss-receive-buffer',
  lostBy('receive buffer'),
  (_, cases, { advised }) => {
    const starvation = starvationOf(cases)
    const meanwhile = starvation ? `; ${starvation.cause}` : ''
    const larger = largerReceiveBuffer(cases, advised)
    // Any wait overruns a tiny buffer, and a reader that never waits is harder to have than a larger one.
    const causes = given(
      ...(cases.every(askedForTiny) ? [larger, starvation?.remedy] : [starvation?.remedy, larger]),
    )
    const slower = (causes.length === 0 || paceHelps(cases)) && pace(cases, advised)
    return {
      what: `${shareOf(cases, 'receive buffer')} in the receive buffer${bufferNote(cases)}${meanwhile}`,
      remedy: given(...causes, slower).join(', or '),
    }
  },
)

/** Holds 14 datagrams of 1 KiB. A program that requests nothing gets 212,992 B (net.core.rmem_default). */
const TINY_BUFFER_BYTES = 32 * 1024

/** A buffer was requested that a reader overruns by being late once. */
function askedForTiny({ records }: CaseSummary): boolean {
  return records.every(
    ({ rcvbuf_asked_bytes: asked, rcvbuf_bytes: bytes = asked }) =>
      asked !== undefined && bytes !== undefined && bytes < TINY_BUFFER_BYTES,
  )
}

const elsewhere = ruleOfCases(
  'loss-elsewhere',
  (each, run) => lostBy('elsewhere')(each) && !isLostOnTheWay(each, run),
  (_, cases, { advised }) => {
    const where = cases.every(countsSendQueue) ? 'in no queue of either end' : 'not in the receive buffer'
    return {
      what:
        advised === 'receiver'
          ? `${shareOfAnnounced(cases, each => each.lossCauses.elsewhere)} neither arrived nor was dropped at this socket: lost on the path, or never sent`
          : `${shareOf(cases, 'elsewhere')} on the path, ${where}`,
      remedy: `${paceIfSent(cases, advised)}${paceHelps(cases) && cases.some(each => each.cell.rate_bps !== undefined) ? ', unless the path loses at any rate' : ''}`,
    }
  },
)

/** That the queues of the sender's host dropped nothing is known only if it counts drops. */
function countsSendQueue({ records }: CaseSummary): boolean {
  return records.every(each => each.host_sndbuf_errors !== undefined)
}

function paceIfSent(cases: readonly CaseSummary[], advised: AdvisedEnds): string {
  const paced = paceHelps(cases) ? pace(cases, advised) : SEE_WHAT_DROPS
  return advised === 'receiver' ? `check that the sender sent it all; if it did, ${paced}` : paced
}

/** Loss that no counter of a kernel accounts for. */
const unexplained = ruleOfCases(
  'loss',
  (each, run) => (unknownLoss(each) > 0 || mayLack(each, run)) && !isLostOnTheWay(each, run),
  (_, cases, { advised }) => ({
    what:
      advised === 'receiver'
        ? unexplainedAtReceiver(cases)
        : `${shareOfCounts(cases, unknownLoss)} lost, and the kernel does not say where`,
    remedy: given(largerReceiveBuffer(cases, advised), paceIfSent(cases, advised)).join(', or '),
  }),
)

/** It has no length, and its socket dropped something of one sender or another. */
function mayLack(each: CaseSummary, { advised }: Run): boolean {
  return advised === 'receiver' && each.loss === undefined && sharedDrops([each]) > 0
}

function unexplainedAtReceiver(cases: readonly CaseSummary[]): string {
  const dropped = sharedDrops(cases)
  const all = 'of all senders together'
  if (!cases.some(each => unknownLoss(each) > 0))
    return `up to ${counted(dropped, 'datagram')} lost in the receive buffer: meanwhile this socket dropped as many ${all}`
  const why =
    dropped > 0
      ? `meanwhile this socket dropped up to ${counted(dropped, 'datagram')} ${all}`
      : 'the kernel does not say'
  return `${shareOfAnnounced(cases, unknownLoss)} did not arrive: lost, or never sent; ${why}`
}

/** What a socket dropped while several senders used it, so that it is not known whose it was. */
function sharedDrops(cases: readonly CaseSummary[]): number {
  return sumOf(
    cases.flatMap(each => each.records),
    each => each.socket_drops,
  )
}

export const lossRules: readonly Rule[] = [sendQueue, receiveBuffer, elsewhere, unexplained]

function unknownLoss({ loss, lossCauses }: CaseSummary): number {
  const { 'refused by the system': _, ...lost } = lossCauses
  return (loss?.lost ?? 0) - sumOf(Object.values(lost), Number)
}

function lostBy(cause: LossCause) {
  return ({ lossCauses }: CaseSummary) => lossCauses[cause] > 0
}

function shareOf(cases: readonly CaseSummary[], cause: LossCause): string {
  return `${shareOfCounts(cases, each => each.lossCauses[cause])} lost`
}

/** `2.5 to 80 % of the datagrams`; `1,024 datagrams` if the total is unknown. */
function shareOfCounts(cases: readonly CaseSummary[], count: (each: CaseSummary) => number): string {
  const ratios = known(cases, each => each.loss && count(each) / each.loss.accepted)
  return ratios.length < cases.length
    ? counted(sumOf(cases, count), 'datagram')
    : `${formatRange(ratios)} of the datagrams`
}

/** A foreign sender announces a length in bytes; how many datagrams it sent is unknown. */
function shareOfAnnounced(cases: readonly CaseSummary[], count: (each: CaseSummary) => number): string {
  const ratios = cases.map(each => {
    const announced = (each.cell.size_bytes ?? 0) * each.records.length
    const arrived = sumOf(each.records, record => record.bytes_delivered)
    return (count(each) / (each.loss?.lost ?? 1)) * (1 - arrived / announced)
  })
  return `${formatRange(ratios)} of what was announced`
}

function formatRange(ratios: readonly number[]): string {
  const [from, to] = [minimum(ratios), maximum(ratios)].map(formatPercent)
  return from === to ? String(from) : `${from} to ${to}`
}

/** `: its 212,992 B hold about 92 datagrams of 1,024 B`, if that is known and the same for all cases. */
function bufferNote(cases: readonly CaseSummary[]): string {
  const notes = new Set(
    cases.map(each => {
      const buffer = known(each.records, record => record.rcvbuf_bytes)[0]
      const length = each.datagrams?.bytes
      const [first] = each.records
      if (buffer === undefined || !length || !first || systemOf(first, 'receiver') !== 'linux') return ''
      const count = Math.floor(buffer / linuxTruesize(length))
      return `: its ${formatBytes(buffer)} hold about ${counted(count, 'datagram')} of ${formatBytes(length)}`
    }),
  )
  return notes.size === 1 ? ([...notes][0] ?? '') : ''
}

/**
 * Bytes of the receive buffer that Linux charges for a queued datagram (skb->truesize over loopback), approximately: up to
 * about 16 KB the data and its header take a slab of a power of two (SLUB), above that page fragments; 212,992 bytes hold
 * 92 datagrams of 1,024 bytes, 12 of 9,216 and 3 of 65,507 (measured on Linux 6.18).
 */
export function linuxTruesize(lengthBytes: number): number {
  if (lengthBytes > 15_900) return lengthBytes + 1000
  return 256 + Math.max(512, 2 ** Math.ceil(Math.log2(lengthBytes + 384)))
}
