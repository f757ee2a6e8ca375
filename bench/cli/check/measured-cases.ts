/** Rows of a run -> the plan that it had: what can be measured again here, and what cannot. Pure. */

import { formatBytes } from '../../../base/units.ts'
import { type Cell, cellKey, shorten } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { DEFAULTS, SINGLE_ROUNDS, usualProcesses } from '../../../scenarios/defaults.ts'
import { SCENARIO_NAME } from '../../../scenarios/fields.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import { FLAGS, type PlanSockets } from '../../../scenarios/socket-settings.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import type { Pins } from '../../fleet/agent/pinning.ts'

/** A cell, and what its rows say beside it of how it was measured. */
export interface MeasuredCase extends Pick<TrialRecord, 'scenario' | 'seed' | 'nodelay' | 'pinned_cpus'> {
  readonly cell: Cell
  /** Recorded rounds of its run. */
  readonly rounds: number
  /** Pairs of processes that shared them; undefined in files of older versions. */
  readonly processes: number | undefined
}

/** What there is here to measure with. */
export interface Means {
  readonly transports: ReadonlyMap<string, Transport>
  /** Engines that work here. */
  readonly engines: ReadonlyMap<string, PlanSockets>
  /** CPUs that agents can be bound to; empty where none can. */
  readonly cpus: readonly number[]
  /** Sizes in bytes of files that are here, by the names in rows. */
  readonly fileSizes: ReadonlyMap<string, number>
}

export interface PlannedRun {
  readonly plan: Plan
  readonly pins: Pins | undefined
}

export interface Unmeasurable {
  readonly cell: Cell
  /** Why, and what to do. */
  readonly reason: string
}

/**
 * The plans of measured cases, in the order in which their scenarios first appear: cases that were interleaved are so again. What
 * rows do not tell (warm-up, `--drain`, `--timeout`) is as by default.
 * @param repeat recorded rounds; as many as there were when absent
 */
export function plansOf(
  measured: readonly MeasuredCase[],
  means: Means,
  repeat?: number,
): { readonly runs: readonly PlannedRun[]; readonly left: readonly Unmeasurable[] } {
  const runs = new Map<string, Gathered>()
  const left: Unmeasurable[] = []
  for (const each of measured) {
    const reason = obstacle(each, means)
    if (reason !== undefined) {
      left.push({ cell: each.cell, reason })
      continue
    }
    const { scenario, seed, pinned_cpus, cell, rounds, processes } = each
    const key = JSON.stringify([scenario, seed, pinned_cpus ?? null, cell.engine])
    const run = runs.get(key) ?? { first: each, rounds: 0, processes: undefined, cases: new Map() }
    runs.set(key, run)
    run.rounds = Math.max(run.rounds, rounds)
    if (processes !== undefined) run.processes = Math.max(run.processes ?? 0, processes)
    run.cases.set(cellKey(cell), caseOf(each, means))
  }
  return {
    left,
    runs: [...runs.values()].map(({ first, rounds, processes, cases }) => ({
      plan: {
        scenario: first.scenario,
        engine: first.cell.engine,
        notes: [],
        cases: [...cases.values()],
        repeat: repeat ?? rounds,
        warmup: DEFAULTS.warmup,
        processes:
          repeat === undefined && processes !== undefined
            ? processes
            : usualProcesses(repeat ?? rounds, SINGLE_ROUNDS),
        seed: first.seed,
        drainMs: undefined,
        timeoutMs: undefined,
      },
      pins: pinsOf(first.pinned_cpus),
    })),
  }
}

interface Gathered {
  readonly first: MeasuredCase
  rounds: number
  processes: number | undefined
  readonly cases: Map<string, Case>
}

function caseOf({ scenario, seed, nodelay, cell }: MeasuredCase, means: Means): Case {
  const { variant, file, rate_bps, max_datagram_bytes, bind_asked } = cell
  const stream = means.transports.get(cell.transport)?.traits.socket === 'stream'
  return {
    scenario,
    ...(variant === undefined ? {} : { variant }),
    transport: cell.transport,
    ...(file === undefined ? {} : { file }),
    sizeBytes: cell.size_bytes,
    chunkBytes: cell.chunk_bytes,
    ...(rate_bps === undefined ? {} : { rateBps: rate_bps }),
    ...(max_datagram_bytes === undefined ? {} : { maxDatagramBytes: max_datagram_bytes }),
    ...(cell.verify === undefined || cell.verify === DEFAULTS.verify ? {} : { verify: cell.verify }),
    socket: { ...(stream ? { nodelay: nodelay ?? DEFAULTS.nodelay } : {}), ...askedOptions(cell) },
    ...(bind_asked === undefined ? {} : { bind: bind_asked }),
    ipFamily: cell.ip_family === 6 ? 6 : 4,
    seed,
  }
}

/** The inverse of `askedColumns`. */
function askedOptions(cell: Cell): SocketOptions {
  const offload = cell.offload_asked?.split(',')
  const options: SocketOptions = {
    device: cell.interface_asked,
    sndbufBytes: cell.sndbuf_asked_bytes,
    rcvbufBytes: cell.rcvbuf_asked_bytes,
    congestion: cell.congestion_asked,
    mssBytes: cell.mss_asked_bytes,
    maxPacingBps: cell.max_pacing_asked_bps,
    dscp: cell.dscp_asked,
    df: cell.df_asked,
    gso: offload?.includes('gso') || undefined,
    gro: offload?.includes('gro') || undefined,
    // Read back as false where the system would not: it was asked for all the same.
    zerocopy: cell.zerocopy === undefined ? undefined : true,
    batch: cell.batch_asked,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function obstacle(each: MeasuredCase, means: Means): string | undefined {
  const { cell, scenario, pinned_cpus } = each
  const transport = means.transports.get(cell.transport)
  if (!transport) return `there is no transport ${shorten(cell.transport)} here`
  // It becomes a part of the name of a file.
  if (!SCENARIO_NAME.test(scenario)) return `its scenario has no name of one: ${shorten(scenario)}`
  if (cell.side !== undefined) return 'it is a side of bench ab; measure it with bench ab again'
  if (cell.direction !== 'local')
    return 'it was measured with another host; measure it with bench run, and give that file'
  const engine = means.engines.get(cell.engine)
  if (!engine) return `the engine ${shorten(cell.engine)} does not work here`
  const pins = pinsOf(pinned_cpus)
  if (
    pinned_cpus !== undefined &&
    !(pins && [pins.sender, pins.receiver].every(cpu => means.cpus.includes(cpu)))
  )
    return `it was measured on the CPUs ${shorten(pinned_cpus)}, which are not ours to use here`
  if (cell.file !== undefined) {
    const sizeBytes = means.fileSizes.get(cell.file)
    if (sizeBytes === undefined) return `the file ${shorten(cell.file)} is not here; run it where that is`
    if (sizeBytes !== cell.size_bytes)
      return `the file ${shorten(cell.file)} has ${formatBytes(sizeBytes)} now, not ${formatBytes(cell.size_bytes)}`
  }
  const family = cell.ip_family === 6 ? 6 : 4
  const objection = engine.objection(transport.traits.socket, family, askedOptions(cell))
  return objection && `${FLAGS[objection.option]}: ${objection.reason}`
}

function pinsOf(columns: string | undefined): Pins | undefined {
  const [, sender, receiver] = /^(\d{1,4}),(\d{1,4})$/.exec(columns ?? '') ?? []
  return sender === undefined || receiver === undefined
    ? undefined
    : { sender: Number(sender), receiver: Number(receiver) }
}
