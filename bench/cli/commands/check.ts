/** `bench check` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { builtInNames } from '../../../scenarios/built-in.ts'
import { SHARE } from '../../../scenarios/settings/units.ts'
import type { CheckArguments } from '../check/arguments.ts'
import { check as judge } from '../check/check.ts'
import type { Command, Given } from '../command.ts'
import { parseCommit } from '../commit.ts'
import { expandResultNames } from '../file-names.ts'
import { type FlagTable, list, noFlag, readFlags, repeated, text, type Written, yes } from '../flags.ts'
import { GATE_FILES, METRIC_NAMES, parseMetric, USUAL_METRIC } from '../metric-flags.ts'
import { RUN_FLAGS, runArguments } from '../run-flags.ts'

const { keep: _keep, format: _format, chart: _chart, ...MEASURING } = RUN_FLAGS

const FLAGS = {
  baseline: {
    ...repeated('result files of one or more earlier runs to compare with', String),
    array: true,
  },
  threshold: {
    ...repeated(
      "limits to check, such as 'tcp.goodput.p50 > 1Gbps' 'udp-*.loss < 0.1%' 'refused == 0 @ chunk<=9216'; rates and durations need a unit",
      String,
    ),
    array: true,
  },
  metric: list(
    `what to compare with the baseline: list of ${METRIC_NAMES.join(', ')}`,
    parseMetric,
    USUAL_METRIC,
  ),
  delta: text(
    'smallest change that counts, such as 5%; at least 15% with fewer than five baseline runs',
    SHARE.parse,
    '5%',
  ),
  history: text(
    "folder to keep each run in; without --baseline, this machine's last 10 runs in it are the baseline",
    String,
  ),
  since: text('with --history: first commit or day of the baseline', parseCommit, 'all runs'),
  'any-environment': yes('accept a baseline from another machine, kernel or Node'),
  strict: yes('fail what is inconclusive or was not judged, too, and name it'),
  remeasure: noFlag('measure what fails again; --no-remeasure judges the first measurement'),
  ...GATE_FILES,
  'benchmark-json': text('file for github-action-benchmark (tool customBiggerIsBetter)', String),
} as const

export const check: Command = {
  flags: { ...MEASURING, ...FLAGS },
  examples: [
    ['$0 check --baseline monday.csv', "measure the baseline's own cases, and compare"],
    ['$0 check --size 64k --history history', 'measure, compare with earlier runs, and keep'],
    ["$0 check new.csv --threshold 'udp-*.loss < 0.1%'", 'check stored results'],
    ['$0 check ci --junit report.xml', 'measure a scenario that has thresholds'],
    ['$0 check ab.csv', 'compare side B of a bench ab with side A'],
  ],
  epilogue:
    'A threshold is [transport.]metric[.statistic] operator value [@ conditions]. Metrics: those of --metric; loss (share of the accepted datagrams); unanswered (share of the requests); refused (datagrams, headers and markers included); completed, incomplete, failed, damaged (trials). Counts may be given as shares: refused < 1%. Statistics: p1 to p99, min, max, mean; p50 by default; they are of trials, but for rtt (rtt.p99, rtt.max) of all requests; a quantile is not judged with too few of them (p90: 100, p99: 1,000). Conditions are those of --filter on settings: chunk<=9216 size=800k. Exit codes: 0 passed, 1 could not be measured, 2 usage, 3 a threshold is broken or a regression is proven.',
  before: 'anything was measured',
  run(given, { terminal, catalog, signal }) {
    return judge(terminal, checkArguments(given), catalog, signal)
  },
}

function checkArguments({ operands, flags }: Given): CheckArguments {
  const inputs = expandResultNames(operands)
  const scenarios = inputs.filter(isScenario)
  const results = inputs.filter(each => !isScenario(each))
  if (scenarios.length > 0 && results.length > 0)
    throw new UsageError(
      `${results[0]} is a result file, and ${scenarios[0]} a scenario to measure; give only one kind`,
    )
  const run = runArguments(scenarios, readFlags(RUN_FLAGS, flags))
  const {
    'any-environment': anyEnvironment,
    'benchmark-json': benchmarkJson,
    threshold,
    metric: metrics,
    ...given
  } = readFlags(FLAGS, flags)
  const baseline = expandResultNames([...new Set(given.baseline)])
  if (given.since !== undefined && (given.history === undefined || baseline.length > 0))
    throw new UsageError(
      '--since says where the baseline of --history begins; leave it out without --history or with --baseline',
    )
  return {
    ...given,
    ...{ results, run, baseline, metrics, anyEnvironment, benchmarkJson, force: run.force },
    // For stored rows --commit fills in what they lack.
    measuring: givenFlags(flags).filter(
      name => name !== '--commit' || results.length === 0 || given.history === undefined,
    ),
    thresholds: [...new Set(threshold)].map(parseThreshold),
  }
}

/** A YAML file, or the name of a built-in scenario, without folder or extension. */
function isScenario(input: string): boolean {
  if (/[./\\]/.test(input)) return /\.ya?ml$/i.test(input)
  return builtInNames().includes(input)
}

/** Flags about the output, which do not change what is measured. */
const BESIDE = ['out', 'force', 'quiet']

/** The given flags, as typed. */
function givenFlags(flags: Written): readonly string[] {
  return Object.entries<FlagTable[string]>(MEASURING)
    .filter(([name, flag]) => {
      const value = flags[name]
      return !BESIDE.includes(name) && value !== undefined && value !== flag.default
    })
    .map(([name]) => `--${flags[name] === false ? 'no-' : ''}${name}`)
}
