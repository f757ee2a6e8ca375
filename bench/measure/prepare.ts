/** What the ends of a trial are told to prepare. Pure. */
import { type Case, isStream } from '../../scenarios/plan.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import type { Interval, Prepare } from '../fleet/calls/agent-calls.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import type { PayloadSpec } from '../fleet/calls/payload-spec.ts'
import type { Route } from '../fleet/flow.ts'
import type { Role } from '../fleet/host.ts'
import type { Limits } from '../workloads/workload.ts'

export interface TrialSetting extends Limits {
  readonly trial: number
  readonly transport: Transport
  /** Both ends rehearse right before the trial: they are on one host, and the run does not measure a cold start. */
  readonly rehearse?: boolean
  /** These processes have practised such a trial. */
  readonly practised?: boolean
  /** It is practice, or of a warm-up round. */
  readonly unrecorded?: boolean
  /** Of a stream: the time between two reports, and who hears them. */
  readonly reportEveryMs?: number
  readonly heard?: ((role: Role, interval: Interval) => void) | undefined
  /** Resolves when the other flows of the trial are ready to start, too, or will not be. */
  readonly together?: (() => Promise<void>) | undefined
  readonly signal: AbortSignal
}

/** An end of a trial, and what is its own there. */
export interface TrialEnd {
  readonly agent: AgentHandle
  readonly engine: string
  /** Of a sender, to the first of its receivers. */
  readonly route: Route
  /** Where a receiver saves the received data. */
  readonly keepAs?: string | undefined
}

/** Time between two reports of a stream where nothing else is asked for. */
export const USUAL_EVERY_MS = 1000
const ANY = { 4: '0.0.0.0', 6: '::' } as const

/** @param port of the group, where another receiver has chosen it */
export function prepareMessage(
  each: Case,
  setting: TrialSetting,
  role: Role,
  { engine, route, keepAs }: TrialEnd,
  port = 0,
): Prepare {
  return {
    type: 'prepare',
    trial: setting.trial,
    workload: each.workload,
    transport: each.transport,
    role: role === 'sender' ? 'send' : 'receive',
    engine,
    payload: payloadSpec(each),
    // Where a sender sends from, which decides the interface.
    local:
      role === 'sender' && each.group
        ? { ...route.bind, host: route.sendFrom ?? ANY[each.ipFamily] }
        : route.bind,
    ...(each.group === undefined ? {} : { group: { host: each.group, port } }),
    ...(route.peer === undefined ? {} : { peer: route.peer }),
    socket: each.socket,
    rateBps: each.rateBps,
    ...timesOf(each, setting.reportEveryMs ?? USUAL_EVERY_MS),
    rehearse: setting.rehearse,
    practised: setting.practised,
    unrecorded: setting.unrecorded,
    resumption: each.resumption,
    readLate: each.readLate,
    verify: each.verify,
    maxDatagramBytes: each.maxDatagramBytes,
    answerTimeoutMs: setting.answerTimeoutMs,
    keepAs,
  }
}

function payloadSpec({ sizeBytes, chunkBytes, seed, file, files, payload: made }: Case): PayloadSpec {
  if (file !== undefined) return { kind: 'file', path: file, others: files, sizeBytes, chunkBytes }
  const generated = { sizeBytes, chunkBytes, seed }
  return made === undefined ? { kind: 'generated', ...generated } : { kind: 'made', made, ...generated }
}

function timesOf(each: Case, everyMs: number): Pick<Prepare, 'requests' | 'stream' | 'frames'> {
  const { messages: most, durationMs, intervalMs, omitMs, frames, fps } = each
  if (frames !== undefined)
    return { frames: { most: frames, durationMs, ...(fps === undefined ? {} : { everyMs: 1000 / fps }) } }
  if (isStream(each)) return durationMs === undefined ? {} : { stream: { durationMs, everyMs, omitMs } }
  return (most ?? durationMs) === undefined ? {} : { requests: { most, durationMs, intervalMs } }
}
