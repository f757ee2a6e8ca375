/** Turns blocks into records: the schedule and the trials of one run. */
import { UsageError } from '../../base/errors.ts'
import { largestOf } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { Bell } from '../../base/waiting.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { PACKET_HEADER_BYTES } from '../../results/statistics/datagram-limits.ts'
import { blocksOf } from '../../scenarios/blocks.ts'
import { DEFAULTS } from '../../scenarios/defaults.ts'
import { asksFrames, LARGEST_PICTURE_BYTES } from '../../scenarios/frames.ts'
import {
  asksMtu,
  emulatedMtuBytes,
  filesOf,
  profilesOf,
  tracesOf,
  transportsIn,
  withMtu,
} from '../../scenarios/named.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import { planScenario } from '../../scenarios/planning.ts'
import type { Scenario, Settings } from '../../scenarios/schema.ts'
import { loopback } from '../../transports/contract/addresses.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../transports/contract/sockets.ts'
import type { EngineChoice } from '../../transports/engines/engines.ts'
import { readTrace } from '../../transports/impairment/trace.ts'
import { AgentPair } from '../fleet/agent-pair.ts'
import { unfragmentedBytes } from '../fleet/facts/path-mtu.ts'
import type { Extended } from '../workloads/catalog.ts'
import { type Block, canShareAgents } from './blocks.ts'
import { checkedFile, checkTogether, filesIn } from './files.ts'
import { type Look, Looks } from './looks.ts'
import { Measuring, type MeasuringOptions, mostFlows } from './measuring.ts'
import { newRunId } from './run-id.ts'
import { pairOrder, schedule } from './schedule.ts'
import type { Search } from './search.ts'
import { checkWorkload } from './workload-checks.ts'

/** By which the rows of a run are told apart. */
export type RunNumbers = Pick<MeasuringOptions, 'runId' | 'nextTrial' | 'nextProcess'>

export interface RunOptions extends Omit<MeasuringOptions, keyof RunNumbers | 'shared'> {
  /** The time in the `run_id`; now if absent. */
  readonly startedAt?: Date | undefined
  /** Called when a trial begins; `round` is 0 or less in warm-up. */
  readonly began?: ((each: Case, round: number, side: TrialRecord['side']) => void) | undefined
  /** Called when a trial has ended, warm-up included. */
  readonly ended?: (() => void) | undefined
  /** Called when a block begins whose number of rounds is not fixed, and whenever it is decided whether another one follows. */
  readonly looked?: ((look: Look) => void) | undefined
  /** Rounds go on until it has nothing left for any case, each of which is measured as it says. */
  readonly search?: Search | undefined
}

/** A record, and the number of its case or pair of cases within the run. */
export interface Measured {
  readonly record: TrialRecord
  readonly pair: number
}

/**
 * Measures blocks one after the other, and yields each record as its trial ends. Replaces the agents with new ones `plan.processes - 1`
 * times (with `plan.until` every few rounds) and when they die, and ends them with each block. The cases of a block are visited in seeded random order; two sides as pairs, each
 * side first as often as the other (up to one). Sides that differ only in options share their agents, so that no difference between
 * processes is one between sides; otherwise those of both are alive. A pair of which one trial failed has both its rows.
 * @throws AgentError with code `ABORTED` if `signal` aborts; the trial in progress is not recorded
 */
export async function* measureRun(
  blocks: readonly Block[],
  { startedAt = new Date(), ...options }: RunOptions,
): AsyncGenerator<Measured> {
  yield* measureBlocks(blocks, { ...options, ...newNumbers(startedAt) })
}

/** Likewise of a run that has other blocks, too. */
export async function* measureBlocks(
  blocks: readonly Block[],
  run: Omit<RunOptions, 'startedAt'> & RunNumbers,
): AsyncGenerator<Measured> {
  for (const block of blocks) yield* measureBlock(block, run)
}

/** @param known rows of the run that there are already, which goes on @param lastTrial the latest of all, of which there may be no whole one */
export function newNumbers(startedAt: Date, known: readonly TrialRecord[] = [], lastTrial = 0): RunNumbers {
  const [first] = known
  return {
    runId: first?.run_id ?? newRunId(startedAt),
    nextTrial: counter(Math.max(lastTrial, largestOf(known, each => each.trial) ?? 0)),
    nextProcess: counter(largestOf(known, each => each.process) ?? 0),
  }
}

function counter(count = 0): () => number {
  return () => ++count
}

async function* measureBlock(
  { works, items: chosen }: Block,
  { began, ended, looked, search, ...options }: RunOptions & RunNumbers,
): AsyncGenerator<Measured> {
  const sides = measuringFor(works, options)
  const items = chosen.flatMap(({ index, pair }) =>
    sides.flatMap(measuring => {
      const each = measuring.work.plan.cases[index]
      return each ? [{ pair, each, measuring }] : []
    }),
  )
  const { plan } = works[0]
  let isFirst = true
  const trial = async ({ pair, each: asked, measuring }: (typeof items)[number], round: number) => {
    const each = search && round > 0 ? search.next(pair, asked) : asked
    if (!each) return []
    if (!isFirst && plan.pauseMs) await new Bell().wait(plan.pauseMs, options.signal)
    isFirst = false
    began?.(each, round, measuring.work.side)
    const records = await measuring.trial(each, round)
    ended?.()
    if (round > 0) search?.add(pair, records)
    return records.map(record => ({ record, pair }))
  }
  const renew = async () => void (await Promise.all(sides.map(side => side.renew())))
  const looks = plan.until && new Looks(plan.until, looked)
  const another = (rounds: number) =>
    search ? items.some(({ pair, each }) => search.next(pair, each)) : (looks?.another(rounds) ?? false)
  const visits = { trial, renew, another, ...(works.length > 1 ? { order: pairOrder() } : {}) }
  try {
    for await (const measured of schedule(items, plan, visits, durationOf)) {
      looks?.add(measured.map(({ record }) => record))
      yield* measured
    }
  } finally {
    await Promise.all(sides.map(side => side[Symbol.asyncDispose]()))
  }
}

/** Of two sides with the same agents where that is possible. */
function measuringFor(
  works: Block['works'],
  options: Omit<MeasuringOptions, 'shared'>,
): readonly Measuring[] {
  if (works.length === 1 || !canShareAgents(works)) return works.map(work => new Measuring(work, options))
  const shared = works.map(({ plan }) => plan)
  const most = Math.max(...shared.map(mostFlows))
  const pairs = works[0].flows.map(() => Array.from({ length: most }, () => new AgentPair()))
  return works.map(work => new Measuring(work, { ...options, shared }, pairs))
}

/** The duration of a trial to report to tinybench. */
function durationOf([first]: readonly Measured[]): number | undefined {
  return first?.record.delivery_ms ?? first?.record.total_ms
}

/**
 * The engine asked for or, for `auto`, the best that runs all transports of the scenarios.
 * @throws UsageError if it does not
 */
export function engineFor(
  scenarios: readonly Scenario[],
  asked: string,
  { engines, transports }: Extended,
): Promise<EngineChoice> {
  const names = new Set(scenarios.flatMap(transportsIn))
  // Whoever plans the cases says which there are not.
  return engines.choose(
    asked,
    [...names].flatMap(each => transports.get(each) ?? []),
  )
}

/**
 * Turns a scenario into a plan, and examines the files that it names, and the path if chunks depend on it.
 * @param to the other end; undefined: both are on this host @throws UsageError if a file cannot be sent
 */
export async function planFor(
  scenario: Scenario,
  engine: string,
  catalog: Extended,
  to?: Endpoint,
): Promise<Plan> {
  const sizes = new Map<string, number>()
  const sockets = await catalog.engines.sockets(engine)
  const sized = asksMtu(scenario)
    ? withMtu(scenario, await payloadInPacket(scenario, sockets, to), catalog.transports)
    : scenario
  const opened = await withFolders(sized)
  for (const path of filesOf(opened)) sizes.set(path, await checkedFile(path))
  for (const path of tracesOf(opened)) readTrace(path)
  const profiles = new Map(await Promise.all(profilesOf(opened).map(profileIn)))
  const plan = planScenario(opened, catalog.transports, sizes, sockets, profiles)
  for (const each of plan.cases) {
    checkWorkload(catalog, each)
    checkPictures(each, sizes)
  }
  return plan
}

async function profileIn(path: string) {
  const { readProfile } = await import('../../scenarios/profile-file.ts')
  return [path, readProfile(path)] as const
}

/** The most payload of UDP that a packet carries: of the path, and of what is emulated on it. */
async function payloadInPacket(scenario: Scenario, sockets: Sockets, to?: Endpoint): Promise<number> {
  const end = to ?? loopback(scenario.ipFamily ?? DEFAULTS.ipFamily)
  const ofWay = emulatedMtuBytes(scenario)
  const ofPath = await unfragmentedBytes(sockets, end)
  return ofWay === undefined ? ofPath : Math.min(ofPath, ofWay - PACKET_HEADER_BYTES[end.family])
}

/** Both ends hold them. @throws UsageError if they are too large */
function checkPictures({ frames, file, files, sizeBytes }: Case, sizes: ReadonlyMap<string, number>): void {
  if (frames !== undefined && sizeBytes > LARGEST_PICTURE_BYTES)
    throw new UsageError(
      `a picture has at most ${formatBytes(LARGEST_PICTURE_BYTES)}, not ${formatBytes(sizeBytes)}; choose a smaller one`,
    )
  if (file !== undefined && files) checkTogether([file, ...files].map(path => sizes.get(path) ?? 0))
}

/** A folder stands for the pictures in it. */
async function withFolders(scenario: Scenario): Promise<Scenario> {
  if (!blocksOf(scenario).some(asksFrames)) return scenario
  const open = async <Part extends Settings>(part: Part) =>
    part.files ? { ...part, files: await filesIn(part.files) } : part
  return { ...(await open(scenario)), variants: await Promise.all(scenario.variants.map(open)) }
}
