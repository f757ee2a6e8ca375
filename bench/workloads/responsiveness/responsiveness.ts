/** The workload `responsiveness`: how many round trips a minute there are while connections are full. */
import { RESPONSIVENESS } from '../../../scenarios/settings/words.ts'
import { drainMs } from '../clocks.ts'
import { outcomeColumns, troubleOf } from '../outcomes.ts'
import { endColumns, sentColumns } from '../report-columns.ts'
import { noParameters, type Workload } from '../workload.ts'
import { ResponsivenessEnds } from './ends.ts'

/** Longest wait for a connection, and what a trial may take beside the time of the load. */
const ANSWER_MS = 5000
const SLACK_MS = 20_000

export const responsiveness: Workload = {
  name: RESPONSIVENESS,
  summary: 'round trips per minute while connections are full, until they are stable or --duration is over',

  obstacle(transport, wishes) {
    if (!transport.load) return 'it cannot send requests behind a load; choose tcp'
    return noParameters(wishes)
  },

  ends: () => new ResponsivenessEnds(),

  limits({ each: { durationMs = 0 }, plan }, clocks) {
    return {
      timeoutMs: plan.timeoutMs ?? durationMs + SLACK_MS,
      answerTimeoutMs: ANSWER_MS,
      drainMs: plan.drainMs ?? drainMs(clocks),
      graceMs: 0,
    }
  },

  account(_job, reports) {
    const found = reports.sender?.report.responsiveness
    const outcome = troubleOf(reports) ?? { kind: found?.rpm === undefined ? 'incomplete' : 'completed' }
    return {
      ...outcomeColumns(outcome),
      ...sentColumns(reports.sender),
      receiver_cpu_ms: reports.receiver?.cpuMs,
      goodput_bps: found?.goodputBps,
      rpm: found?.rpm,
      rpm_connect_ms: found?.tcpMs,
      rpm_request_ms: found?.httpMs,
      rpm_loaded_ms: found?.loadedMs,
      rpm_idle_ms: found?.idleMs,
      rpm_probes: found?.probes,
      rpm_connections: found?.connections,
      rpm_confidence: found?.confidence,
      ...endColumns(reports),
    }
  },
}
