/** Drives the agents of one trial from prepare to report. Cannot hang: every wait has a deadline. */

import { monotonic } from '../../base/clock.ts'
import { formatMs } from '../../base/units.ts'
import { emulatedWay } from '../../scenarios/paths.ts'
import type { Case } from '../../scenarios/plan.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { ReceiveSide, SendSide } from '../fleet/calls/agent-calls.ts'
import type { AgentHandle, Apart } from '../fleet/calls/handle.ts'
import { AgentError } from '../fleet/calls/mailbox.ts'
import type { Reports } from '../workloads/workload.ts'
import { prepareMessage, type TrialEnd, type TrialSetting } from './prepare.ts'
import type { RelayPlace } from './shared-relay.ts'

/** How long an agent may take to abandon a trial before it is replaced. */
const GIVE_UP_MS = 2000
/** How long a drain may exceed its quiet time while datagrams keep arriving. */
const DRAIN_LIMIT_MS = 5000

/**
 * Runs a trial from one of our agents to another, or to as many as a group has: the reports for each of these receivers. Any failure is
 * in the result; an agent that does not answer is disposed of. What becomes of a receiver that has been sent everything concerns no other.
 * @throws AgentError with code `ABORTED` if the run is called off
 */
export async function runTrial(
  each: Case,
  setting: TrialSetting,
  from: TrialEnd,
  [first, ...others]: readonly TrialEnd[],
  relay?: TrialRelay,
): Promise<readonly Reports[]> {
  if (!first) throw new Error('a trial has a receiver')
  const walk = new Walk(setting)
  const { heard } = setting
  const { agent: sender, route } = from
  const receivers = [first, ...others].map(({ agent }) => agent)
  const settled: (ReceiveSide | AgentError)[] = []
  let to: Endpoint | undefined
  try {
    if (heard) {
      sender.hear(setting.trial, interval => heard('sender', interval))
      for (const receiver of receivers) receiver.hear(setting.trial, interval => heard('receiver', interval))
    }
    sender.post(prepareMessage(each, setting, 'sender', from))
    first.agent.post(prepareMessage(each, setting, 'receiver', first))
    // One after the other, so that giving up on one leaves no pending wait at the other.
    const { endpoint, rehearsal } = await walk.next(first.agent, 'ready')
    if (!endpoint) throw new AgentError('INTERNAL', 'the receiver reported no endpoint')
    for (const other of others)
      other.agent.post(prepareMessage(each, setting, 'receiver', other, endpoint.port))
    for (const { agent } of others) await walk.next(agent, 'ready')
    await walk.next(sender, 'ready')
    await setting.together?.()

    walk.phase = 'transfer'
    const reached = { ...endpoint, host: each.group ?? route.reachedAt ?? endpoint.host }
    to = relay ? await relayedTo(reached, each, setting, relay, walk) : reached
    sender.post({
      type: 'go',
      trial: setting.trial,
      to,
      from: route.sendFrom,
      // Ignore a rehearsal endpoint from a receiver on another host.
      rehearsal: setting.rehearse ? rehearsal : undefined,
    })
    const { sent, fingerprint } = await walk.sent(sender, receivers)

    walk.phase = 'drain'
    const { drainMs: quietMs, trial } = setting
    // A stream is settled once its last byte has arrived; datagrams, once the line is quiet.
    const deadlineMs =
      setting.transport.traits.socket === 'stream'
        ? walk.leftMs()
        : Math.min(walk.leftMs(), quietMs + DRAIN_LIMIT_MS)
    for (const receiver of receivers)
      receiver.post({ type: 'settle', trial, sent, fingerprint, quietMs, deadlineMs })
    for (const receiver of receivers) settled.push(await walk.settled(receiver, receivers.length > 1))
    const [report] = settled.flatMap(each => (each instanceof AgentError ? [] : [each]))
    if (!report) throw settled[0]

    walk.phase = 'ack'
    const last = await lastWord(walk, setting, sender, report)
    const truth = relay && (await relayReport(relay, walk, setting))
    return settled.map(each => ({
      ...{ sender: last, to, foreign: false, relay: truth },
      ...(each instanceof AgentError ? { problem: problemOf(each, walk, []) } : { receiver: each }),
    }))
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    const [ofSender, ...ofReceivers] = await Promise.all(
      [sender, ...receivers].map(agent => giveUp(agent, setting.trial)),
    )
    await relay?.place.abandon(trial => giveUp(relay.place.agent, trial))
    if (error.code === 'ABORTED' && setting.signal.aborted) throw error
    return ofReceivers.map((last, index) => {
      const known = settled[index]
      const words = [ofSender, known instanceof AgentError ? undefined : known, last]
      return { ...lastReports(words), to, foreign: false, problem: problemOf(error, walk, words) }
    })
  }
}

/** What stands between both ends, on this host. */
export interface TrialRelay {
  readonly place: RelayPlace
  readonly engine: string
  /** The address of this host that the sender reaches it at. */
  readonly host: string
  readonly seed: number
  readonly apart?: Apart | undefined
}

/** Where the sender sends to instead of to the receiver. */
async function relayedTo(
  to: Endpoint,
  each: Case,
  setting: TrialSetting,
  { place, engine, host, seed, apart }: TrialRelay,
  walk: Walk,
): Promise<Endpoint> {
  const way = emulatedWay(each)
  if (!way) throw new Error('a relay has a way')
  const local = { host, port: 0, family: to.family }
  const { agent } = place
  const end = { agent, engine, route: { bind: local } }
  const endpoint = await place.reach(to.port, async ports => {
    agent.post({
      ...prepareMessage(each, setting, 'sender', end),
      role: 'relay',
      relay: { to, way, seed, ports: [...ports], ...(apart ? { apart } : {}) },
    })
    const { trial } = setting
    const { endpoint } = await walk.next(agent, 'ready').catch(async error => {
      await giveUp(agent, trial)
      throw error
    })
    if (!endpoint) throw new AgentError('INTERNAL', 'the relay reported no endpoint')
    return { trial, endpoint }
  })
  return apart ? to : { ...endpoint, host }
}

function relayReport({ place }: TrialRelay, walk: Walk, { signal }: TrialSetting) {
  return place.report(async trial => {
    const { agent } = place
    agent.post({ type: 'settle', trial, sent: { bytesAccepted: 0 }, quietMs: 0, deadlineMs: 0 })
    const patienceMs = Math.max(GIVE_UP_MS, walk.leftMs())
    const { reports } = await agent.next(trial, ['relay-report'], patienceMs, signal)
    return reports
  })
}

/** Runs a trial towards a foreign receiver. */
export async function runForeignTrial(
  each: Case,
  setting: TrialSetting,
  from: TrialEnd,
  target: Endpoint,
): Promise<Reports> {
  const walk = new Walk(setting)
  const { heard } = setting
  const sender = from.agent
  try {
    if (heard) sender.hear(setting.trial, interval => heard('sender', interval))
    sender.post(prepareMessage(each, setting, 'sender', from))
    await walk.next(sender, 'ready')
    await setting.together?.()
    walk.phase = 'transfer'
    sender.post({ type: 'go', trial: setting.trial, to: target, from: each.bind })
    return { sender: await walk.next(sender, 'send-report'), to: target, foreign: true }
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    const last = [await giveUp(sender, setting.trial)]
    if (error.code === 'ABORTED' && setting.signal.aborted) throw error
    return { ...lastReports(last), to: target, foreign: true, problem: problemOf(error, walk, last) }
  }
}

/** The messages of one trial, within its time limit. */
class Walk {
  phase: 'prepare' | 'transfer' | 'drain' | 'ack' = 'prepare'
  readonly #setting: TrialSetting
  readonly #until: number

  constructor(setting: TrialSetting) {
    this.#setting = setting
    this.#until = monotonic() + setting.timeoutMs
  }

  get timeoutMs(): number {
    return this.#setting.timeoutMs
  }

  leftMs(): number {
    return Math.max(0, this.#until - monotonic())
  }

  next<T extends Parameters<AgentHandle['next']>[1][number]>(
    agent: AgentHandle,
    type: T,
    ms = this.leftMs(),
    signal = this.#setting.signal,
  ) {
    return agent.next(this.#setting.trial, [type], ms, signal)
  }

  /** The report of a receiver; or why there is none, if there are others. @throws AgentError */
  async settled(receiver: AgentHandle, others: boolean): Promise<ReceiveSide | AgentError> {
    try {
      return await this.next(receiver, 'receive-report')
    } catch (error) {
      const { trial, signal } = this.#setting
      if (!(error instanceof AgentError) || !others || signal.aborted) throw error
      await giveUp(receiver, trial)
      return error
    }
  }

  /** What the sender has sent, unless a receiver ends meanwhile, which leaves nothing to wait for. @throws AgentError */
  async sent(sender: AgentHandle, receivers: readonly AgentHandle[]) {
    const { signal } = this.#setting
    try {
      const ends = receivers.map(each => each.ended)
      return await this.next(sender, 'sent', this.leftMs(), AbortSignal.any([signal, ...ends]))
    } catch (error) {
      const goneReason = receivers.find(each => each.goneReason !== undefined)?.goneReason
      throw goneReason === undefined || signal.aborted ? error : new AgentError('AGENT_DIED', goneReason)
    }
  }
}

/** Returns the sender's report. Tells the sender to stop waiting for an acknowledgement once none is to be expected. */
async function lastWord(
  walk: Walk,
  { trial, transport, graceMs: answerGraceMs }: TrialSetting,
  sender: AgentHandle,
  receiver: ReceiveSide,
): Promise<SendSide> {
  if (receiver.report.complete && transport.traits.acknowledged) {
    try {
      const graceMs = transport.traits.reliable ? walk.leftMs() : Math.min(answerGraceMs, walk.leftMs())
      return await walk.next(sender, 'send-report', graceMs)
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'TIMEOUT') throw error
    }
  }
  sender.post({ type: 'unanswered', trial })
  // It may take its time on a busy machine: the data have already arrived.
  return walk.next(sender, 'send-report', Math.max(GIVE_UP_MS, walk.leftMs()))
}

type LastWord = SendSide | ReceiveSide | undefined

/** The agents' reports when the trial was called off. */
function lastReports(words: readonly LastWord[]): Pick<Reports, 'sender' | 'receiver'> {
  const sender = words.find(word => word?.type === 'send-report')
  const receiver = words.find(word => word?.type === 'receive-report')
  return { ...(sender ? { sender } : {}), ...(receiver ? { receiver } : {}) }
}

/** The sender knows best how far it got. Where it has answered since, it was the trial that took too long. */
function problemOf(
  { code, message, phase }: AgentError,
  walk: Walk,
  words: readonly LastWord[],
): NonNullable<Reports['problem']> {
  const failure = lastReports(words).sender?.report.failure
  const problem = { phase: phase ?? failure?.phase ?? walk.phase, code, message }
  if (code !== 'TIMEOUT' || !failure || walk.phase === 'drain') return problem
  // Anything else may have failed because the other end was called off first.
  const state = failure.code === 'ABORTED' ? `: ${failure.message}` : ''
  return { ...problem, message: `not over within ${formatMs(walk.timeoutMs)}${state}` }
}

/** Calls an agent off, and returns its report if it has one. Ends an agent that does not respond in time, so that a new one takes its place. */
async function giveUp(agent: AgentHandle, trial: number): Promise<LastWord> {
  agent.post({ type: 'abort', trial })
  const types = ['send-report', 'receive-report'] as const
  try {
    return await agent.next(trial, types, GIVE_UP_MS, new AbortController().signal)
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    // `failed` is an answer too: the agent has stopped.
    if (error.code === 'TIMEOUT' || error.code === 'AGENT_DIED') await agent[Symbol.asyncDispose]()
    return undefined
  }
}
