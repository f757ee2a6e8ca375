/** What became of the pictures of a camera, from both ends' reports. Pure. */
import { maximum, minimum } from '../../../base/groups.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Outcome } from '../../../results/schema/outcome.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { decodeTimes } from '../../../transports/contract/times.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import { datagramMeasures } from '../datagrams.ts'
import { known, oneWay } from '../one-way.ts'
import { DAMAGED, troubleOf } from '../outcomes.ts'
import { sentColumns } from '../report-columns.ts'
import type { AlignedReports } from '../workload.ts'
import { type Fate, matchFrames } from './matching.ts'

type Measures = Partial<TrialRecord>

/** Completed: every picture that was due came whole, on time or late. */
export function framesOutcome(traits: Traits, reports: AlignedReports, measures: Measures): Outcome {
  const trouble = troubleOf(reports)
  if (trouble) return trouble
  const { frames_due: due, frames_damaged: damaged = 0, frames_dropped: dropped } = measures
  if (traits.reliable && damaged > 0) return DAMAGED
  // Of a foreign receiver only answers are known.
  const missing =
    dropped ?? (due ?? 0) - (measures.frames_answered ?? (due ?? 0) - (measures.frames_unsent ?? 0))
  return { kind: missing + damaged === 0 ? 'completed' : 'incomplete' }
}

/** Undefined means unknown; 0 is a measurement. */
export function framesColumns({ chunkBytes, fps }: Case, traits: Traits, reports: AlignedReports): Measures {
  const { sender, receiver } = reports
  const sent = sender?.report.frames
  return {
    ...(traits.socket === 'datagram' ? datagramMeasures(chunkBytes, reports) : {}),
    ...sentColumns(sender),
    // Whose datagrams they were is known where none is sent again.
    lost_receive_buffer: traits.reliable ? undefined : receiver?.report.drops?.socketDrops,
    receiver_cpu_ms: receiver?.cpuMs,
    clock_error_ms: receiver && reports.clockErrorMs,
    ...(sent ? sendersPart(sent, traits, fps) : {}),
    ...(sent && receiver ? receiversPart(reports, fps) : {}),
  }
}

type FramesSent = NonNullable<NonNullable<AlignedReports['sender']>['report']['frames']>

function sendersPart(
  { due: dueText, left: leftText, answered }: FramesSent,
  traits: Traits,
  fps?: number,
): Measures {
  const [due, left] = [decodeTimes(dueText), decodeTimes(leftText)]
  const lateness = Array.from(left, (at, frame) => at - (due[frame] ?? at)).filter(ms => !Number.isNaN(ms))
  return {
    frames_due: due.length,
    frames_unsent: due.length - lateness.length,
    frames_answered: traits.acknowledged ? answered : undefined,
    frame_lateness_max_ms: fps === undefined || lateness.length === 0 ? undefined : Math.max(0, ...lateness),
  }
}

function receiversPart({ sender, receiver, clockErrorMs }: AlignedReports, fps?: number): Measures {
  const { frames: sent, startedAt = 0 } = sender?.report ?? {}
  const { frames: came, firstAt = startedAt } = receiver?.report ?? {}
  const due = decodeTimes(sent?.due ?? '')
  const whole = decodeTimes(came?.whole ?? '').map(at => at + firstAt - startedAt)
  const fates = matchFrames(
    { left: decodeTimes(sent?.left ?? ''), digests: sent?.digests ?? [] },
    { whole, digests: came?.digests ?? [] },
    clockErrorMs,
  )
  const count = (fits: (fate: Fate, frame: number) => boolean) => fates.filter(fits).length
  // The next one is due later by the time between two; without a rate, it is due when its sending began.
  const nextDue = (frame: number) =>
    due[frame + 1] ?? (fps === undefined ? Number.POSITIVE_INFINITY : ((frame + 1) * 1000) / fps)
  const onTime = count((fate, frame) => typeof fate === 'number' && fate <= nextDue(frame))
  const arrived = fates.filter(fate => typeof fate === 'number')
  const delays = oneWay(
    fates.map((fate, frame) => (typeof fate === 'number' ? fate - (due[frame] ?? 0) : Number.NaN)),
  )
  const spanMs = maximum(arrived) - minimum(arrived)
  return {
    frames_on_time: onTime,
    frames_late: arrived.length - onTime,
    frames_damaged: count(fate => fate === 'damaged'),
    frames_dropped: count(fate => fate === 'dropped'),
    frames_on_time_ratio: fates.length > 0 ? onTime / fates.length : undefined,
    frames_per_second: spanMs > 0 ? ((arrived.length - 1) * 1000) / spanMs : undefined,
    frame_delay_p50_ms: delays && known(clockErrorMs, delays.medianMs),
    frame_delay_max_ms: delays && known(clockErrorMs, delays.maxMs),
    frame_jitter_ms: delays?.jitterMs,
    datagrams_stray_from: came?.strayFrom,
  }
}
