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
import { UsageError } from '../base/errors.ts'
import type { TrialRecord } from '../results/schema/columns.ts'
import { applyOverrides, type Overrides } from '../scenarios/blocks.ts'
import { loadScenario, parseScenario } from '../scenarios/load.ts'
import type { ScenarioInput } from '../scenarios/schema.ts'
import { namesIn } from '../scenarios/settings/known.ts'
import type { Pins } from '../scenarios/settings/words.ts'
import type { Catalog } from '../transports/catalog.ts'
import type { Endpoint } from '../transports/contract/socket-facts.ts'
import { checkPins } from './fleet/agent/pinning.ts'
import { flowHere } from './fleet/flow.ts'
import { loadPlugins } from './fleet/plugins.ts'
import { madeFolder } from './measure/files.ts'
import { planFor, type RunOptions, runPlan } from './measure/run.ts'
import { measureSides, type RunPairsOptions, type SideOptions } from './pairs/run-pairs.ts'
import type { SideName } from './pairs/side-names.ts'

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
export { BUILT_IN, type Catalog } from '../transports/catalog.ts'
export { loadPlugins, type Plugin } from './fleet/plugins.ts'
export type { RunPairsOptions, SideOptions } from './pairs/run-pairs.ts'

export interface RunScenarioOptions extends Omit<RunOptions, 'catalog' | 'signal' | 'flows'> {
  /** Ends the run when it aborts. */
  readonly signal?: AbortSignal
  /** What wins over the scenario, as flags do. */
  readonly overrides?: Overrides
  /** `native`, `node`, or `auto` (the default): the best one that works here. */
  readonly engine?: string
  /** Paths or packages of plug-ins, as after `--plugin`. */
  readonly plugins?: readonly string[]
  /** The only CPU of each agent. */
  readonly pins?: Pins | undefined
  /** A foreign receiver. */
  readonly target?: Endpoint | undefined
}

/**
 * Measures a scenario (a built-in one by name, a file by path, or a value) and yields each record as its trial ends.
 * Loss, refusals and failed trials are records. Leaving the loop early ends the run and its agents.
 * @throws UsageError when the scenario or a file is wrong
 * @throws AgentError with `code` `ABORTED` when `signal` aborts
 */
export async function* runScenario(
  scenario: string | ScenarioInput,
  {
    overrides = {},
    signal = new AbortController().signal,
    target,
    plugins = [],
    ...rest
  }: RunScenarioOptions = {},
): AsyncGenerator<TrialRecord> {
  const catalog = await loadPlugins(plugins)
  const loaded = applyOverrides(scenarioOf(scenario, catalog), overrides)
  const { engine: asked = loaded.engine, pins = loaded.pins, keepDir = loaded.keep, ...options } = rest
  const { engine } = await catalog.engines.choose(asked ?? 'auto')
  if (pins) await checkPins(pins)
  if (keepDir !== undefined) await madeFolder(keepDir, 'keep')
  const plan = await planFor(loaded, engine, catalog)
  const flows = [flowHere(engine, { pins, plugins: catalog.plugins, target })]
  yield* runPlan(plan, { ...options, keepDir, catalog, signal, flows })
}

/**
 * Measures a scenario on two sides in one run, as `bench ab` does: in each round each case once a side, one directly after the other, in
 * seeded random order, each side first as often as the other. Yields each record as its trial ends; its `side` is `a` or `b`, and rows of
 * one `round` and case are a pair.
 *
 * ```ts
 * for await (const { side, round, goodput_bps } of runPairs({ size: '800k' }, { a: { engine: 'node' }, b: { engine: 'native' } }))
 *   console.log(round, side, goodput_bps)
 * ```
 * @throws UsageError when the scenario, a file or a side is wrong, or a case of one side has no partner on the other
 * @throws AgentError with `code` `ABORTED` when `signal` aborts
 */
export async function* runPairs(
  scenario: string | ScenarioInput,
  sides: Readonly<Record<SideName, SideOptions>>,
  options: RunPairsOptions = {},
): AsyncGenerator<TrialRecord> {
  const catalog = await loadPlugins(options.plugins ?? [])
  yield* measureSides(scenarioOf(scenario, catalog), sides, options, catalog)
}

function scenarioOf(scenario: string | ScenarioInput, catalog: Catalog) {
  const known = namesIn(catalog)
  const loaded = typeof scenario === 'string' ? loadScenario(scenario, known) : parseScenario(scenario, known)
  const { host, from, to, target } = loaded
  if (host ?? from ?? to ?? target)
    throw new UsageError(
      `${loaded.name} is measured with another host, which only bench run does; leave host, from, to and target out`,
    )
  return loaded
}
