/** Carries what one sender sends in a trial, whatever its workload is: the walk of its agents, and the account of their reports. */
import { SetupError } from '../../base/errors.ts'
import { finalize } from '../../base/random.ts'
import { emulatedWay } from '../../scenarios/paths.ts'
import type { Case } from '../../scenarios/plan.ts'
import { IMPAIR } from '../../scenarios/settings/impair.ts'
import { ENDLESS_BYTES } from '../../transports/contract/transport.ts'
import { chancesOf, longestMs } from '../../transports/impairment/spec.ts'
import { meanBps, readTrace } from '../../transports/impairment/trace.ts'
import { KEEP_FAILED } from '../fleet/agent/end.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { AgentError } from '../fleet/calls/mailbox.ts'
import { type Flow, type Route, routeBetween } from '../fleet/flow.ts'
import { type Clocks, readClocks, rttOf, UNREAD } from '../workloads/clocks.ts'
import { relayColumns } from '../workloads/report-columns.ts'
import type { AlignedReports, FlowColumns, Job, Limits, Reports, Workload } from '../workloads/workload.ts'
import { practise } from './fresh-agents.ts'
import { believed } from './plausible.ts'
import type { TrialEnd, TrialSetting } from './prepare.ts'
import type { RelayPlace } from './shared-relay.ts'
import { runForeignTrial, runTrial, type TrialRelay } from './trial.ts'
import { checkedAccount, checkedLimits } from './workload-checks.ts'

/** A flow that is carried, and its agent at the other end. */
export interface Leg {
  readonly flow: Flow
  /** The sender itself if the receiver is foreign. */
  readonly receiver: AgentHandle
  /** Where the receiver saves the received data. */
  readonly keepAs: string | undefined
}

/** A job whose agents are ready; its flow is the first. */
export interface Task extends Job {
  readonly sender: AgentHandle
  /** One, or as many as a group has receivers. */
  readonly legs: readonly Leg[]
  /** Its place in what emulates the way, on this host. */
  readonly relay: RelayPlace | undefined
  readonly round: number
  /** Hears the intervals of a stream. */
  readonly heard?: TrialSetting['heard']
  readonly together?: TrialSetting['together']
  /** Told how often sends of this flow waited for room; resolves with how often those of the others from its host did. */
  readonly othersWaited?: ((count: number) => Promise<number>) | undefined
  readonly signal: AbortSignal
}

/**
 * The columns of each leg. Any failure of the network or an agent is in them; every wait has a deadline.
 * @throws AgentError with code `ABORTED`, SetupError
 */
export async function carry(workload: Workload, task: Task): Promise<readonly FlowColumns[]> {
  const { legs, signal } = task
  const jobs = legs.map(({ flow }) => ({ ...task, flow }))
  const clocksOf = () => Promise.all(legs.map(({ receiver }) => readClocks(task.sender, receiver, signal)))
  const before = await clocksOf().catch((error: unknown) => {
    if (!(error instanceof AgentError) || signal.aborted) throw error
    return { phase: 'prepare', code: error.code, message: error.message }
  })
  if ('phase' in before) {
    const reports = onOneClock({ problem: before, foreign: false }, UNREAD)
    return jobs.map(job => checkedAccount(workload, job, reports))
  }
  const limits = jobs.map((job, leg) =>
    withWay(checkedLimits(workload, job, overWay(before[leg] ?? UNREAD, task.each)), task),
  )
  const broken = limits.find(each => 'outcome' in each)
  if (broken) return legs.map(() => broken)
  // The receivers of a group are waited for alike.
  const longest = limits
    .flatMap(each => ('outcome' in each ? [] : [each]))
    .reduce((longest, each) => (each.drainMs > longest.drainMs ? each : longest))
  const reports = await withoutOthersWaits(await walk(task, longest), task)
  // Closer in time to the transfer than the reading before it, unless the link was lost in the meantime.
  const after = await clocksOf().catch(() => before)
  const way = emulatedWay(task.each)
  const isStream = task.transport.traits.socket === 'stream'
  return jobs.map((job, leg) => {
    const clocks = after[leg] ?? UNREAD
    const aligned = onOneClock(reports[leg] ?? { foreign: false }, clocks)
    return {
      ...checkedAccount(workload, job, aligned),
      control_rtt_ms: rttOf(clocks),
      ...relayColumns(aligned.relay),
      way: way && IMPAIR.format(way),
      impair_left_out: isStream && !task.sender.standing.apart ? chancesOf(way) : undefined,
    }
  })
}

/** The kernel's count of a host's drops holds the waits of all flows from there. */
async function withoutOthersWaits(
  reports: readonly Reports[],
  { othersWaited }: Task,
): Promise<readonly Reports[]> {
  const waits = Math.max(0, ...reports.map(({ sender }) => sender?.report.info.fullSends ?? 0))
  const others = (await othersWaited?.(waits)) ?? 0
  if (others === 0) return reports
  return reports.map(({ sender, ...rest }) => {
    const { drops } = sender?.report ?? {}
    if (!sender || drops?.hostSndbufErrors === undefined) return { sender, ...rest }
    const hostSndbufErrors = Math.max(0, drops.hostSndbufErrors - others)
    return {
      ...rest,
      sender: { ...sender, report: { ...sender.report, drops: { ...drops, hostSndbufErrors } } },
    }
  })
}

async function walk(task: Task, limits: Limits): Promise<readonly Reports[]> {
  const { each, plan, transport, flow, sender, legs, heard, together, round, signal } = task
  const isWarm = plan.warmup > 0 && flow.withinHost
  const setting = {
    ...limits,
    trial: flow.agents.nextTrial(),
    // A rehearsal has one receiver.
    // Nor is there a way between namespaces before the trial.
    rehearse: isWarm && each.group === undefined && !sender.standing.apart,
    unrecorded: isWarm && round <= 0,
    ...{ transport, signal, heard, together },
    ...(plan.reportEveryMs === undefined ? {} : { reportEveryMs: plan.reportEveryMs }),
  }
  const [first = sender] = legs.map(({ receiver }) => receiver)
  const from = { agent: sender, engine: flow.from.engine, route: routeTo(first, task) }
  if ('target' in flow.to) return [await runForeignTrial(each, setting, from, flow.to.target)]
  const receivers = legs.map(({ flow: { from, to }, receiver, keepAs }) => ({
    ...{ agent: receiver, engine: ('host' in to ? to.host : from).engine },
    ...{ route: behindRelay(routeTo(receiver, task), task), keepAs },
  }))
  const practised =
    isWarm && !sender.standing.apart && (await practise(each, setting, flow.agents, from, receivers))
  const all = await runTrial(each, { ...setting, practised }, from, receivers, relayOf(task, from, receivers))
  const unsaved = all.find(({ problem }) => problem?.code === KEEP_FAILED)
  if (unsaved?.problem) throw new SetupError(unsaved.problem.message)
  return all.map((reports, leg) => believed(reports, each, legs[leg]?.flow.withinHost ?? false))
}

function routeTo(receiver: AgentHandle, { each, flow, sender }: Task): Route {
  const route = routeBetween(sender, receiver, each.ipFamily, each.bind)
  // What goes to a group leaves by the interface that its receivers have joined on: of this address, unless one is asked for.
  const isNear = each.group !== undefined && flow.withinHost && each.socket.device === undefined
  return isNear ? { ...route, sendFrom: route.bind.host } : route
}

/** A receiver here gets its data from the relay, and not from the host of the sender. */
function behindRelay(route: Route, { relay, flow, each }: Task): Route {
  const isHere = relay !== undefined && emulatedWay(each) && !flow.withinHost && !flow.from.isHere
  return isHere ? { ...route, peer: route.bind.host } : route
}

/** It stands where this host is: at the address by which the sender knows the receiver, or its own. */
function relayOf(
  { each, relay: place, flow, round }: Task,
  from: TrialEnd,
  [to]: readonly TrialEnd[],
): TrialRelay | undefined {
  if (!place || !to) return undefined
  const here = flow.hosts.find(host => host.isHere)
  const { bind, reachedAt = bind.host, sendFrom } = from.route
  const host = flow.withinHost ? bind.host : flow.from.isHere ? (sendFrom ?? bind.host) : reachedAt
  // Every round has other chances, and the same for every case.
  return {
    ...{ place, host, apart: place.agent.standing.apart },
    engine: here?.engine ?? from.engine,
    seed: finalize(each.seed ^ (round * 0x9e3779b1)),
  }
}

/** What TCP over loopback takes ahead of a relay that reads no more of it. */
const MOST_BUFFERED_BYTES = 8 * 1024 * 1024

/** The payload takes its time on a slow way, and each chunk a round trip at worst, if it waits for its answer. */
function withWay(limits: ReturnType<typeof checkedLimits>, { each, plan, transport }: Task) {
  const way = emulatedWay(each)
  if ('outcome' in limits || !way || plan.timeoutMs !== undefined) return limits
  const { trace, rateBps = trace === undefined ? undefined : meanBps(readTrace(trace)) } = way.up
  const { reliable, socket } = transport.traits
  // A stream leaves what the sockets before the relay have taken.
  const bytes =
    each.sizeBytes === ENDLESS_BYTES ? (socket === 'stream' ? MOST_BUFFERED_BYTES : 0) : each.sizeBytes
  // All flows share the rate.
  const { streams = 1 } = each
  const sendingMs = rateBps === undefined ? 0 : (2 * 8000 * bytes * streams) / rateBps
  const waits = reliable && socket === 'datagram' ? Math.max(1, Math.ceil(bytes / each.chunkBytes)) : 1
  const roundTripMs = longestMs(way.up, each.chunkBytes) + longestMs(way.down, each.chunkBytes)
  const extraMs = sendingMs + 2 * waits * roundTripMs
  const { timeoutMs, answerTimeoutMs } = limits
  return { ...limits, timeoutMs: timeoutMs + extraMs, answerTimeoutMs: answerTimeoutMs + extraMs }
}

/** The clocks of hosts between which a way is emulated: its round trip counts as theirs. */
function overWay(clocks: Clocks, each: Case): Clocks {
  const way = emulatedWay(each)
  const { chunkBytes } = each
  if (!way) return clocks
  const roundTripMs = longestMs(way.up, chunkBytes) + longestMs(way.down, chunkBytes)
  const { sender } = clocks
  return { ...clocks, sender: { ...sender, rttMs: (rttOf(clocks) ?? 0) + roundTripMs } }
}

/** Converts the receiver's times to the sender's clock. */
function onOneClock(reports: Reports, { sender, receiver }: Clocks): AlignedReports {
  const clockErrorMs = sender.errorMs + receiver.errorMs
  const shiftMs = sender.offsetMs - receiver.offsetMs
  const received = reports.receiver
  if (!received || shiftMs === 0) return { ...reports, clockErrorMs }
  const { firstAt, lastAt } = received.report
  const report = {
    ...received.report,
    ...(firstAt === undefined ? {} : { firstAt: firstAt + shiftMs }),
    ...(lastAt === undefined ? {} : { lastAt: lastAt + shiftMs }),
  }
  return { ...reports, receiver: { ...received, report }, clockErrorMs }
}
