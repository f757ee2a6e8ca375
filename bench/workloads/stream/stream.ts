/** The workload `stream`: bytes for as long as asked, from a sender to a receiver. */
import { STREAM } from '../../../scenarios/settings/words.ts'
import { drainMs, rttOf } from '../clocks.ts'
import { outcomeColumns } from '../outcomes.ts'
import { endColumns } from '../report-columns.ts'
import { TransferEnds } from '../transfer/ends/ends.ts'
import { noParameters, type Workload } from '../workload.ts'
import { streamColumns, streamOutcome } from './accounting.ts'

/** How long what is in the buffers may take at the end, beside connecting, in ms. */
const SLACK_MS = 30_000
/** How long an acknowledgement may take after the receiver has reported, without the round trips of the path. */
const GRACE_MS = 200

export const stream: Workload = {
  name: STREAM,
  summary: 'bytes for as long as asked (--duration), from a sender to a receiver',

  obstacle(transport, wishes) {
    if (!transport.transfer?.endless) return 'its size has to be known in advance'
    return noParameters(wishes)
  },

  ends: () => new TransferEnds(),

  limits({ each, plan }, clocks) {
    const { durationMs = 0 } = each
    const timeoutMs = plan.timeoutMs ?? durationMs + SLACK_MS
    return {
      timeoutMs,
      answerTimeoutMs: timeoutMs,
      drainMs: plan.drainMs ?? drainMs(clocks),
      graceMs: GRACE_MS + 4 * (rttOf(clocks) ?? 0),
    }
  },

  account({ each, transport: { traits } }, reports) {
    const ends = { ...reports, verify: each.verify }
    const outcome = streamOutcome(traits, ends)
    return {
      ...outcomeColumns(outcome),
      ...streamColumns(each, traits, outcome, ends),
      ...endColumns(ends),
    }
  },
}
