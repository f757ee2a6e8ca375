/** The flags of `bench ab` and `bench aa`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import type { Metric } from '../../../results/compare/metrics.ts'
import { PAIRED_ROUNDS } from '../../../scenarios/defaults.ts'
import type { OutputArguments } from '../check/outputs.ts'
import { hostArguments } from '../hosts-flags.ts'
import { METRIC_OPTIONS, parseDelta, parseMetric } from '../metric-flags.ts'
import { type Flags, flag, text, yes } from '../options.ts'
import type { RunArguments } from '../run-arguments.ts'
import { CHECK_OPTIONS } from './check-flags.ts'
import { RUN_OPTIONS, runArguments } from './run-flags.ts'
import { sideArguments } from './side.ts'
import type { SidesArguments } from './sides.ts'

const PAIRED_OPTIONS = {
  ...RUN_OPTIONS,
  repeat: { ...RUN_OPTIONS.repeat, defaultDescription: String(PAIRED_ROUNDS.repeat) },
  processes: {
    ...RUN_OPTIONS.processes,
    defaultDescription: `${PAIRED_ROUNDS.processes}, of ${PAIRED_ROUNDS.ofProcess} rounds or more`,
  },
}
/** There are no charts of equal sides. */
const { chart: _chart, ...WITHOUT_CHART } = PAIRED_OPTIONS

const AA_OPTIONS = {
  ...METRIC_OPTIONS,
  metric: { ...METRIC_OPTIONS.metric, defaultDescription: 'goodput; total with --target' },
} as const satisfies Record<string, Options>

export const AB_OPTIONS = {
  a: text('options of side A, as a string: engine=node, or --engine node --rate 400M'),
  b: text('options of side B'),
  noise: text('rows of bench aa: a difference counts from three times the noise of its case on'),
  gate: yes('measure again where B is worse, and end with 3 when it is again'),
  strict: yes('with --gate: end with 3 too when it cannot be told'),
  junit: CHECK_OPTIONS.junit,
  json: CHECK_OPTIONS.json,
  ...AA_OPTIONS,
} as const satisfies Record<string, Options>

/** What of the arguments is for both sides. */
export type Common = Pick<RunArguments, 'out' | 'force' | 'format' | 'quiet' | 'chart'>

export interface PairedArguments {
  readonly sides: SidesArguments
  readonly common: Common
  /** Undefined: goodput, or what there is. */
  readonly metric: Metric | undefined
  /** The least effect that counts, as a share. */
  readonly delta: number | undefined
}

export interface AbArguments extends PairedArguments {
  /** File of an A/A run. */
  readonly noise: string | undefined
  readonly gate: boolean
  readonly strict: boolean
  /** Files of the gate. */
  readonly outputs: Pick<OutputArguments, 'junit' | 'json' | 'benchmarkJson'>
}

export function describeAb(builder: Argv) {
  return describeScenario(builder)
    .options({ ...AB_OPTIONS, ...PAIRED_OPTIONS })
    .demandOption(['a', 'b'])
    .example("$0 ab --a 'engine=node' --b 'engine=native'", 'two engines, in turn')
    .example("$0 ab --a '' --b cli=../other-build --gate", 'another build of this tool against this one')
    .example("$0 ab --a '' --b node=/opt/node24/bin/node", 'another Node')
    .epilogue(
      'A side holds options of bench run (size, transport, engine, rate, rcvbuf, host …), quoted as in a shell, and: node=PATH, the Node that its agents run on; cli=PATH, another build of this tool, by its folder or its dist/bench/cli.js. Agents send and receive, so transports, engines and all that is quick or slow are theirs; schedule, accounting and statistics stay those of the bench that you call.',
    )
}

export function describeAa(builder: Argv) {
  return describeScenario(builder)
    .options({ ...AA_OPTIONS, ...WITHOUT_CHART })
    .example('$0 aa --out aa.csv', 'how much two equal sides differ here, and what could be told')
    .example("$0 ab --noise aa.csv --a '' --b engine=node", 'what is larger than that')
}

/** @throws UsageError */
export function abArguments(flags: Flags): AbArguments {
  const { a, b, ...common } = flags
  const taken = Object.keys(AB_OPTIONS)
  const side = (name: 'a' | 'b', written: unknown) =>
    sideArguments(name, flag(name, written, String) ?? '', common, taken)
  const sides = { a: side('a', a), b: side('b', b) }
  const gate = flags['gate'] === true
  const idle = ['strict', 'junit', 'json'].find(name => flags[name] !== undefined && flags[name] !== false)
  if (idle && !gate) throw new UsageError(`--${idle} goes with --gate; add that`)
  return {
    ...pairedArguments(sides, common),
    noise: flag('noise', flags['noise'], String),
    gate,
    strict: flags['strict'] === true,
    outputs: {
      junit: flag('junit', flags['junit'], String),
      json: flag('json', flags['json'], String),
      benchmarkJson: undefined,
    },
  }
}

/** @throws UsageError */
export function aaArguments(flags: Flags): PairedArguments {
  const side = { run: runArguments(flags), program: {}, given: {}, flags }
  return pairedArguments({ a: side, b: side }, flags)
}

function pairedArguments(sides: SidesArguments, common: Flags): PairedArguments {
  // What is for another host is told, when no side has one.
  if (!sides.a.run.hosts && !sides.b.run.hosts) hostArguments(common)
  return {
    sides,
    common: sides.a.run,
    metric: flag('metric', common['metric'], parseMetric),
    delta: flag('delta', common['delta'], parseDelta),
  }
}

function describeScenario(builder: Argv) {
  return builder.positional('scenario', {
    type: 'string',
    array: true,
    default: [],
    describe: 'built-in names or .yaml files',
  })
}
