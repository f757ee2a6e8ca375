/** Warnings about a path that drops a whole kind of datagram. */
import { largestOf, smallestOf } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { shorten } from '../schema/cells.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { beginningOf, headersOf } from '../schema/datagrams.ts'
import { type CaseSummary, headerBytesOf, known } from '../statistics/summary.ts'
import { smallerPayload } from './refusal.ts'
import { type Rule, type Run, ruleOfCases, ruleOfTrials } from './warning.ts'

/** Whether one of these rules explains what a case lost. */
export function isLostOnTheWay(each: CaseSummary, run: Run): boolean {
  return each.records.some(isTranslated) || isFragmentLoss(each, run) || isBlocked(each, run) || isDeaf(each)
}

/** A NAT, or a host with several addresses: the receiver ignores datagrams from any address but the peer's. */
const anotherSource = ruleOfTrials('another-source', isTranslated, trials => {
  const sources = new Set(known(trials, record => record.datagrams_stray_from))
  return {
    what: `the datagrams came from an address (${[...sources].map(shorten).join(', ')}) other than that of the control connection, so the receiver ignored them: a NAT rewrites the source of UDP`,
    remedy:
      'make the NAT translate TCP and UDP alike, or measure over a path without it; on a host with several addresses, choose one with --bind',
  }
})

/** Its datagrams came from another address, and were ignored. */
export function isTranslated(record: TrialRecord): boolean {
  return record.datagrams_stray_from !== undefined
}

/** Assumed for paths between hosts if the kernel does not report it: that of Ethernet. */
const USUAL_MTU_BYTES = 1500
/** Loss of short datagrams up to which the loss of all long ones is put down to their fragments. */
const LOSS_TOLERANCE = 0.02

const fragmentsDropped = ruleOfCases('loss-fragments', isFragmentLoss, (_, cases, { summaries }) => {
  const fits = (smallestOf(cases, largestUnfragmented) ?? 0) - headerBytesOf(cases)
  const reported = smallestOf(cases, mtuOf)
  const mtu =
    reported === undefined
      ? `on a path MTU of ${formatBytes(USUAL_MTU_BYTES)}`
      : `the path MTU is ${formatBytes(reported)}`
  const arrived = summaries.filter(each => !cases.includes(each) && cases.some(long => isShortOf(each, long)))
  const longest = largestOf(arrived, each => each.datagrams?.bytes)
  const shorter =
    longest === undefined ? 'only what precedes them arrives' : `those of ${formatBytes(longest)} arrive`
  const chunked = cases.some(each => !each.datagrams?.whole)
  return {
    what: `every fragmented datagram is lost on the path (${mtu}), and ${shorter}`,
    remedy: `${chunked ? `--chunk ${fits} or less` : `${smallerPayload(cases, fits)}, or a transport that sends chunks`}; or allow fragments through the firewalls on the path`,
  }
})

/** Datagrams that exceed the path MTU, none of which arrives, while shorter ones do. */
function isFragmentLoss(each: CaseSummary, { summaries }: Run): boolean {
  const fits = largestUnfragmented(each)
  if (fits === undefined || !isFragmented(each) || !allElsewhere(each)) return false
  if (each.records.some(record => isLongerThan(fits, record))) return false
  const shorter = summaries.filter(other => isShortOf(other, each))
  return shorter.length > 0
    ? shorter.every(other => (other.loss?.ratio ?? 0) < LOSS_TOLERANCE)
    : each.records.some(beganThere)
}

/** True if its datagrams exceed the path MTU. */
export function isFragmented(each: CaseSummary): boolean {
  const fits = largestUnfragmented(each)
  return fits !== undefined && (each.datagrams?.bytes ?? 0) > fits
}

/** True if the other case's datagrams cross the same path unfragmented. */
function isShortOf(other: CaseSummary, long: CaseSummary): boolean {
  const fits = largestUnfragmented(long)
  return (
    other.loss !== undefined &&
    fits !== undefined &&
    (other.datagrams?.bytes ?? 0) <= fits &&
    other.cell.direction === long.cell.direction &&
    other.cell.ip_family === long.cell.ip_family
  )
}

/** The path MTU less the headers of UDP and IP; undefined for a stream, and on one host if the kernel does not report it. */
function largestUnfragmented(each: CaseSummary): number | undefined {
  const { direction, ip_family } = each.cell
  const usual = direction === 'local' || direction === 'send' ? undefined : USUAL_MTU_BYTES
  const mtu = mtuOf(each) ?? usual
  return !each.datagrams || mtu === undefined ? undefined : mtu - headersOf(ip_family)
}

/** As the kernel reported it. */
function mtuOf({ records }: CaseSummary): number | undefined {
  return smallestOf(records, each => each.path_mtu_bytes)
}

/** True if all but the last datagram of each trial, which is shorter, were lost, and none of them in a queue of either end. */
function allElsewhere({ loss, lossCauses, records }: CaseSummary): boolean {
  const queued = lossCauses['send queue'] + lossCauses['receive buffer'] + lossCauses.late
  const elsewhere = (loss?.lost ?? 0) - queued
  return loss !== undefined && elsewhere > 0 && elsewhere >= loss.accepted - records.length
}

/** True if some of the datagrams that arrived were. */
function isLongerThan(
  fits: number,
  { bytes_delivered: bytes = 0, datagrams_delivered: count = 0 }: TrialRecord,
) {
  return bytes > count * fits
}

/** The header or begin marker, of a few bytes, arrived. */
function beganThere(record: TrialRecord): boolean {
  return record.outcome === 'incomplete' && beginningOf(record) === 'arrived'
}

/** Not even a marker or a header. */
const nothingArrives = ruleOfCases('nothing-arrives', isBlocked, (_, cases, { summaries }) => {
  const directions = new Set(cases.map(each => each.cell.direction))
  const streams = summaries.filter(each => !each.datagrams && directions.has(each.cell.direction))
  const beside =
    streams.length > 0 && streams.every(each => each.outcomes.completed > 0)
      ? ', while TCP gets through: a firewall drops UDP'
      : ''
  return {
    what: `no datagram of any kind arrives${beside}`,
    remedy:
      'open the receiver’s UDP ports in its firewall and in those on the path (bench serve --udp-ports 6000-6099 chooses them); bench doctor HOST checks each direction',
  }
})

/** The path may be open for all but groups. */
const groupSilent = ruleOfCases('nothing-arrives', isDeaf, (_, cases) => {
  const ttls = new Set(
    known(
      cases.flatMap(each => each.records),
      each => each.ttl,
    ),
  )
  return {
    what: 'nothing that is sent to the group arrives',
    remedy: `with a router between, a larger --ttl (here ${[...ttls].join(' and ')}), and routes for groups in it; else look whether the interfaces are those of this network (--interface, at bench serve too), whether a switch has seen the receivers join (IGMP or MLD snooping needs a querier), and whether firewalls let UDP through`,
  }
})

function isDeaf(each: CaseSummary): boolean {
  return each.cell.group_asked !== undefined && isSilent(each)
}

/** Where others of the same direction arrive, the path is open. */
function isBlocked(each: CaseSummary, { summaries }: Run): boolean {
  if (isDeaf(each)) return false
  const { direction } = each.cell
  const all = summaries.filter(other => other.loss && other.cell.direction === direction)
  return isSilent(each) && all.every(isSilent)
}

function isSilent({ loss, records }: CaseSummary): boolean {
  return loss !== undefined && loss.lost > 0 && records.every(silent)
}

export const pathRules: readonly Rule[] = [anotherSource, fragmentsDropped, nothingArrives, groupSilent]

function silent(record: TrialRecord): boolean {
  const beginning = beginningOf(record)
  return (
    record.direction !== 'local' &&
    record.datagrams_delivered === 0 &&
    (record.lost_elsewhere ?? record.datagrams_lost ?? 0) === record.datagrams_lost &&
    !record.datagrams_stray &&
    !record.socket_drops &&
    (beginning === 'lost' || beginning === 'none')
  )
}
