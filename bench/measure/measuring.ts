/** Runs the trials of a work: manages its agents, and turns a case into its records. `schedule.ts` decides the order. */
import { setMaxListeners } from 'node:events'
import { join } from 'node:path'
import { given } from '../../base/given.ts'
import { sumOf } from '../../base/groups.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { emulatedWay } from '../../scenarios/paths.ts'
import { type Case, isExchange, isStream, type Plan } from '../../scenarios/plan.ts'
import { AgentPair } from '../fleet/agent-pair.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { environment } from '../fleet/facts/environment.ts'
import { directionOf, Flow } from '../fleet/flow.ts'
import type { AgentRole, Host } from '../fleet/host.ts'
import { type Extended, workloadOf } from '../workloads/catalog.ts'
import type { Work } from './blocks.ts'
import { carry, type Leg } from './carry.ts'
import { started, warmUp } from './fresh-agents.ts'
import { Gate } from './gate.ts'
import { IntervalRows, type TellInterval } from './intervals.ts'
import { keptName } from './kept.ts'
import { recordOf, withFairness } from './record.ts'
import { type RelayPlace, SharedRelay } from './shared-relay.ts'

/** The flows of one sender, and their agents: one, or as many as a group has receivers. */
interface Ready {
  /** The first. */
  readonly flow: Flow
  readonly sender: AgentHandle
  readonly legs: readonly Pick<Leg, 'flow' | 'receiver'>[]
}

export interface MeasuringOptions {
  readonly catalog: Extended
  readonly signal: AbortSignal
  readonly runId: string
  /** Give recorded trials, and pairs of processes, the numbers from 1 on. */
  readonly nextTrial: () => number
  readonly nextProcess: () => number
  /** All plans whose trials the agents run, if there are others: they are warmed up for each. */
  readonly shared?: readonly Plan[] | undefined
  /** Existing folder for the data received in each recorded trial. */
  readonly keepDir?: string | undefined
  /** Called for each interval of a recorded stream, as it ends. */
  readonly interval?: TellInterval | undefined
  /** Called with a sentence if an agent ended without a record that says so (in warm-up or between trials) and was replaced. */
  readonly lost?: ((what: string) => void) | undefined
}

/** Opens agents on first use, replaces those that die, and ends them when disposed of. */
export class Measuring implements AsyncDisposable {
  readonly work: Work
  readonly #options: MeasuringOptions
  readonly #environment = environment()
  /** The flows of each direction, as many as a case may have at the same time. */
  readonly #streams: readonly (readonly Flow[])[]
  /** Of the requests beside them, which go from here to there. */
  readonly #probe: Flow | undefined

  /** @param pairs the agents of each flow of each direction, where they are shared */
  constructor(work: Work, options: MeasuringOptions, pairs: readonly (readonly AgentPair[])[] = []) {
    this.work = work
    this.#options = options
    // Each agent of a trial listens to it.
    setMaxListeners(0, options.signal)
    this.#streams = work.flows.map(({ from, to, agents }, direction) =>
      Array.from({ length: mostFlows(work.plan) }, (_, index) => {
        const own = index === 0 ? agents : new AgentPair()
        return new Flow(from, to, pairs[direction]?.[index] ?? own)
      }),
    )
    const [first] = work.flows
    this.#probe =
      first && work.plan.cases.some(each => each.probe) ? new Flow(first.from, first.to) : undefined
  }

  /**
   * Measures a case: one trial, with a record per flow, all at the same time.
   * @param round 0 or less in warm-up, whose records are not numbered
   * @throws AgentError with code `ABORTED`, SetupError
   */
  async trial(each: Case, round: number): Promise<readonly TrialRecord[]> {
    // Open all agents first: no flow may start while another is still opening its own.
    // Alone, they are in the same processes as beside a load.
    const flows = this.#probe && isExchange(each) ? [this.#probe] : this.#flowsOf(each)
    const loads = each.group === undefined ? flows.map(flow => [flow]) : [flows]
    const jobs = given(
      ...loads.map(flows => ({ flows, carried: each })),
      each.probe && this.#probe && { flows: [this.#probe], carried: each.probe },
    )
    const all = await Promise.all(
      jobs.map(async ({ flows, carried }) => ({ carried, ready: await this.#ready(flows) })),
    )
    const relay = await this.#relayOf(each, all.length)
    const trial = round > 0 ? this.#options.nextTrial() : 0
    const start = new Start(all.length)
    let before = 0
    const records = await Promise.all(
      all.map(({ carried, ready }) => {
        const place = { round, trial, flow: before + 1 }
        before += ready.legs.length
        return this.#records(carried, place, ready, start.place(ready.flow.from), relay?.place())
      }),
    )
    return withFairness(records.flat())
  }

  /** Ends the agents; the next trial gets new ones. */
  async renew(): Promise<void> {
    await Promise.all(this.#flows.map(({ agents }) => agents.renew()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#flows.map(flow => flow[Symbol.asyncDispose]()))
  }

  get #flows(): readonly Flow[] {
    return given(...this.#streams.flat(), this.#probe)
  }

  #flowsOf(each: Case): readonly Flow[] {
    // Several hosts have a receiver each.
    const ways = each.group === undefined ? 1 : this.#streams.length
    return this.#streams.flatMap(flows => flows.slice(0, flowsOfCase(each) / ways))
  }

  /** @param place of its first flow */
  async #records(
    each: Case,
    place: { readonly round: number; readonly trial: number; readonly flow: number },
    { flow, sender, legs: ready }: Ready,
    { ready: together, othersWaited, ended }: ReturnType<Start['place']>,
    relay: RelayPlace | undefined,
  ): Promise<readonly TrialRecord[]> {
    const { catalog, runId, nextProcess, keepDir, signal, interval } = this.#options
    const transport = catalog.transports.get(each.transport)
    if (!transport) throw new Error(`no transport ${each.transport}`)
    const { plan, commit, side, pair, flows } = this.work
    const { trial, round } = place
    const started_at = new Date().toISOString()
    const legs = ready.map((leg, index) => {
      const name = keptName(runId, trial, { ...each, flow: place.flow + index })
      return { ...leg, keepAs: keepDir === undefined || trial === 0 ? undefined : join(keepDir, name) }
    })
    const { scenario, variant, streams } = each
    const which = { run_id: runId, scenario, variant, side, ...place, transport: each.transport, streams }
    const rows =
      interval && trial > 0 && isStream(each)
        ? new IntervalRows(
            { ...which, direction: directionOf(flow, flows) },
            each,
            plan.reportEveryMs,
            interval,
          )
        : undefined
    const task = { each, plan, transport, flow, sender, legs, relay, round, signal, together, othersWaited }
    const measured = await carry(workloadOf(catalog, each), { ...task, heard: rows?.hear }).finally(() => {
      relay?.ended()
      ended()
    })
    rows?.end()
    return measured.map((columns, index) => {
      const own = legs[index]?.flow ?? flow
      const process = own.agents.process(nextProcess)
      const which = { ...place, flow: place.flow + index }
      const identity = {
        ...this.#environment,
        ...{ run_id: runId, started_at, commit, side, ...pair, ...which, process },
      }
      const { outcome, error_message: message = outcome } = columns
      const problem = outcome === 'failed' || outcome === 'timed-out' ? message : undefined
      own.agents.latest = { round: place.round, problem }
      return recordOf(identity, plan, each, own, flows, columns)
    })
  }

  /** @param flows those of one sender, which is an agent of the first */
  async #ready(flows: readonly Flow[]): Promise<Ready> {
    const { signal } = this.#options
    for (const flow of flows) this.#reportLost(flow)
    const [first] = flows
    if (!first) throw new Error('a trial has a flow')
    // In parallel: each warms up on a CPU of its own.
    const [sender, ...receivers] = await Promise.all([
      this.#open('sender', first.from, first),
      ...flows.map(flow => ('host' in flow.to ? this.#open('receiver', flow.to.host, flow) : undefined)),
    ])
    for (const receiver of receivers) if (receiver) await sender.approach(receiver, signal)
    const legs = flows.map((flow, index) => ({ flow, receiver: receivers[index] ?? sender }))
    return { flow: first, sender, legs }
  }

  /** What emulates the way of all flows of a trial, on this host: one agent for all trials, since the devices of namespaces have one reader. */
  async #relayOf(each: Case, flows: number): Promise<SharedRelay | undefined> {
    const [first] = this.#flows
    const here = emulatedWay(each) && first?.hosts.find(host => host.isHere)
    return here && first && new SharedRelay(await this.#open('relay', here, first), flows)
  }

  #open(role: AgentRole, host: Host, flow: Flow): Promise<AgentHandle> {
    return flow.agents.agent(role, host, this.#options.signal, agent => this.#warmUp(agent, host, flow))
  }

  #reportLost({ agents: { lost, latest } }: Flow): void {
    if (lost.length === 0) return
    const which = `the ${lost.map(each => each.role).join(' and the ')} ${lost.length > 1 ? 'were' : 'was'}`
    const when = latest?.problem === undefined ? 'between two trials' : 'in warm-up'
    const why = latest?.problem ?? [...new Set(lost.map(each => each.reason))].join('; ')
    this.#options.lost?.(`${which} lost ${when} (${why}), and fresh ones go on`)
  }

  /** One transport after another. A run without warm-up rounds is meant to measure a cold start. */
  async #warmUp(agent: AgentHandle, { engine }: Host, { agents }: Flow): Promise<void> {
    const { signal, shared } = this.#options
    const { plan } = this.work
    if (plan.warmup === 0) {
      await started(agent, signal)
      return
    }
    const own = plan.cases.map(each => ({ ...each, engine }))
    const tasks = shared?.flatMap(plan => plan.cases.map(each => ({ ...each, engine: plan.engine }))) ?? own
    const firsts = new Map(tasks.map(each => [`${each.workload} ${each.transport} ${each.engine}`, each]))
    for (const each of firsts.values()) await warmUp(agent, agents.nextTrial(), each, each.engine, signal)
  }
}

/** The most flows that a case of a plan has in each direction. */
export function mostFlows({ cases }: Plan): number {
  return Math.max(1, ...cases.map(flowsOfCase))
}

/** How many rows a trial of each case of a plan has in all, in one direction. */
export function rowsOf({ cases }: Plan): number {
  const isProbed = cases.some(each => each.probe)
  return sumOf(cases, each => (isProbed && isExchange(each) ? 1 : flowsOfCase(each) + (each.probe ? 1 : 0)))
}

function flowsOfCase({ streams = 1, receivers = 1 }: Case): number {
  return Math.max(streams, receivers)
}

/** Lets the flows of a trial start together, and shares how often the senders of a host waited: the kernel counts that for all of them. */
class Start {
  readonly #ready: Gate
  readonly #sent: Gate
  readonly #waits: { readonly from: string; readonly count: number }[] = []

  constructor(flows: number) {
    this.#ready = new Gate(flows)
    this.#sent = new Gate(flows)
  }

  /** Of one flow: ready, it waits for the others; one that has ended keeps nobody waiting. */
  place({ name: from }: Host) {
    const [ready, sent] = [this.#ready.place(), this.#sent.place()]
    return {
      ready: () => {
        ready()
        return this.#ready.open
      },
      othersWaited: async (count: number) => {
        const own = { from, count }
        this.#waits.push(own)
        // It may have ended before it was ready.
        ready()
        sent()
        await this.#sent.open
        return this.#waits.reduce(
          (sum, each) => sum + (each !== own && each.from === from ? each.count : 0),
          0,
        )
      },
      ended: () => {
        ready()
        sent()
      },
    }
  }
}
