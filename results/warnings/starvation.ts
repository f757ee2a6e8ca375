/** Finds out whether a receiver that lost datagrams at its socket could run: the buffer fills while it cannot. Pure. */
import { largestOf, sumOf } from '../../base/groups.ts'
import { formatMs } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import type { Disturbance } from './disturbance.ts'

/** So long a wait misses a whole burst of datagrams; less is the time of a wake-up. */
const LONG_WAIT_MS = 1
/** Share of the time in which its datagrams arrived. */
const MUCH_WAIT = 0.25

/** What kept the receiver from reading in the trials in which most was lost; undefined if it ran. */
export function starvationOf(cases: readonly CaseSummary[]): Disturbance | undefined {
  const lossy = cases.flatMap(each =>
    each.records.filter(record => !record.read_late && lostThere(record) > 0),
  )
  const starved = lossy.filter(each => stalled(each) || waited(each))
  if (2 * sumOf(starved, lostThere) <= sumOf(lossy, lostThere)) return undefined
  if (starved.some(stalled)) {
    const longest = largestOf(starved, each => each.receiver_stall_ms) ?? 0
    return {
      cause: `the receiver could not run for up to ${formatMs(longest)}: it was stopped, or other programs had its CPU`,
      remedy: 'make sure that it can run (nothing stops it, and it has a CPU of its own)',
    }
  }
  const most = largestOf(starved, each => each.receiver_cpu_wait_ms) ?? 0
  const together = starved.every(onOneCpu)
  return {
    cause: `the receiver was ready to run and waited for a CPU for up to ${formatMs(most)}${starved.length > 1 ? ' a trial' : ''}${together ? ', which the sender had' : ''}`,
    remedy: together ? apart(starved) : 'stop what else runs on its CPU',
  }
}

function apart(records: readonly TrialRecord[]): string {
  return records.every(each => each.cpu_count > 1)
    ? 'a CPU for each end, as --pin 0,1'
    : 'one end on another host, since this one has one CPU'
}

function stalled({ receiver_stall_ms: ms = 0 }: TrialRecord): boolean {
  return ms > 0
}

function waited({
  receiver_cpu_wait_ms: ms = 0,
  receive_ms: receiveMs,
  delivery_ms: deliveryMs,
}: TrialRecord) {
  return ms >= LONG_WAIT_MS && ms >= MUCH_WAIT * (receiveMs ?? deliveryMs ?? 0)
}

function onOneCpu({
  direction,
  sender_cpu_at_end: sender,
  receiver_cpu_at_end: receiver,
}: TrialRecord): boolean {
  return direction === 'local' && sender !== undefined && sender === receiver
}

function lostThere({ lost_receive_buffer: lost = 0 }: TrialRecord): number {
  return lost
}
