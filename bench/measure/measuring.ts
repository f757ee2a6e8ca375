/** Runs the trials of a work: manages its agents, and turns a case into its records. `schedule.ts` decides the order. */
import { extname, join } from 'node:path'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { environment } from '../fleet/facts/environment.ts'
import type { Flow } from '../fleet/flow.ts'
import type { Host, Role } from '../fleet/host.ts'
import { type Extended, workloadOf } from '../workloads/catalog.ts'
import type { Work } from './blocks.ts'
import { carry, type Task } from './carry.ts'
import { started, warmUp } from './fresh-agents.ts'
import { recordOf } from './record.ts'

/** A flow and its agents. */
type Ready = Pick<Task, 'flow' | 'sender' | 'receiver'>

export interface MeasuringOptions {
  readonly catalog: Extended
  readonly signal: AbortSignal
  readonly runId: string
  readonly numbers: Numbers
  /** All plans whose trials the agents run, if there are others: they are warmed up for each. */
  readonly shared?: readonly Plan[] | undefined
  /** Existing folder for the data received in each recorded trial. */
  readonly keepDir?: string | undefined
  /** Called with a sentence if an agent ended without a record that says so (in warm-up or between trials) and was replaced. */
  readonly lost?: ((what: string) => void) | undefined
}

/** Numbers recorded trials and process pairs of a run from 1. */
export class Numbers {
  #trials = 0
  #processes = 0

  nextTrial(): number {
    return ++this.#trials
  }

  nextProcess(): number {
    return ++this.#processes
  }
}

/** Opens agents on first use, replaces those that die, and ends them when disposed of. */
export class Measuring implements AsyncDisposable {
  readonly work: Work
  readonly #options: MeasuringOptions
  readonly #environment = environment()

  constructor(work: Work, options: MeasuringOptions) {
    this.work = work
    this.#options = options
  }

  /**
   * Measures a case: one trial, with a record per flow, all at the same time.
   * @param round 0 or less in warm-up, whose records are not numbered
   * @throws AgentError with code `ABORTED`, SetupError
   */
  async trial(each: Case, round: number): Promise<readonly TrialRecord[]> {
    const transport = this.#options.catalog.transports.get(each.transport)
    if (!transport) throw new Error(`no transport ${each.transport}`)
    // Open all agents first: no flow may start while another is still opening its own.
    const ready = await Promise.all(this.work.flows.map(flow => this.#ready(flow)))
    const trial = round > 0 ? this.#options.numbers.nextTrial() : 0
    return Promise.all(
      ready.map(async (ready, index) => {
        const place = { round, trial, flow: index + 1 }
        const record = await this.#record(each, transport, place, ready)
        const { outcome, error_message: message = outcome } = record
        const problem = outcome === 'failed' || outcome === 'timed-out' ? message : undefined
        ready.flow.agents.latest = { round, problem }
        return record
      }),
    )
  }

  /** Ends the agents; the next trial gets new ones. */
  async renew(): Promise<void> {
    await Promise.all(this.work.flows.map(({ agents }) => agents.renew()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.work.flows.map(flow => flow[Symbol.asyncDispose]()))
  }

  async #record(
    each: Case,
    transport: Transport,
    place: Pick<TrialRecord, 'round' | 'trial' | 'flow'>,
    ready: Ready,
  ): Promise<TrialRecord> {
    const { catalog, runId, numbers, keepDir, signal } = this.#options
    const { plan, commit, side, flows } = this.work
    const { flow } = ready
    const { trial } = place
    const started_at = new Date().toISOString()
    const keepAs = keepDir === undefined || trial === 0 ? undefined : keptPath(keepDir, runId, trial, each)
    const measured = await carry(workloadOf(catalog, each), {
      ...ready,
      each,
      plan,
      transport,
      keepAs,
      signal,
    })
    const process = flow.agents.process(() => numbers.nextProcess())
    const identity = {
      ...this.#environment,
      ...{ run_id: runId, started_at, commit, side, ...place, process },
    }
    return recordOf(identity, plan, each, flow, flows, measured)
  }

  async #ready(flow: Flow): Promise<Ready> {
    const { signal } = this.#options
    this.#reportLost(flow)
    const open = (role: Role, host: Host) =>
      flow.agents.agent(role, host, signal, agent => this.#warmUp(agent, host, flow))
    // In parallel: each warms up on a CPU of its own.
    const [sender, receiver] = await Promise.all([
      open('sender', flow.from),
      'host' in flow.to ? open('receiver', flow.to.host) : undefined,
    ])
    if (receiver) await sender.approach(receiver, signal)
    return { flow, sender, receiver: receiver ?? sender }
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

/** The name of the file that the data of a trial are saved to. */
function keptPath(folder: string, runId: string, number: number, { file, transport }: Case): string {
  const extension = file === undefined ? '.bin' : extname(file)
  return join(folder, `${runId}-${String(number).padStart(4, '0')}-${transport}${extension}`)
}
