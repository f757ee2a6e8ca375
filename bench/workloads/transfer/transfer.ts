/** The workload `transfer`: one finite payload, from a sender to a receiver. */
import { TRANSFER } from '../../../scenarios/settings/words.ts'
import { drainMs, rttOf } from '../clocks.ts'
import { outcomeColumns } from '../outcomes.ts'
import { endColumns } from '../report-columns.ts'
import { noParameters, type Workload } from '../workload.ts'
import { measuresOf, outcomeOf } from './accounting.ts'
import { TransferEnds } from './ends/ends.ts'

/** How long an acknowledgement may take after the receiver has reported, not counting the path's delay. */
const ANSWER_GRACE_MS = 200
/** Default minimum time-out of a trial, and the rate below which it grows with the payload. */
const TIMEOUT_MS = 30_000
const SLOWEST_BPS = 10e6
/** How long a foreign server may take to acknowledge datagrams: many never do if one is lost. */
const FOREIGN_ANSWER_MS = 2000
/** Where nothing is acknowledged, the sender gives up while there is time to ask the receiver what has arrived. */
const SILENT_SHARE = 0.5

export const transfer: Workload = {
  name: TRANSFER,
  summary: 'one payload, from a sender to a receiver',

  obstacle(transport, wishes) {
    if (!transport.transfer) return 'it carries no payload'
    return noParameters(wishes)
  },

  ends: () => new TransferEnds(),

  limits({ each, plan, transport, flow }, clocks) {
    const slowestBps = each.rateBps ?? SLOWEST_BPS
    const timeoutMs = plan.timeoutMs ?? TIMEOUT_MS + (each.sizeBytes * 8000) / slowestBps
    const { reliable, socket } = transport.traits
    const impatient = 'target' in flow.to && !reliable
    const longestMs = reliable && socket === 'datagram' ? SILENT_SHARE * timeoutMs : timeoutMs
    return {
      timeoutMs,
      answerTimeoutMs: impatient ? Math.min(FOREIGN_ANSWER_MS, timeoutMs) : longestMs,
      drainMs: plan.drainMs ?? drainMs(clocks, transport),
      graceMs: ANSWER_GRACE_MS + 4 * (rttOf(clocks) ?? 0),
    }
  },

  account({ each, transport: { traits } }, reports) {
    const ends = { ...reports, verify: each.verify, reliable: traits.reliable }
    const outcome = outcomeOf(each.sizeBytes, traits, ends)
    return {
      ...outcomeColumns(outcome),
      ...measuresOf(each.chunkBytes, traits, outcome, ends),
      ...endColumns(ends),
    }
  },
}
