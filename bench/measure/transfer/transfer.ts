/** The workload `transfer`: one finite payload, from a sender to a receiver. */
import { SetupError } from '../../../base/errors.ts'
import { KEEP_FAILED } from '../../fleet/agent/end.ts'
import { routeBetween } from '../../fleet/flow.ts'
import { drainMs, rttOf } from '../clocks.ts'
import type { Workload } from '../workload.ts'
import { measuresOf, onOneClock, outcomeColumns, outcomeOf, type Reports } from './accounting.ts'
import { practise, warmUp } from './fresh-agents.ts'
import { believed } from './plausible.ts'
import { givenColumns, threadColumns } from './report-columns.ts'
import { type Limits, runForeignTrial, runTrial } from './trial.ts'

/** How long an acknowledgement may take after the receiver has reported, not counting the path's delay. */
const ANSWER_GRACE_MS = 200
/** Default minimum time-out of a trial, and the rate below which it grows with the payload. */
const TIMEOUT_MS = 30_000
const SLOWEST_BPS = 10e6
/** How long a foreign server may take to acknowledge datagrams: many never do if one is lost. */
const FOREIGN_ANSWER_MS = 2000

export const transfer: Workload<Limits, Reports> = {
  name: 'transfer',
  warmUp,

  limits({ each, plan, transport, flow }, clocks) {
    const slowestBps = each.rateBps ?? SLOWEST_BPS
    const timeoutMs = plan.timeoutMs ?? TIMEOUT_MS + (each.sizeBytes * 8000) / slowestBps
    const impatient = 'target' in flow.to && !transport.traits.reliable
    return {
      timeoutMs,
      answerTimeoutMs: impatient ? Math.min(FOREIGN_ANSWER_MS, timeoutMs) : timeoutMs,
      drainMs: plan.drainMs ?? drainMs(clocks),
      graceMs: ANSWER_GRACE_MS + 4 * (rttOf(clocks) ?? 0),
    }
  },

  async run({ each, plan, transport, flow, sender, receiver, keepAs, signal }, limits) {
    const setting = {
      ...limits,
      trial: flow.agents.nextTrial(),
      engines: { sender: flow.from.engine, receiver: ('host' in flow.to ? flow.to.host : flow.from).engine },
      route: routeBetween(sender, receiver, each.ipFamily, each.bind),
      rehearse: plan.warmup > 0 && flow.withinHost,
      ...{ transport, keepAs, signal },
    }
    if ('target' in flow.to) return runForeignTrial(each, setting, sender, flow.to.target)
    const practised = setting.rehearse && (await practise(each, setting, flow.agents, sender, receiver))
    const reports = await runTrial(each, { ...setting, practised }, sender, receiver)
    const { problem } = reports
    if (problem?.code === KEEP_FAILED) throw new SetupError(problem.message)
    return believed(reports, each, flow.withinHost)
  },

  failed: problem => ({ problem, foreign: false }),

  account({ each, transport: { traits } }, reports, clocks) {
    const ends = { ...onOneClock(reports, clocks.sender, clocks.receiver), verify: each.verify }
    const outcome = outcomeOf(each.sizeBytes, traits, ends)
    return {
      ...outcomeColumns(outcome),
      ...measuresOf(each.chunkBytes, traits, outcome, ends),
      ...givenColumns(ends.sender, ends.receiver),
      ...threadColumns('sender', ends.sender?.thread),
      ...threadColumns('receiver', ends.receiver?.thread),
      sender_address: ends.receiver?.report.from?.host,
      receiver_address: ends.to?.host,
    }
  },
}
