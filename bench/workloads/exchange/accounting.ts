/** Outcome and latencies of a flow of requests, from both ends' reports. Pure. */

import { Latencies } from '../../../base/latencies.ts'
import { counted } from '../../../base/units.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Outcome } from '../../../results/schema/outcome.ts'
import type { Case } from '../../../scenarios/plan.ts'
import type { Asked } from '../../../transports/contract/reports.ts'
import { decodeTimes } from '../../../transports/contract/times.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import { datagramMeasures } from '../datagrams.ts'
import { known, oneWay } from '../one-way.ts'
import { troubleOf } from '../outcomes.ts'
import { sentColumns } from '../report-columns.ts'
import type { AlignedReports } from '../workload.ts'

type Measures = Partial<TrialRecord>

export function exchangeOutcome({ reliable }: Traits, reports: AlignedReports): Outcome {
  const trouble = troubleOf(reports)
  if (trouble) return trouble
  const asked = reports.sender?.report.exchange
  if (reliable && asked && asked.damaged > 0) {
    const message = `${counted(asked.damaged, 'answer has', 'answers have')} other bytes than the request`
    return { kind: 'failed', phase: 'ack', code: 'DAMAGED', message }
  }
  return { kind: asked && asked.answered === asked.made ? 'completed' : 'incomplete' }
}

/** Undefined means unknown; 0 is a measurement. */
export function exchangeColumns({ chunkBytes }: Case, traits: Traits, reports: AlignedReports): Measures {
  const { sender, receiver } = reports
  const asked = sender?.report.exchange
  return {
    ...(traits.socket === 'datagram' ? datagramMeasures(chunkBytes, reports) : {}),
    ...(receiver ? {} : reflectedCounts(asked, sender?.report.datagramsAccepted)),
    ...sentColumns(sender),
    receiver_cpu_ms: receiver?.cpuMs,
    clock_error_ms: receiver && reports.clockErrorMs,
    ...(asked
      ? { ...countsOf(asked, traits, reports), ...latenciesOf(asked), ...waysOf(asked, reports) }
      : {}),
  }
}

/** A foreign reflector may prove how many requests it got. */
function reflectedCounts(asked: Asked | undefined, accepted = 0): Measures {
  const delivered = asked?.reflected?.count
  if (delivered === undefined || delivered > accepted) return {}
  const lost = accepted - delivered
  return { datagrams_delivered: delivered, datagrams_lost: lost, loss_ratio: lost / accepted }
}

function countsOf(asked: Asked, traits: Traits, { receiver }: AlignedReports): Measures {
  const { made, answered, late, damaged, duplicated } = asked
  const answers = receiver ? receiver.report.exchange?.answers : asked.reflected?.count
  const came = answered + late + damaged + duplicated
  return {
    requests: made,
    answered,
    answers_late: late,
    answers_damaged: damaged,
    answers_duplicated: duplicated,
    // The network may have doubled an answer.
    answers_lost:
      answers === undefined || traits.socket === 'stream' ? undefined : Math.max(0, answers - came),
  }
}

/** A percentile only where ten answers or more are beyond it. */
function latenciesOf({ rtt, lateness }: Asked): Measures {
  const trips = Latencies.from(rtt)
  const late = lateness === undefined ? undefined : Latencies.from(lateness)
  const enough = (share: number) => (trips.has(share) ? trips.quantile(share) : undefined)
  return {
    ...(trips.count === 0
      ? {}
      : {
          rtt_min_ms: trips.minMs,
          rtt_p50_ms: trips.quantile(0.5),
          rtt_p90_ms: enough(0.9),
          rtt_p99_ms: enough(0.99),
          rtt_p999_ms: enough(0.999),
          rtt_p9999_ms: enough(0.9999),
          rtt_max_ms: trips.maxMs,
          rtt_histogram: rtt,
        }),
    ...(late && late.count > 0 ? { lateness_p50_ms: late.quantile(0.5), lateness_max_ms: late.maxMs } : {}),
  }
}

/** One-way times, of requests whose times both ends kept: on compared clocks, or by a foreign reflector's own. */
function waysOf(asked: Asked, { sender, receiver, clockErrorMs }: AlignedReports): Measures {
  const {
    firstAt,
    arrived: arrivals,
    errorMs,
  } = receiver
    ? { ...receiver.report, ...receiver.report.exchange, errorMs: clockErrorMs }
    : { ...asked.reflected }
  const startedAt = sender?.report.startedAt
  const texts = [asked.due, asked.back, arrivals]
  if (firstAt === undefined || startedAt === undefined || texts.includes(undefined)) return {}
  const [due, back, arrived] = texts.map(text => decodeTimes(text ?? ''))
  if (!due || !back || !arrived) return {}
  const shiftMs = firstAt - startedAt
  const ways = (took: (index: number) => number) => oneWay(Array.from(due, (_, index) => took(index)))
  const at = (times: Float64Array, index: number) => times[index] ?? Number.NaN
  const there = ways(index => shiftMs + at(arrived, index) - at(due, index))
  const home = ways(index => at(back, index) - shiftMs - at(arrived, index))
  return {
    ...(there && {
      there_p50_ms: known(errorMs, there.medianMs),
      there_max_ms: known(errorMs, there.maxMs),
      there_jitter_ms: there.jitterMs,
      there_variation_ms: there.variationMs,
    }),
    ...(home && {
      back_p50_ms: known(errorMs, home.medianMs),
      back_max_ms: known(errorMs, home.maxMs),
      back_jitter_ms: home.jitterMs,
      back_variation_ms: home.variationMs,
    }),
  }
}
