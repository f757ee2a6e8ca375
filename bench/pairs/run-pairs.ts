/** Measures two variants as interleaved pairs, for programs that use this one as a library. */

import { UsageError } from '../../base/errors.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { applyOverrides, type Overrides } from '../../scenarios/blocks.ts'
import { PAIRED_ROUNDS, withRounds } from '../../scenarios/defaults.ts'
import type { Scenario } from '../../scenarios/schema.ts'
import type { Pins } from '../../scenarios/settings/words.ts'
import type { Catalog } from '../../transports/catalog.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import { checkPins } from '../fleet/agent/pinning.ts'
import { flowHere } from '../fleet/flow.ts'
import { madeFolder } from '../measure/files.ts'
import { planFor } from '../measure/run.ts'
import { measurePairs, type PairOptions, type Side } from './pairs.ts'
import { type AskedProgram, checkProgram, findProgram } from './program.ts'
import type { SideName } from './side-names.ts'

/** Options of one side. */
export interface SideOptions extends AskedProgram {
  /** The only CPU of each agent. */
  readonly pins?: Pins | undefined
  /** A foreign receiver. */
  readonly target?: Endpoint | undefined
  /** Overrides the scenario and the overrides of both sides. */
  readonly overrides?: Omit<Overrides, 'repeat' | 'warmup' | 'processes' | 'seed'>
  /** `native`, `node`, or `auto` (the default): the best that works here. */
  readonly engine?: string
}

export interface RunPairsOptions extends Omit<PairOptions, 'catalog' | 'signal' | 'rounds' | 'only'> {
  /** Ends the run when it aborts. */
  readonly signal?: AbortSignal
  /** Paths or packages of plug-ins, as after `--plugin`. */
  readonly plugins?: readonly string[]
  /** Overrides the scenario on both sides; rounds, warm-up, processes and seed can be given only here. */
  readonly overrides?: Overrides
}

/**
 * Measures a scenario on two sides, as `measurePairs` does, and yields each record as its trial ends: rows of one `round` and case are
 * a pair, one of each `side`. Programs that a side names (`node`, `cli`) are proven to work before anything is measured.
 * @throws UsageError when the scenario, a file or a side is wrong; names the side
 * @throws AgentError with `code` `ABORTED` when `signal` aborts
 */
export async function* measureSides(
  scenario: Scenario,
  sides: Readonly<Record<SideName, SideOptions>>,
  { overrides = {}, signal = new AbortController().signal, ...rest }: RunPairsOptions,
  catalog: Catalog,
): AsyncGenerator<TrialRecord> {
  const asked = applyOverrides(scenario, overrides)
  const common = withRounds(asked, PAIRED_ROUNDS)
  const { keepDir = asked.keep } = rest
  if (keepDir !== undefined) await madeFolder(keepDir, 'keep')
  const a = await sideOf('a', common, sides.a, catalog, signal)
  const b = await sideOf('b', common, sides.b, catalog, signal)
  for await (const { record } of measurePairs({ a, b }, { ...rest, keepDir, catalog, signal })) yield record
}

async function sideOf(
  name: SideName,
  scenario: Scenario,
  { overrides = {}, engine: asked, node, cli, pins = scenario.pins, target }: SideOptions,
  catalog: Catalog,
  signal: AbortSignal,
): Promise<Side> {
  try {
    const { engine } = await catalog.engines.choose(asked ?? scenario.engine ?? 'auto')
    if (pins) await checkPins(pins)
    const program = await findProgram({ node, cli })
    const plan = await planFor(applyOverrides(scenario, overrides), engine, catalog)
    if (program) await checkProgram({ node, cli }, program, plan, catalog, signal)
    return { plan, flows: [flowHere(engine, { pins, plugins: catalog.plugins, program, target })] }
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(`side ${name.toUpperCase()}: ${error.message}`, { cause: error })
    throw error
  }
}
