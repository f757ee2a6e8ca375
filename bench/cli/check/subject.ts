/** What a gate judges: stored rows, or what it will measure; and how to measure any of it again. */

import { UsageError } from '../../../base/errors.ts'
import type { Note } from '../../../results/gate/check.ts'
import { fullName } from '../../../results/gate/names.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { together } from '../../../results/gate/together.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { type Cell, cellKey } from '../../../results/schema/cells.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import type { Overrides } from '../../../scenarios/blocks.ts'
import { refuse } from '../../../scenarios/conflicts.ts'
import { SINGLE_ROUNDS } from '../../../scenarios/defaults.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import { ofRounds, type Until, untilOf } from '../../../scenarios/until.ts'
import { environmentSchema } from '../../fleet/calls/environment.ts'
import { elsewhere } from '../../fleet/facts/elsewhere.ts'
import { abilitiesOf } from '../../measure/abilities.ts'
import type { Work } from '../../measure/blocks.ts'
import { checkedFile } from '../../measure/files.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { prepare, scenariosOf } from '../preparation.ts'
import type { CheckArguments } from './arguments.ts'
import {
  checkOneEnvironment,
  checkOneKind,
  describeRuns,
  hasSides,
  type Runs,
  readRuns,
  readSides,
} from './inputs.ts'
import type { Demand, Results } from './judging.ts'
import { plansAgain, type StoredPlan, sentFiles, storedPlans, type Unmeasurable } from './stored-plans.ts'

/** Runs, one set each, and how they were measured. */
type Measured = Pick<Runs, 'sets' | 'manifests'>

export interface Subject extends AsyncDisposable {
  /** Where received payloads are saved; a scenario may say it. */
  readonly keepDir: string | undefined
  /** Undefined: measured now. */
  readonly stored: Results | undefined
  /** If the stored results are the sides of one run: side A, which side B is compared with. */
  readonly sideA: TrialSet | undefined
  readonly demands: readonly Demand[]
  /** What to measure; for stored results, what can be measured again. */
  readonly works: readonly Work[]
  /** Cases of the baseline that cannot be measured here. */
  readonly unmeasured: readonly Unmeasurable[]
  /** Why a cell cannot be measured, or measured again. */
  readonly obstacleTo: (cell: Cell) => string | undefined
  readonly heading: readonly string[]
  readonly notes: readonly Note[]
}

/**
 * Finds what to judge, by what the command names: result files; scenarios, or flags that describe a run; else the baseline's own cases.
 * @param baseline its runs, if it has one; from a history the latest, if any
 * @throws UsageError, SetupError
 */
export async function subjectOf(
  args: CheckArguments,
  baseline: Measured | undefined,
  catalog: Extended,
  signal: AbortSignal,
): Promise<Subject> {
  if (args.results.length > 0) return storedResults(args, baseline, catalog)
  const [foreign] = args.measuring.filter(flag => !OF_ANY_CASES.includes(flag))
  if (args.run.scenarios.length > 0 || foreign !== undefined)
    return scenarios(args, baseline, catalog, signal)
  if (baseline && baseline.sets.length > 0) return casesOf(args, baseline, catalog)
  if (args.thresholds.length > 0) return scenarios(args, baseline, catalog, signal)
  if (baseline)
    throw new UsageError(
      `there is no run in ${args.history} yet; say what to measure: a scenario, or flags such as --size 64k`,
    )
  throw new UsageError(
    "nothing to check; give result files, a scenario, --baseline FILES or --threshold 'tcp.goodput > 1Gbps'",
  )
}

/** Flags that say how to measure, not what: they may override the baseline's own. */
const OF_ANY_CASES: readonly string[] = [
  '--repeat',
  '--warmup',
  '--processes',
  '--until',
  '--max-time',
  '--pause',
  '--drain',
  '--timeout',
  '--setup',
  '--cleanup',
  '--commit',
  '--note',
  '--plugin',
]

async function storedResults(
  args: CheckArguments,
  baseline: Measured | undefined,
  catalog: Extended,
): Promise<Subject> {
  const { results, measuring, remeasure } = args
  const [flag] = measuring
  if (flag !== undefined)
    throw new UsageError(`${flag} is for measuring, and ${results[0]} is already measured; leave one out`)
  const { sets, manifests, notes } = await readRuns(results)
  const sides = hasSides(sets)
  if (baseline && (sides || hasSides(baseline.sets)))
    throw new UsageError(
      `${sides ? results[0] : 'the baseline'} holds the sides of bench ab, which are judged against each other; use bench check ${sides ? results[0] : 'FILE'}, without --baseline and --history`,
    )
  const demands = demandsOf(args)
  if (!baseline && demands.length === 0) {
    if (!sides)
      throw new UsageError(
        `nothing to check ${results[0]} against; give --baseline FILES, --history DIR or --threshold`,
      )
    await checkOneKind(sets, results)
    const { a, b, heading } = await readSides(results)
    return {
      ...NOTHING,
      stored: { set: b, ofScenario: () => b },
      sideA: a,
      ...{ demands, notes },
      obstacleTo: () => 'only bench ab --gate measures the sides of a run again',
      heading: [describeRuns('side B against side A', sets), ...heading],
    }
  }
  if (!sides) checkOneEnvironment(sets, 'results')
  const set = together('results', sets)
  // Only the machine that measured it, with the same programs, can measure it again.
  const moved = elsewhere(set, environmentSchema.keyof().options)
  const canMeasure = remeasure && !sides && moved === undefined
  const { works, left } = canMeasure
    ? await worksAgain(set, manifests, catalog, undefined)
    : { works: [], left: [] }
  return {
    ...NOTHING,
    stored: { set, ofScenario: () => set },
    ...{ demands, notes, works },
    obstacleTo: cell => moved ?? reasonIn(left, cell),
    heading: [describeRuns('results', sets)],
  }
}

async function scenarios(
  args: CheckArguments,
  baseline: Measured | undefined,
  catalog: Extended,
  signal: AbortSignal,
): Promise<Subject> {
  const own = (await scenariosOf(args.run, catalog)).flatMap(({ name: scenario, thresholds = [] }) =>
    thresholds.map(text => ({ threshold: parseThreshold(text), scenario })),
  )
  const demands = [...own, ...demandsOf(args)]
  if (demands.length === 0 && !baseline)
    throw new UsageError(
      `nothing to check ${args.run.scenarios[0] ?? 'the results'} against; give --baseline FILES, --history DIR, --threshold, or thresholds in the scenario`,
    )
  const ready = await prepare(args.run, catalog, undefined, signal)
  const { works, keepDir, warning } = ready
  return {
    ...NOTHING,
    ...{ demands, works, keepDir },
    notes: warning === undefined ? [] : [{ message: warning }],
    [Symbol.asyncDispose]: () => ready[Symbol.asyncDispose](),
  }
}

async function casesOf(args: CheckArguments, baseline: Measured, catalog: Extended): Promise<Subject> {
  const { repeat, warmup, processes, pauseMs, drainMs, timeoutMs } = args.run.overrides
  refuse([...ofRounds({ name: 'custom', variants: [], ...args.run.overrides })])
  const { works, left } = await worksAgain(
    together('baseline', baseline.sets),
    baseline.manifests,
    catalog,
    repeat,
  )
  if (works.length === 0) {
    const [first] = left
    throw new UsageError(
      `none of the cases of ${args.baseline[0] ?? args.history} can be measured here: ${first ? `${fullName(first.cell)}: ${first.reason}` : 'it has no cases'}`,
    )
  }
  return {
    ...NOTHING,
    demands: demandsOf(args),
    works: works.map(({ plan, ...rest }) => ({
      plan: {
        ...plan,
        warmup: warmup ?? plan.warmup,
        processes: processes ?? plan.processes,
        until: untilAgain(plan, args.run.overrides),
        ...(pauseMs === undefined ? {} : { pauseMs }),
        drainMs: drainMs ?? plan.drainMs,
        timeoutMs: timeoutMs ?? plan.timeoutMs,
      },
      ...rest,
    })),
    unmeasured: left,
    obstacleTo: cell => reasonIn(left, cell),
    notes: left.map(({ cell, reason }) => ({ message: `${fullName(cell)} was not measured: ${reason}` })),
  }
}

/** A number of processes takes the place of rounds without a number, as in a scenario. */
function untilAgain({ until }: Plan, overrides: Overrides): Until | undefined {
  if (overrides.untilShare !== undefined) return untilOf(overrides, SINGLE_ROUNDS.ofProcess)
  return overrides.processes === undefined ? until : undefined
}

const NOTHING: Omit<Subject, 'demands'> = {
  ...{ keepDir: undefined, stored: undefined, sideA: undefined },
  ...{ works: [], unmeasured: [], heading: [], notes: [] },
  obstacleTo: () => undefined,
  async [Symbol.asyncDispose]() {},
}

/** Those of flags hold for all that is judged. */
function demandsOf({ thresholds }: CheckArguments): readonly Demand[] {
  return thresholds.map(threshold => ({ threshold, scenario: undefined }))
}

async function worksAgain(
  set: TrialSet,
  manifests: readonly Manifest[],
  catalog: Extended,
  repeat: number | undefined,
) {
  const stored = storedPlans(manifests)
  const means = { catalog, abilities: await abilitiesOf(catalog), fileSizes: await fileSizesOf(stored) }
  const cells = set.cells.map(({ cell }) => cell)
  return plansAgain(cells, stored, means, repeat)
}

/** In bytes, of those that are here: by their paths in the plans, from the working directory. */
async function fileSizesOf(stored: readonly StoredPlan[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>()
  for (const file of new Set(stored.flatMap(({ plan }) => plan.cases.flatMap(sentFiles))))
    try {
      sizes.set(file, await checkedFile(file))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
    }
  return sizes
}

function reasonIn(left: readonly Unmeasurable[], cell: Cell): string | undefined {
  return left.find(each => cellKey(each.cell) === cellKey(cell))?.reason
}
