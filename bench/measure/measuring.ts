/** Runs the trials of a plan: manages its agents, and turns a case into its records. `schedule.ts` decides the order. */

import { basename, extname, join } from 'node:path'
import { SetupError } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { moreDescriptors } from '../../base/system-errors.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { DEFAULTS } from '../../scenarios/defaults.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Catalog } from '../../transports/catalog.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import { KEEP_FAILED } from '../fleet/agent/end.ts'
import type { Pins } from '../fleet/agent/pinning.ts'
import type { AgentPair } from '../fleet/agent-pair.ts'
import type { Environment } from '../fleet/calls/environment.ts'
import { AgentError, type AgentHandle } from '../fleet/calls/handle.ts'
import { Direction, engineName, routeBetween } from '../fleet/direction.ts'
import { environment } from '../fleet/facts/environment.ts'
import type { AgentProgram } from '../fleet/local/process.ts'
import { LocalPlace, type Place, type Role } from '../fleet/places.ts'
import { type Ends, measuresOf, onOneClock, outcomeColumns, outcomeOf } from './accounting.ts'
import { type Clocks, drainMs, readClocks, rttOf } from './clocks.ts'
import { endColumns } from './end-columns.ts'
import { practise, started, warmUp } from './fresh-agents.ts'
import { believed } from './plausible.ts'
import { askedColumns, givenColumns, threadColumns } from './report-columns.ts'
import { runForeignTrial, runTrial, type TrialSetting } from './trial.ts'

export interface MeasuringOptions {
  readonly catalog: Catalog
  readonly signal: AbortSignal
  readonly runId: string
  /** Which side of a comparison this is. */
  readonly side?: TrialRecord['side']
  /** The version under test, as a hash or a name; the column `commit`. */
  readonly commit?: string | undefined
  /** The agents, if those on this host also run the trials of another plan. */
  readonly shared?: SharedAgents | undefined
  /** The CPUs of the two agents, already validated by `checkPins`. */
  readonly pins?: Pins | undefined
  /** The program of the agents on this host; ignored with `directions`, which bring their own. */
  readonly program?: AgentProgram | undefined
  /** The places of both ends; this host if absent. Disposed of at the end of the run. */
  readonly directions?: readonly Direction[] | undefined
  /** A foreign receiver. */
  readonly target?: Endpoint | undefined
  /** Existing folder for the data received in each recorded trial. */
  readonly keepDir?: string | undefined
  /** Called with a sentence if an agent ended without a record that says so (in warm-up or between trials) and was replaced. */
  readonly lost?: ((what: string) => void) | undefined
}

/** Agents that run the trials of several plans, and are warmed up for all of them. */
interface SharedAgents {
  readonly agents: AgentPair
  readonly plans: readonly Plan[]
}

/** Numbers recorded trials and process pairs from 1, for one plan or for several that take turns. */
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

/** How long an acknowledgement may take after the receiver has reported, not counting the path's delay. */
const ANSWER_GRACE_MS = 200
/** Default minimum time-out of a trial, and the rate below which it grows with the payload. */
const TIMEOUT_MS = 30_000
const SLOWEST_BPS = 10e6
/** How long a foreign server may take to acknowledge datagrams: many never do if one is lost. */
const FOREIGN_ANSWER_MS = 2000

/** Forks agents on first use, replaces those that die, and ends them when disposed of. */
export class Measuring implements AsyncDisposable {
  readonly #plan: Plan
  readonly #options: MeasuringOptions
  readonly #numbers: Numbers
  readonly #directions: readonly Direction[]
  readonly #environment: Environment = environment()

  constructor(plan: Plan, numbers: Numbers, options: MeasuringOptions) {
    this.#plan = plan
    this.#options = options
    this.#numbers = numbers
    const { pins, program, target, shared } = options
    const here = new LocalPlace(plan.engine, { cpus: pins, program })
    this.#directions = options.directions ?? [
      target
        ? new Direction('send', here, undefined, shared?.agents)
        : new Direction('local', here, here, shared?.agents),
    ]
  }

  /**
   * Measures a case: one record per direction, all at the same time.
   * @param round 0 or less in warm-up, whose records are not numbered
   * @throws AgentError with code `ABORTED`, SetupError
   */
  async trial(each: Case, round: number): Promise<readonly TrialRecord[]> {
    const transport = this.#options.catalog.transports.get(each.transport)
    if (!transport) throw new Error(`no transport ${each.transport}`)
    // Open all agents first: no direction may start while another is still opening its own.
    const ready = await Promise.all(this.#directions.map(direction => this.#ready(direction)))
    return Promise.all(
      ready.map(async ready => {
        const number = round > 0 ? this.#numbers.nextTrial() : 0
        const record = await this.#oneWay(each, transport, round, number, ready)
        const { outcome, error_message: message = outcome } = record
        const problem = outcome === 'failed' || outcome === 'timed-out' ? message : undefined
        ready.direction.agents.latest = { round, problem }
        return record
      }),
    )
  }

  /** Ends the agents; the next trial gets new ones. */
  async renew(): Promise<void> {
    await Promise.all(this.#directions.map(({ agents }) => agents.renew()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#directions.map(direction => direction[Symbol.asyncDispose]()))
  }

  async #oneWay(
    each: Case,
    transport: Transport,
    round: number,
    number: number,
    { direction, sender, receiver }: Ready,
  ): Promise<TrialRecord> {
    const { signal } = this.#options
    const startedAt = new Date().toISOString()
    const clocks = await readClocks(sender, receiver, signal).catch((error: unknown) =>
      failUnreadClocks(error, [sender, receiver], signal),
    )
    if ('problem' in clocks) {
      const ends = { problem: clocks.problem, foreign: false, clockErrorMs: 0 }
      return this.#record(each, transport, round, number, startedAt, direction, ends)
    }
    const setting = this.#setting(each, transport, round, number, { direction, sender, receiver }, clocks)
    const practised =
      receiver && setting.rehearse && (await practise(each, setting, direction.agents, sender, receiver))
    const reported = await (receiver
      ? runTrial(each, { ...setting, practised: practised === true }, sender, receiver)
      : runForeignTrial(each, setting, sender, this.#options.target ?? setting.route.bind))
    const reports = (receiver ?? sender).path || sender.path ? believed(reported, each) : reported
    if (reports.problem?.code === KEEP_FAILED)
      throw new SetupError(
        `${reports.problem.message}; ${moreDescriptors(reports.problem.message) ?? 'make room, or name another folder with --keep'}`,
      )
    // Closer in time to the transfer than the reading before it, unless the channel was lost in the meantime.
    const after = await readClocks(sender, receiver, signal).catch(() => clocks)
    const ends = { ...onOneClock(reports, after.sender, after.receiver), verify: each.verify }
    const rttMs = Math.max(...[after.sender.rttMs, after.receiver.rttMs].map(ms => ms ?? -1))
    return {
      ...this.#record(each, transport, round, number, startedAt, direction, ends),
      control_rtt_ms: rttMs < 0 ? undefined : rttMs,
    }
  }

  #setting(
    each: Case,
    transport: Transport,
    round: number,
    number: number,
    { direction, sender, receiver }: Ready,
    clocks: Clocks,
  ): TrialSetting {
    const { target, keepDir, signal } = this.#options
    const slowest = each.rateBps ?? SLOWEST_BPS
    const timeoutMs = this.#plan.timeoutMs ?? TIMEOUT_MS + (each.sizeBytes * 8000) / slowest
    return {
      trial: direction.agents.nextTrial(),
      engines: {
        sender: direction.sender.engine,
        receiver: direction.receiver?.engine ?? direction.sender.engine,
      },
      route: routeBetween(sender, receiver ?? sender, each.ipFamily, each.bind),
      transport,
      timeoutMs,
      answerTimeoutMs:
        target && !transport.traits.reliable ? Math.min(FOREIGN_ANSWER_MS, timeoutMs) : timeoutMs,
      drainMs: this.#plan.drainMs ?? drainMs(clocks),
      graceMs: ANSWER_GRACE_MS + 4 * rttOf(clocks),
      rehearse: this.#plan.warmup > 0 && !sender.path && receiver !== undefined && !receiver.path,
      signal,
      keepAs: keepDir === undefined || round <= 0 ? undefined : join(keepDir, this.#keptName(each, number)),
    }
  }

  #keptName(each: Case, number: number): string {
    const extension = each.file === undefined ? '.bin' : extname(each.file)
    return `${this.#options.runId}-${String(number).padStart(4, '0')}-${each.transport}${extension}`
  }

  #pinned(): string | undefined {
    const { pins, target } = this.#options
    if (!pins) return undefined
    return target ? `${pins.sender}` : `${pins.sender},${pins.receiver}`
  }

  /** The file's name, or its path if another file of the run has the same name. */
  #fileName(path: string): string {
    const name = basename(path)
    const others = this.#plan.cases.some(
      ({ file }) => file !== undefined && file !== path && basename(file) === name,
    )
    return harmless(others ? path : name)
  }

  async #ready(direction: Direction): Promise<Ready> {
    this.#reportLost(direction)
    const open = (role: Role) =>
      direction.agent(role, this.#options.signal, (agent, place) =>
        this.#warmUp(agent, place, direction.agents),
      )
    // In parallel: each warms up on a CPU of its own.
    const [sender, receiver] = await Promise.all([
      open('sender'),
      direction.receiver ? open('receiver') : undefined,
    ])
    if (receiver) await direction.introduce(sender, receiver, this.#options.signal)
    return { direction, sender, receiver }
  }

  #reportLost({ agents: { lost, latest } }: Direction): void {
    if (lost.length === 0) return
    const which = lost.length > 1 ? 'the sender and the receiver were' : `the ${lost[0]} was`
    const when = latest?.problem === undefined ? 'between two trials' : `in warm-up (${latest.problem})`
    this.#options.lost?.(`${which} lost ${when}, and fresh ones go on`)
  }

  /** One transport after another. A run without warm-up rounds is meant to measure a cold start. */
  async #warmUp(agent: AgentHandle, place: Place, agents: AgentPair): Promise<void> {
    const { signal, shared } = this.#options
    if (this.#plan.warmup === 0) {
      await started(agent, signal)
      return
    }
    const engineOf = (plan: Plan) => (place.server ? place.engine : plan.engine)
    const tasks = (shared?.plans ?? [this.#plan]).flatMap(plan =>
      plan.cases.map(each => ({ ...each, engine: engineOf(plan) })),
    )
    const firsts = new Map(tasks.map(each => [`${each.transport} ${each.engine}`, each]))
    for (const each of firsts.values()) await warmUp(agent, agents.nextTrial(), each, each.engine, signal)
  }

  #record(
    each: Case,
    transport: Transport,
    round: number,
    number: number,
    startedAt: string,
    direction: Direction,
    ends: Ends,
  ): TrialRecord {
    const outcome = outcomeOf(each.sizeBytes, transport.traits, ends)
    return {
      run_id: this.#options.runId,
      started_at: startedAt,
      commit: this.#options.commit,
      scenario: each.scenario,
      variant: each.variant,
      round,
      trial: number,
      process: direction.agents.process(() => this.#numbers.nextProcess()),
      side: this.#options.side,
      transport: each.transport,
      engine: engineName(direction),
      direction: direction.name,
      ip_family: each.ipFamily,
      size_bytes: each.sizeBytes,
      chunk_bytes: each.chunkBytes,
      file: each.file === undefined ? undefined : this.#fileName(each.file),
      seed: each.seed,
      // A foreign receiver does not check the data.
      verify: direction.receiver ? (each.verify ?? DEFAULTS.verify) : undefined,
      rate_bps: each.rateBps,
      bind_asked: each.bind,
      ...askedColumns(each.socket),
      max_datagram_bytes: each.maxDatagramBytes,
      limit_emulated: each.maxDatagramBytes !== undefined,
      pinned_cpus: this.#pinned(),
      ...outcomeColumns(outcome),
      ...measuresOf(each.chunkBytes, transport.traits, outcome, ends),
      ...givenColumns(ends.sender, ends.receiver),
      ...threadColumns('sender', ends.sender?.thread),
      ...threadColumns('receiver', ends.receiver?.thread),
      sender_address: ends.receiver?.report.from?.host,
      receiver_address: ends.to?.host,
      ...endColumns('sender', direction.sender),
      ...(direction.receiver ? endColumns('receiver', direction.receiver) : {}),
      ...this.#environment,
      ...versionsOf(direction),
    }
  }
}

/** Versions of the agents on this host, which may differ from those of the controlling program. */
function versionsOf({ sender, receiver }: Direction): Partial<TrialRecord> {
  const here = [sender, receiver].find(place => place && place.server === undefined)
  if (!here) return {}
  const { node_version, bench_version } = here.environment
  return { node_version, bench_version }
}

interface Ready {
  readonly direction: Direction
  readonly sender: AgentHandle
  /** Undefined for a foreign receiver. */
  readonly receiver: AgentHandle | undefined
}

/** A host whose clock cannot be read is not usable either: fails the trial, and replaces the agents. */
async function failUnreadClocks(
  error: unknown,
  agents: readonly (AgentHandle | undefined)[],
  signal: AbortSignal,
): Promise<{ readonly problem: NonNullable<Ends['problem']> }> {
  if (!(error instanceof AgentError) || signal.aborted) throw error
  await Promise.all(agents.map(agent => agent?.path && agent[Symbol.asyncDispose]()))
  return { problem: { phase: 'prepare', code: error.code, message: error.message } }
}
