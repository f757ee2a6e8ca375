/** A plan -> records: the agents, the schedule and the trials of one run. */
import { randomInt } from 'node:crypto'
import { basename, extname, join } from 'node:path'
import type { TrialRecord } from '../results/columns.ts'
import type { Scenario } from '../scenarios/schema.ts'
import { transports } from '../transports/registry.ts'
import type { Endpoint } from '../transports/sockets/sockets.ts'
import type { Transport } from '../transports/transport.ts'
import { type Ends, measuresOf, outcomeColumns, outcomeOf } from './accounting.ts'
import { engineOf } from './agent/engine.ts'
import { AgentError, type AgentHandle, forkAgent } from './agent/local.ts'
import { KEEP_FAILED } from './agent/messages.ts'
import type { Pins } from './agent/pinning.ts'
import { type Environment, environment } from './environment.ts'
import { SetupError } from './errors.ts'
import { checkedFile } from './files.ts'
import { type Case, filesOf, type Plan, planScenario } from './plan.ts'
import { schedule } from './schedule.ts'
import { askedColumns, givenColumns } from './socket-columns.ts'
import { runForeignTrial, runTrial, type TrialSetting } from './trial.ts'

export interface RunOptions {
  readonly signal: AbortSignal
  /** One for all plans of a run; made anew when absent. */
  readonly runId?: string
  /** Number of the first recorded trial: 1, or what follows on the plans before it in the same run. */
  readonly firstTrial?: number
  /** The CPUs of the two agents; `checkPins` has looked at them. */
  readonly pins?: Pins | undefined
  /** A receiver that is not ours. */
  readonly target?: Endpoint | undefined
  /** Folder for what arrived in each recorded trial; it has to exist. */
  readonly keepDir?: string | undefined
  /** Called when a trial begins; `round` is 0 or less in warm-up. */
  readonly began?: (each: Case, round: number) => void
  /** Called when a trial has ended, warm-up included. */
  readonly ended?: () => void
}

/** Over loopback nothing is in flight once the last send has returned. */
const LOOPBACK_DRAIN_MS = 20
/** The shortest time-out of a trial that nobody set, and the rate below which it grows with the payload. */
const TIMEOUT_MS = 30_000
const SLOWEST_BPS = 10e6
/** How long an agent may take to warm up. */
const WARM_UP_LIMIT_MS = 10_000
/** How long a foreign server may take to acknowledge datagrams: many never do when one is lost. */
const FOREIGN_ANSWER_MS = 2000

/**
 * Runs a plan and gives each record as its trial ends. Agents are forked once, replaced when they die, and gone when it ends.
 * @throws AgentError with code `ABORTED` when `signal` aborts; the trial under way is not recorded
 */
export async function* runPlan(plan: Plan, options: RunOptions): AsyncGenerator<TrialRecord> {
  const run = new Run(plan, options)
  try {
    yield* run.records()
  } finally {
    await run.end()
  }
}

/** A scenario -> plan, with the files that it names looked at. @throws UsageError when one cannot be sent */
export async function planFor(scenario: Scenario, engine: string): Promise<Plan> {
  const sizes = new Map<string, number>()
  for (const path of filesOf(scenario)) sizes.set(path, await checkedFile(path))
  return planScenario(scenario, transports, sizes, await engineOf(engine, undefined))
}

class Run {
  readonly #plan: Plan
  readonly #options: RunOptions
  readonly #id: string
  readonly #environment: Environment = environment()
  readonly #agents = new Map<'sender' | 'receiver', AgentHandle>()
  #trials = 0
  #recorded: number

  constructor(plan: Plan, options: RunOptions) {
    this.#plan = plan
    this.#options = options
    this.#recorded = (options.firstTrial ?? 1) - 1
    this.#id = options.runId ?? newRunId(new Date())
  }

  records(): AsyncGenerator<TrialRecord> {
    return schedule(
      this.#plan.cases,
      this.#plan,
      (each, round) => this.#trial(each, round),
      record => record.delivery_ms ?? record.total_ms,
    )
  }

  async end(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(agent => agent[Symbol.asyncDispose]()))
  }

  async #trial(each: Case, round: number): Promise<TrialRecord> {
    this.#options.began?.(each, round)
    const transport = transports.get(each.transport)
    if (!transport) throw new Error(`no transport ${each.transport}`)
    const { target } = this.#options
    // Both at once: each warms up on a CPU of its own.
    const [sender] = await Promise.all([
      this.#agent('sender'),
      target === undefined ? this.#agent('receiver') : undefined,
    ])
    const startedAt = new Date().toISOString()
    if (round > 0) this.#recorded++
    const setting = this.#setting(each, transport, round)
    const ends = await (target === undefined
      ? runTrial(each, setting, sender, await this.#agent('receiver'))
      : runForeignTrial(each, setting, sender, target))
    if (ends.problem?.code === KEEP_FAILED)
      throw new SetupError(`${ends.problem.message}; make room, or name another folder with --keep`)
    this.#options.ended?.()
    return this.#record(each, transport, round, startedAt, ends)
  }

  #setting(each: Case, transport: Transport, round: number): TrialSetting {
    const { target, keepDir, signal } = this.#options
    const slowest = each.rateBps ?? SLOWEST_BPS
    const timeoutMs = this.#plan.timeoutMs ?? TIMEOUT_MS + (each.sizeBytes * 8000) / slowest
    return {
      trial: ++this.#trials,
      engine: this.#plan.engine,
      transport,
      timeoutMs,
      answerTimeoutMs:
        target && !transport.traits.reliable ? Math.min(FOREIGN_ANSWER_MS, timeoutMs) : timeoutMs,
      drainMs: this.#plan.drainMs ?? LOOPBACK_DRAIN_MS,
      signal,
      keepAs: keepDir === undefined || round <= 0 ? undefined : join(keepDir, this.#keptName(each)),
    }
  }

  #keptName(each: Case): string {
    const extension = each.file === undefined ? '.bin' : extname(each.file)
    return `${this.#id}-${String(this.#recorded).padStart(4, '0')}-${each.transport}${extension}`
  }

  #pinned(): string | undefined {
    const { pins, target } = this.#options
    if (!pins) return undefined
    return target ? `${pins.sender}` : `${pins.sender},${pins.receiver}`
  }

  /** The file's name; its path, where another file of the run has the same name. */
  #fileName(path: string): string {
    const name = basename(path)
    const others = this.#plan.cases.some(
      ({ file }) => file !== undefined && file !== path && basename(file) === name,
    )
    return others ? path : name
  }

  async #agent(role: 'sender' | 'receiver'): Promise<AgentHandle> {
    const known = this.#agents.get(role)
    if (known?.alive) return known
    const fresh = forkAgent(role, this.#options.pins?.[role])
    this.#agents.set(role, fresh)
    if (this.#plan.warmup > 0) await this.#warmUp(fresh)
    return fresh
  }

  /** One transport after another; a run without warm-up rounds is one that wants to see a cold start. */
  async #warmUp(agent: AgentHandle): Promise<void> {
    const firsts = new Map(this.#plan.cases.map(each => [each.transport, each]))
    for (const { transport, chunkBytes, ipFamily } of firsts.values()) {
      const trial = ++this.#trials
      agent.post({ type: 'warm-up', trial, transport, engine: this.#plan.engine, chunkBytes, ipFamily })
      try {
        await agent.next(trial, ['ready'], WARM_UP_LIMIT_MS, this.#options.signal)
      } catch (error) {
        if (!(error instanceof AgentError) || this.#options.signal.aborted) throw error
        // The trial will meet the same trouble, and record it.
        return
      }
    }
  }

  #record(each: Case, transport: Transport, round: number, startedAt: string, ends: Ends): TrialRecord {
    const outcome = outcomeOf(each.sizeBytes, transport.traits, ends)
    return {
      run_id: this.#id,
      started_at: startedAt,
      scenario: each.scenario,
      variant: each.variant,
      round,
      trial: this.#recorded,
      transport: each.transport,
      engine: this.#plan.engine,
      direction: ends.foreign ? 'send' : 'local',
      ip_family: each.ipFamily,
      size_bytes: each.sizeBytes,
      chunk_bytes: each.chunkBytes,
      file: each.file === undefined ? undefined : this.#fileName(each.file),
      seed: each.seed,
      rate_bps: each.rateBps,
      ...askedColumns(each.socket),
      max_datagram_bytes: each.maxDatagramBytes,
      limit_emulated: each.maxDatagramBytes !== undefined,
      pinned_cpus: this.#pinned(),
      ...outcomeColumns(outcome),
      ...measuresOf(each.chunkBytes, transport.traits, outcome, ends),
      ...givenColumns(ends.sender, ends.receiver),
      ...this.#environment,
    }
  }
}

/** `20261121T094512Z-kqzv`: sorts by time, and two runs of one second differ. */
export function newRunId(moment: Date): string {
  const letters = Array.from({ length: 4 }, () => String.fromCharCode(97 + randomInt(26))).join('')
  return `${utcStamp(moment)}-${letters}`
}

/** `20261121T094512Z` */
export function utcStamp(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
