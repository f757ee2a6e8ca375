/** The workload `exchange`: requests and their answers, for their latency. */

import type { Case } from '../../../scenarios/plan.ts'
import { EXCHANGE } from '../../../scenarios/settings/words.ts'
import { drainMs, rttOf } from '../clocks.ts'
import { outcomeColumns } from '../outcomes.ts'
import { endColumns } from '../report-columns.ts'
import { noParameters, type Workload } from '../workload.ts'
import { exchangeColumns, exchangeOutcome } from './accounting.ts'
import { ExchangeEnds } from './ends.ts'

/** How long an answer may take, without the round trips of the path. */
const ANSWER_MS = 1000
/** How long a closed loop of requests may take where nothing says otherwise: over a long path each takes its round trip. */
const CLOSED_MS = 600_000
/** Beside the time that requests take. */
const SLACK_MS = 5000

export const exchange: Workload = {
  name: EXCHANGE,
  summary: 'requests and their answers, for their latency',

  obstacle(transport, wishes) {
    if (!transport.exchange) return 'it answers no messages'
    return noParameters(wishes)
  },

  ends: () => new ExchangeEnds(),

  limits({ each, plan }, clocks) {
    const rttMs = rttOf(clocks) ?? 0
    const answerTimeoutMs = ANSWER_MS + 4 * rttMs
    return {
      timeoutMs: plan.timeoutMs ?? lastsMs(each) + answerTimeoutMs + SLACK_MS,
      answerTimeoutMs,
      drainMs: plan.drainMs ?? drainMs(clocks),
      graceMs: 0,
    }
  },

  account(job, reports) {
    const outcome = exchangeOutcome(job.transport.traits, reports)
    return {
      ...outcomeColumns(outcome),
      ...exchangeColumns(job.each, job.transport.traits, reports),
      ...endColumns(reports),
    }
  },
}

function lastsMs({ messages = 0, durationMs, intervalMs }: Case): number {
  return durationMs ?? (intervalMs === undefined ? CLOSED_MS : messages * intervalMs)
}
