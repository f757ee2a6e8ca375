/** Ours: the native engine over loopback, as `bench run` measures it. */
import { runScenario, type TrialRecord } from '../../../bench/index.ts'
import type { Figure, Setting } from './peer.ts'

export const METHOD =
  'unique payload bytes that the receiver got / time from the sender’s first call to the receiver’s last byte, connecting and SIZE handshake included; lost: accepted by the sender’s system and not received'

/** One figure a round, as its trial ends; our agents are idle until the next is asked for. */
export async function* measureOurs(
  setting: Setting,
  rounds: number,
  signal: AbortSignal,
): AsyncGenerator<Figure> {
  const { streams, pins } = setting
  let flows: TrialRecord[] = []
  for await (const record of runScenario(scenarioOf(setting, rounds), { signal, pins })) {
    flows.push(record)
    if (flows.length < (streams?.count ?? 1)) continue
    yield figureOf(flows, record)
    flows = []
  }
}

function scenarioOf(setting: Setting, rounds: number) {
  const { group, protocol, chunkBytes, sizeBytes, streams, bufferBytes, verify } = setting
  return {
    ...(streams ? { streams: streams.count, duration: `${streams.seconds}s` } : { size: sizeBytes }),
    chunk: chunkBytes,
    transport: protocol === 'tcp' ? 'tcp' : 'udp-marker',
    repeat: rounds,
    ...(verify === undefined ? {} : { verify }),
    // As the peers do it.
    ...(protocol === 'tcp' ? { nodelay: false } : {}),
    ...(bufferBytes === undefined ? {} : { sndbuf: bufferBytes, rcvbuf: bufferBytes }),
    // What is sent in one burst has to fit, or the comparison would be of losses.
    ...(group === 'offload' ? { offload: 'gso,gro', rcvbuf: sizeBytes } : {}),
  }
}

/** The sum of the flows of a trial. */
function figureOf(flows: readonly TrialRecord[], record: TrialRecord): Figure {
  const rates = flows.flatMap(each => each.goodput_bps ?? [])
  return {
    goodput_bps: rates.length < flows.length ? undefined : rates.reduce((sum, each) => sum + each, 0),
    loss_ratio: record.loss_ratio,
    rcvbuf_bytes: record.rcvbuf_bytes,
    details: {
      transport: record.transport,
      engine: record.engine,
      offload: record.offload,
      outcome: record.outcome,
      error_code: record.error_code,
      error_message: record.error_message,
    },
  }
}
