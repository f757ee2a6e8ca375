/** Finds out from the kernel's counters at both ends whether something else used the CPUs while a case was measured. Pure. */
import { largestOf } from '../../base/groups.ts'
import { counted, formatPercent } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { median } from '../statistics/quantiles.ts'
import { known } from '../statistics/summary.ts'

export interface Disturbance {
  readonly cause: string
  readonly remedy: string
}

/** `another program …: stop it and run again` */
export function adviceOf(disturbance: Disturbance | undefined): string | undefined {
  return disturbance && `${disturbance.cause}: ${disturbance.remedy}`
}

/** Share of a host's CPU time that other guests of its hardware may take. */
const STEAL_TOLERANCE = 0.01
/** Load above the CPUs of the two ends: the program that drives them needs next to none. */
const OUR_SLACK = 0.5
/** Fewest trials that show how often the CPU was taken away. */
const MIN_TRIALS = 3
/** Preemptions of both ends in a trial: so many more than in quick ones, and twice as many. */
const MORE_SWITCHES = 2

/**
 * What disturbed at least the slow trials; undefined if no counter shows it.
 * @param slow, quick trials of one case that differ in speed
 */
export function disturbanceOf(
  slow: readonly TrialRecord[],
  quick: readonly TrialRecord[],
): Disturbance | undefined {
  return stolen([...slow, ...quick]) ?? preempted(slow, quick) ?? loaded(slow)
}

/** What kept a sender from its CPU in these trials; undefined if no counter shows it. */
export function disturbanceOfSender(records: readonly TrialRecord[]): Disturbance | undefined {
  return stolen(records) ?? preemptedSender(records) ?? loaded(records)
}

/** More than the system's own threads cause. */
const SWITCHES_A_TRIAL = 2
const SWITCHES_A_SECOND = 10

function preemptedSender(records: readonly TrialRecord[]): Disturbance | undefined {
  const often = records.filter(each => {
    const { sender_involuntary_switches: switches = 0, total_ms: totalMs = 0 } = each
    return areApart(each) && switches >= Math.max(SWITCHES_A_TRIAL, (SWITCHES_A_SECOND * totalMs) / 1000)
  })
  if (2 * often.length <= records.length) return undefined
  const most = largestOf(often, each => each.sender_involuntary_switches) ?? 0
  return {
    cause: `another program took the sender’s CPU up to ${counted(most, 'time')} a trial`,
    remedy: 'stop it and run again',
  }
}

function stolen(records: readonly TrialRecord[]): Disturbance | undefined {
  const shares = records.flatMap(each => [each.sender_steal_ratio, each.receiver_steal_ratio])
  const most = largestOf(shares, share => share) ?? 0
  if (most <= STEAL_TOLERANCE) return undefined
  return {
    cause: `other guests of the hardware took ${formatPercent(most)} of the CPU time`,
    remedy: 'run again at a quieter time, or on dedicated hardware',
  }
}

function preempted(slow: readonly TrialRecord[], quick: readonly TrialRecord[]): Disturbance | undefined {
  const [often, seldom] = [slow, quick].map(each => known(each.filter(areApart), switchesOf))
  if (!often || !seldom || often.length < MIN_TRIALS || seldom.length < MIN_TRIALS) return undefined
  const [most, least] = [median(often) ?? 0, median(seldom) ?? 0]
  if (most < least + MORE_SWITCHES || most < 2 * least) return undefined
  return {
    cause: `another program took the CPU ${counted(Math.round(most), 'time')} a trial in the slow ones, ${Math.round(least)} in the others`,
    remedy: 'stop it and run again',
  }
}

/** Ends that share a CPU preempt each other. */
function areApart({
  direction,
  sender_cpu_at_end: sender,
  receiver_cpu_at_end: receiver,
}: TrialRecord): boolean {
  return direction !== 'local' || (sender !== undefined && sender !== receiver)
}

function switchesOf(record: TrialRecord): number | undefined {
  const { sender_involuntary_switches: sender, receiver_involuntary_switches: receiver } = record
  return sender === undefined && receiver === undefined ? undefined : (sender ?? 0) + (receiver ?? 0)
}

/** An average over the last minute, so for long runs only; how many CPUs other hosts have is unknown. */
function loaded(records: readonly TrialRecord[]): Disturbance | undefined {
  const most = largestOf(records, ({ direction, sender_load: load = 0, cpu_count: cpus }) =>
    direction === 'local' && load > Math.max(2, cpus) + OUR_SLACK ? load : undefined,
  )
  if (most === undefined) return undefined
  return {
    cause: `the load average was ${most.toFixed(1)} on ${counted(records[0]?.cpu_count ?? 0, 'CPU')}, so other programs ran too`,
    remedy: 'stop them and run again',
  }
}
