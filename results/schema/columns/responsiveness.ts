/** Responsiveness: round trips per minute while connections are full. */
import { COUNT, MS, measured } from './column.ts'

/** From the least to the most. */
export const CONFIDENCES = ['low', 'medium', 'high'] as const

const MEAN_MS = { ...MS, over: 'mean' } as const
const TRIMMED = 'mean without the slowest 5 %'

export const RESPONSIVENESS_COLUMNS = {
  rpm: measured(
    { type: 'number', unit: 'per minute', over: 'mean' },
    'Round trips per minute under load (workload `responsiveness`): (60000 / ((rpm_connect_ms + rpm_request_ms) / 2) + 60000 / rpm_loaded_ms) / 2, from the last four intervals of a second. draft-ietf-ippm-responsiveness-09, in the form for TCP alone.',
  ),
  rpm_connect_ms: measured(MEAN_MS, `Connecting beside the load (tcp_f); ${TRIMMED}.`),
  rpm_request_ms: measured(
    MEAN_MS,
    `The first request of one byte on such a fresh connection, and its answer (http_f); ${TRIMMED}.`,
  ),
  rpm_loaded_ms: measured(
    MEAN_MS,
    `A request of one byte on a loaded connection, behind what waits there to be sent, and its answer (http_l); ${TRIMMED}. The send buffer of the host is part of it.`,
  ),
  rpm_idle_ms: measured(MEAN_MS, 'Median of ten requests on fresh connections before the load.'),
  rpm_probes: measured(COUNT, 'Requests that were answered under load, in all of its time.'),
  rpm_connections: measured(COUNT, 'Connections that carried the load at the end.'),
  rpm_confidence: measured(
    { type: 'string', values: CONFIDENCES, perTrial: true, over: 'first' },
    'high: goodput and then rpm were stable (a standard deviation of under 5 % over four moving averages) before the time was over; medium: one of them was; low: none.',
  ),
}
