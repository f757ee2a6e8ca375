/** Records as a run would give them, for tests of what becomes of them: the same at every call. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { IntervalRecord } from '../../results/schema/intervals.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import { fairnessOf } from '../../results/statistics/fairness.ts'

const BASE: TrialRecord = {
  run_id: '20260301T120000Z-abcd',
  started_at: '2026-03-01T12:00:00.000Z',
  scenario: 'custom',
  round: 1,
  trial: 1,
  transport: 'tcp',
  engine: 'node',
  direction: 'local',
  ip_family: 4,
  size_bytes: 819_200,
  chunk_bytes: 1024,
  seed: 1,
  outcome: 'completed',
  limit_emulated: false,
  workload: 'transfer',
  verify: 'full',
  os: 'linux',
  os_release: '6.18.0',
  arch: 'x64',
  cpu_model: 'Example CPU',
  cpu_count: 2,
  node_version: '20.20.2',
  bench_version: '0.1.0',
  host: 'bench-host',
}

/** A record that says nothing but what every record says, and `values`. */
export function record(values: Partial<TrialRecord> = {}): TrialRecord {
  return { ...BASE, ...values }
}

/** A TCP trial of this goodput. */
export function stream(goodputBps: number, values: Partial<TrialRecord> = {}): TrialRecord {
  const merged = record(values)
  const { size_bytes: bytes = 0 } = merged
  const deliveryMs = (8000 * bytes) / goodputBps
  return {
    ...merged,
    bytes_delivered: bytes,
    goodput_bps: goodputBps,
    delivery_ms: deliveryMs,
    receive_ms: deliveryMs * 0.9,
    total_ms: deliveryMs * 1.05,
    connect_ms: 0.1,
    handshake_ms: 0.2,
    transfer_ms: deliveryMs * 0.8,
    ack_ms: 0.1,
    payload_intact: true,
    nodelay: true,
    clock_error_ms: 0,
    ...values,
  }
}

/** A UDP trial in which `lost` datagrams did not arrive; `goodputBps` is that of what did. */
export function datagrams(goodputBps: number, lost = 0, values: Partial<TrialRecord> = {}): TrialRecord {
  const merged = record({ transport: 'udp-header', ...values })
  const { size_bytes: sizeBytes = 0 } = merged
  const offered = merged.transport === 'udp-datagram' ? 1 : Math.ceil(sizeBytes / merged.chunk_bytes)
  const delivered = offered - lost
  const bytes = Math.min(sizeBytes, delivered * merged.chunk_bytes)
  const deliveryMs = (8000 * bytes) / goodputBps
  return {
    ...merged,
    outcome: lost > 0 ? 'incomplete' : 'completed',
    datagrams_offered: offered,
    datagrams_accepted: offered,
    datagrams_refused: 0,
    datagrams_delivered: delivered,
    datagrams_lost: lost,
    datagrams_duplicated: 0,
    datagrams_reordered: 0,
    datagrams_corrupt: 0,
    datagrams_late: 0,
    bytes_delivered: bytes,
    loss_ratio: lost / offered,
    ...(lost > 0 ? { loss_cause: 'receive buffer' as const } : {}),
    goodput_bps: goodputBps,
    delivery_ms: deliveryMs,
    total_ms: deliveryMs * 1.1,
    payload_intact: lost === 0,
    rcvbuf_bytes: 212_992,
    clock_error_ms: 0,
    ...values,
  }
}

/** A UDP trial whose first datagram was too long for the system. */
export function refused(values: Partial<TrialRecord> = {}): TrialRecord {
  const offered = values.transport === 'udp-datagram' ? 1 : 10
  return record({
    transport: 'udp-header',
    outcome: 'refused',
    error_code: 'EMSGSIZE',
    error_phase: 'transfer',
    error_message: 'Message too long',
    datagrams_offered: offered,
    datagrams_accepted: 0,
    datagrams_refused: offered,
    datagrams_delivered: 0,
    datagrams_lost: 0,
    bytes_delivered: 0,
    loss_cause: 'refused by the system',
    payload_intact: false,
    ...values,
  })
}

/** A UDP trial whose header or begin marker a firewall of the sender's host refused. */
export function refusedHeader(values: Partial<TrialRecord> = {}): TrialRecord {
  return refused({
    ...{ error_code: 'EPERM', error_phase: 'handshake', refused_datagram_bytes: 8 },
    ...{ datagrams_offered: 0, datagrams_refused: 0, loss_cause: undefined },
    ...values,
  })
}

/** A UDP trial whose payload arrived, and what begins it did not. */
export function headerLost(values: Partial<TrialRecord> = {}): TrialRecord {
  return datagrams(1e9, 0, {
    ...{ outcome: 'incomplete', error_code: 'HEADER_LOST', payload_intact: false },
    ...values,
  })
}

/** Rounds of `make(round, noise)`; `noise` is around 1 and the same at every call. */
export function rounds(
  count: number,
  make: (round: number, noise: number) => TrialRecord,
): readonly TrialRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    ...make(index + 1, 1 + 0.04 * Math.sin(7.3 * index + index ** 2)),
    round: index + 1,
    trial: index + 1,
  }))
}

/** The main job: 20 rounds of three transports; UDP loses to a small receive buffer. */
export function mainJob(): readonly TrialRecord[] {
  return [
    ...rounds(20, (_, noise) => stream(2.41e9 * noise)),
    ...rounds(20, (round, noise) => datagrams(1.62e9 * noise, round % 10 === 0 ? 0 : 207)),
    ...rounds(20, (_, noise) => datagrams(985e6 * noise, 193, { transport: 'udp-marker' })),
  ]
}

/** A trial of several streams at the same time, each with its goodput in Mbit/s; over UDP the last one loses. */
function together(
  shares: readonly number[],
  transport: 'tcp' | 'udp-marker',
  round: number,
): readonly TrialRecord[] {
  const several = shares.length > 1 ? { streams: shares.length, fairness: fairnessOf(shares) } : {}
  const lost = (index: number) => (transport === 'tcp' || index < shares.length - 1 ? 0 : 100)
  return shares.map((mbps, index) => {
    const which = {
      ...{ transport, workload: 'stream', size_bytes: 800_000, duration_asked_ms: 2000, ...several },
      ...{ round, trial: round, flow: index + 1, process: index + 1 },
    }
    const row = transport === 'tcp' ? stream(mbps * 1e6, which) : datagrams(mbps * 1e6, lost(index), which)
    const figures = {
      tcp_efficiency: 0.99,
      tcp_buffer_delay_ratio: 1.5 + index,
      tcp_transfer_time_ratio: 1.2,
    }
    return {
      ...{ ...row, size_bytes: undefined, datagram_bytes: transport === 'tcp' ? undefined : 1024 },
      ...(transport === 'tcp' ? { ...figures, tcp_retransmits: 7 * index } : {}),
    }
  })
}

/** Six rounds of one stream and of three at the same time, over TCP and UDP. */
export function streamRuns(): readonly TrialRecord[] {
  return [1, 2, 3, 4, 5, 6].flatMap(round => {
    const noise = 1 + 0.01 * round
    const of = (...mbps: number[]) => mbps.map(each => each * noise)
    return [
      ...together(of(900), 'tcp', round),
      ...together(of(500, 300, 100), 'tcp', round + 10).map(each => ({ ...each, round })),
      ...together(of(700), 'udp-marker', round + 20).map(each => ({ ...each, round })),
      ...together(of(200, 200, 200), 'udp-marker', round + 30).map(each => ({ ...each, round })),
    ]
  })
}

/** Four intervals of half a second of each row of streams, and what is left in the buffers after them. */
export function intervalsOf(rows: readonly TrialRecord[]): readonly IntervalRecord[] {
  return rows.flatMap(row =>
    [0, 1, 2, 3, 4].map((at): IntervalRecord => {
      const { run_id, scenario, round, trial, flow, transport, streams, direction } = row
      const [from_ms, to_ms] = [500 * at, at < 4 ? 500 * (at + 1) : 2003]
      const goodput_bps = ((row.goodput_bps ?? 0) * (4 + at)) / 6
      const bytes_delivered = Math.round((goodput_bps * (to_ms - from_ms)) / 8000)
      return {
        ...{ run_id, scenario, round, trial, flow, transport, streams, direction },
        ...{ interval: at + 1, from_ms, to_ms, omitted: false, goodput_bps, bytes_delivered },
        ...(at < 4 ? { bytes_accepted: bytes_delivered } : {}),
        ...(transport === 'tcp' && at < 4 ? { rtt_ms: 1 + at, cwnd_segments: 10, retransmits: at } : {}),
        ...(transport === 'tcp'
          ? {}
          : { datagrams_delivered: Math.round(bytes_delivered / 1024), datagrams_lost: at === 2 ? 100 : 0 }),
      }
    }),
  )
}

/** A sweep over chunk to one byte over what UDP can carry. */
export function chunkSweep(loss: (chunk: number) => number = () => 0): readonly TrialRecord[] {
  const size_bytes = 655_080
  return [64, 512, 1024, 1472, 9216, 32_768, 65_507, 65_508].flatMap(chunk_bytes => {
    const bps = 8e9 * (chunk_bytes / (chunk_bytes + 6000))
    const offered = Math.ceil(size_bytes / chunk_bytes)
    const lost = Math.floor(offered * loss(chunk_bytes))
    return [
      ...rounds(7, (_, noise) => stream(1.4 * bps * noise, { size_bytes, chunk_bytes })),
      ...(['udp-header', 'udp-marker'] as const).flatMap((transport, index) =>
        rounds(7, (_, noise) =>
          chunk_bytes > 65_507
            ? refused({ transport, size_bytes, chunk_bytes })
            : datagrams(bps * (1 - 0.2 * index) * noise, lost, { transport, size_bytes, chunk_bytes }),
        ),
      ),
    ]
  })
}

/** What a file says of how its rows were measured: by this command. */
export function manifest(command: string): Manifest {
  return {
    record: 'run',
    manifest_version: 1,
    started_at: '2026-03-01T12:00:00.000Z',
    argv: command.split(' '),
    bench_version: '0.1.0',
    node_version: '20.19.0',
    hosts: [],
    plans: [],
  }
}

/** Rounds in which 80 of 800 datagrams were lost: so many by each cause. */
export function lost(
  send: number,
  receive: number,
  elsewhere: number,
  values: Partial<TrialRecord> = {},
): readonly TrialRecord[] {
  return rounds(6, () =>
    datagrams(1e9, 80, {
      ...{ lost_send_queue: send, lost_receive_buffer: receive, lost_elsewhere: elsewhere },
      ...{ host_sndbuf_errors: send, loss_cause: undefined, direction: 'forward' },
      ...{ sender_os: 'linux', receiver_os: 'linux', ...values },
    }),
  )
}
