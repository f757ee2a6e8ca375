/**
 * The program as a library.
 *
 * ```ts
 * import { runScenario } from 'tcp-udp-bench'
 *
 * for await (const record of runScenario({ size: '800k', chunk: 1024 }, { signal })) {
 *   console.log(record.transport, record.goodput_bps, record.datagrams_lost)
 * }
 * ```
 */
import { SetupError, UsageError } from '../base/errors.ts'
import type { TrialRecord } from '../results/schema/columns.ts'
import { applyOverrides, commandSettings, type Overrides } from '../scenarios/blocks.ts'
import { PAIRED_ROUNDS, withRounds } from '../scenarios/defaults.ts'
import { conflictsOfFile } from '../scenarios/file-conflicts.ts'
import { loadScenario, parseScenario } from '../scenarios/load.ts'
import type { Rules } from '../scenarios/read.ts'
import type { Scenario, ScenarioInput } from '../scenarios/schema.ts'
import { namesIn } from '../scenarios/settings/known.ts'
import type { Pins } from '../scenarios/settings/words.ts'
import type { Endpoint } from '../transports/contract/socket-facts.ts'
import { checkPins } from './fleet/agent/pinning.ts'
import { checkLoopback } from './fleet/facts/loopback.ts'
import { flowHere } from './fleet/flow.ts'
import { abilitiesOf } from './measure/abilities.ts'
import { namespacesFor } from './measure/apart.ts'
import { type Block, blocksOf, type Work } from './measure/blocks.ts'
import { madeFolder } from './measure/files.ts'
import { engineFor, type RunOptions as MeasureOptions, measureRun, planFor } from './measure/run.ts'
import { type AskedProgram, checkProgram, findProgram } from './pairs/program.ts'
import type { SideName } from './pairs/side-names.ts'
import type { Extended } from './workloads/catalog.ts'
import { loadPlugins } from './workloads/plugins.ts'

export { SetupError, UsageError } from '../base/errors.ts'
export { renderCharts } from '../results/charts/screen.ts'
export { comparedColumns, compareSets } from '../results/compare/compare-sets.ts'
export type { Comparison } from '../results/compare/comparison.ts'
export { METRICS, type Metric } from '../results/compare/metrics.ts'
export { renderTable } from '../results/document/table.ts'
export { readTrials } from '../results/read/read.ts'
export { trialSet } from '../results/read/trial-set-builder.ts'
export { COLUMNS, type TrialRecord } from '../results/schema/columns.ts'
export { summarize } from '../results/statistics/summary.ts'
export { encode } from '../results/store/formats.ts'
export { findWarnings } from '../results/warnings/warnings.ts'
export type { ScenarioInput } from '../scenarios/schema.ts'
export { AgentError } from './fleet/calls/mailbox.ts'
export { BUILT_IN, type Extended, type Plugin } from './workloads/catalog.ts'
export { loadPlugins } from './workloads/plugins.ts'

/** Of a run as a whole. */
export interface RunOptions extends Pick<MeasureOptions, 'keepDir' | 'began' | 'ended' | 'lost'> {
  /** Ends the run when it aborts. */
  readonly signal?: AbortSignal
  /** Paths or packages of plug-ins, as after `--plugin`. */
  readonly plugins?: readonly string[]
  /** What wins over the scenario, as flags do; for two sides rounds, warm-up, processes and seed are only here. */
  readonly overrides?: Overrides
}

/** What carries the trials of a run, or of one side. */
export interface ProgramOptions {
  /** `native`, `node`, or `auto` (the default): the best one that works here. */
  readonly engine?: string
  /** The only CPU of each agent. */
  readonly pins?: Pins | undefined
  /** A foreign receiver. */
  readonly target?: Endpoint | undefined
  /** The version under test, as a hash or a name; the column `commit`. */
  readonly commit?: string | undefined
}

export interface RunScenarioOptions extends RunOptions, ProgramOptions {}

/** What a side has of its own. */
export interface SideOptions extends ProgramOptions, AskedProgram {
  /** What wins over the scenario and over what is for both sides. */
  readonly overrides?: Omit<Overrides, 'repeat' | 'warmup' | 'processes' | 'seed'>
}

/**
 * Measures a scenario (a built-in one by name, a file by path, or a value) and yields each record as its trial ends.
 * Loss, refusals and failed trials are records. Leaving the loop early ends the run and its agents.
 * @throws UsageError when the scenario or a file is wrong
 * @throws SetupError when what arrived cannot be saved, the loopback interface is down, or a plug-in's workload fails in its warm-up
 * @throws AgentError when a process of an end dies before anything is measured
 * @throws the reason of `signal` when that aborts
 */
export async function* runScenario(
  scenario: string | ScenarioInput,
  { overrides = {}, signal = new AbortController().signal, ...options }: RunScenarioOptions = {},
): AsyncGenerator<TrialRecord> {
  const catalog = await loadPlugins(options.plugins ?? [])
  const abilities = await abilitiesOf(catalog)
  const { engine, pins } = options
  const given = { ...overrides, engine: engine ?? overrides.engine, pins: pins ?? overrides.pins }
  const conflicts = (file: Scenario) => conflictsOfFile(file, given, abilities, true)
  const asked = applyOverrides(scenarioOf(scenario, catalog, conflicts), overrides)
  const works = async () => [await workOf(asked, options, catalog, signal)] as const
  yield* recordsOf(works, { keepDir: commandSettings(asked).keep, ...options }, catalog, signal)
}

/**
 * Measures a scenario on two sides in one run, as `bench ab` does: in each round each case once a side, one directly after the other, in
 * seeded random order, each side first as often as the other. Yields each record as its trial ends; its `side` is `a` or `b`, and rows of
 * one `round` and case are a pair. Programs that a side asks for (`node`, `cli`) are proven to work before anything is measured.
 *
 * ```ts
 * for await (const { side, round, goodput_bps } of runPairs({ size: '800k' }, { a: { engine: 'node' }, b: { engine: 'native' } }))
 *   console.log(round, side, goodput_bps)
 * ```
 * @throws UsageError when the scenario, a file or a side is wrong, or a case of one side has no partner on the other
 * @throws the reason of `signal` when that aborts
 */
export async function* runPairs(
  scenario: string | ScenarioInput,
  sides: Readonly<Record<SideName, SideOptions>>,
  options: RunOptions = {},
): AsyncGenerator<TrialRecord> {
  const signal = options.signal ?? new AbortController().signal
  const catalog = await loadPlugins(options.plugins ?? [])
  const common = withRounds(
    applyOverrides(scenarioOf(scenario, catalog), options.overrides ?? {}),
    PAIRED_ROUNDS,
  )
  const sideOf = async (side: SideName): Promise<Work> => {
    try {
      return { ...(await workOf(common, sides[side], catalog, signal)), side }
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError(`side ${side.toUpperCase()}: ${error.message}`, { cause: error })
    }
  }
  yield* recordsOf(
    async () => [await sideOf('a'), await sideOf('b')],
    { keepDir: commandSettings(common).keep, ...options },
    catalog,
    signal,
  )
}

async function* recordsOf(
  works: () => Promise<Block['works']>,
  { keepDir, began, ended, lost }: RunOptions,
  catalog: Extended,
  signal: AbortSignal,
): AsyncGenerator<TrialRecord> {
  try {
    const blocks = blocksOf([await works()])
    if (keepDir !== undefined) await madeFolder(keepDir, 'keep')
    const options = { catalog, signal, keepDir, began, ended, lost }
    for await (const { record } of measureRun(blocks, options)) yield record
  } catch (error) {
    const isCalledOff = signal.aborted && !(error instanceof UsageError || error instanceof SetupError)
    throw isCalledOff ? signal.reason : error
  }
}

async function workOf(
  scenario: Scenario,
  {
    overrides = {},
    engine: asked,
    node,
    cli,
    pins = commandSettings(scenario).pins,
    target,
    commit,
  }: SideOptions,
  catalog: Extended,
  signal: AbortSignal,
): Promise<Work> {
  const { engine } = await engineFor(
    [applyOverrides(scenario, overrides)],
    asked ?? scenario.engine ?? 'auto',
    catalog,
  )
  if (pins) await checkPins(pins)
  await checkLoopback(target?.host)
  const program = await findProgram({ node, cli })
  const plan = await planFor({ ...applyOverrides(scenario, overrides), target }, engine, catalog)
  if (program) await checkProgram({ node, cli }, program, plan, catalog, signal)
  const namespaces = namespacesFor([plan], catalog.engines)
  const options = { pins, plugins: catalog.plugins, program, target, namespaces }
  return { plan, flows: [flowHere(engine, options)], commit }
}

function scenarioOf(
  scenario: string | ScenarioInput,
  catalog: Extended,
  conflicts?: Rules['conflicts'],
): Scenario {
  const rules = { known: namesIn(catalog), conflicts }
  const loaded = typeof scenario === 'string' ? loadScenario(scenario, rules) : parseScenario(scenario, rules)
  const { host, from, to, target } = loaded
  if (host ?? from ?? to ?? target)
    throw new UsageError(
      `${loaded.name} is measured with another host, which only bench run does; leave host, from, to and target out`,
    )
  return loaded
}
