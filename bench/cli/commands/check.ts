/** `bench check` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { builtInNames } from '../../../scenarios/built-in.ts'
import { unlessCalledOff } from '../called-off.ts'
import type { CheckArguments } from '../check/arguments.ts'
import type { Command, Given } from '../command.ts'
import { parseCommit } from '../commit.ts'
import { expandResultNames } from '../file-names.ts'
import { type FlagTable, list, noFlag, readFlags, repeated, text, type Written, yes } from '../flags.ts'
import { GATE_FILES, METRIC_NAMES, parseDelta, parseMetric } from '../metric-flags.ts'
import { RUN_FLAGS, runArguments } from '../run-flags.ts'

const { keep: _keep, format: _format, chart: _chart, ...MEASURING } = RUN_FLAGS

const FLAGS = {
  baseline: {
    ...repeated('files of earlier runs, one run or several: what got worse since?', String),
    array: true,
  },
  threshold: {
    ...repeated(
      "what has to hold, as 'tcp.goodput.p50 > 1Gbps' 'udp-*.loss < 0.1%' 'refused == 0 @ chunk<=9216'; rates and durations have their unit",
      String,
    ),
    array: true,
  },
  metric: list(
    `what is compared with the baseline: list of ${METRIC_NAMES.join(', ')}`,
    parseMetric,
    'goodput',
  ),
  delta: text(
    'the least change that counts, as 5%; with fewer than five runs as baseline at least 15%',
    parseDelta,
    '5%',
  ),
  history: text(
    'folder that keeps each run; without --baseline the last 10 of this machine in it are the baseline',
    String,
  ),
  since: text(
    'with --history: the commit, or the day, with which the baseline begins',
    parseCommit,
    'what is there',
  ),
  'any-environment': yes('judge by a baseline of another machine, kernel or Node too'),
  strict: yes('what is inconclusive or was not judged fails too, by name'),
  remeasure: noFlag('measure what fails again; --no-remeasure judges by what there is'),
  ...GATE_FILES,
  'benchmark-json': text('file for github-action-benchmark, tool customBiggerIsBetter', String),
} as const

export const check: Command = {
  name: 'check',
  summary: 'hold results to thresholds and to earlier runs',
  operands: [
    {
      name: 'input',
      describe: 'result files; or scenarios (built-in names, .yaml files), which are measured',
      several: true,
    },
  ],
  flags: { ...MEASURING, ...FLAGS },
  examples: [
    ['$0 check --baseline monday.csv', "the baseline's own cases, measured now"],
    ['$0 check --size 64k --history history', 'measured, judged by the runs before, and kept'],
    ["$0 check new.csv --threshold 'udp-*.loss < 0.1%'", 'rows that there are'],
    ['$0 check ci --junit report.xml', 'a scenario with thresholds of its own'],
    ['$0 check ab.csv', 'side B against side A of a bench ab'],
  ],
  epilogue:
    'A threshold is [transport.]metric[.statistic] operator value [@ conditions]. Metrics: those of --metric; loss (share of the accepted datagrams); refused (datagrams); completed, incomplete, failed, damaged (trials). Counts may be shares too: refused < 1%. Statistics: p1 to p99, min, max, mean; p50 where none is named; one that so few trials do not have (p90: 100, p99: 1,000) is not judged. Conditions are those of --filter on what was asked for: chunk<=9216 size=800k. Exit codes: 0 passed, 1 it could not be measured, 2 usage, 3 a threshold is broken or a regression is proven.',
  async run(given, terminal, signal, catalog) {
    const args = checkArguments(given)
    const { check } = await import('../check/check.ts')
    return unlessCalledOff(terminal, signal, () => check(terminal, args, catalog, signal))
  },
}

function checkArguments({ operands, flags }: Given): CheckArguments {
  const inputs = expandResultNames(operands)
  const scenarios = inputs.filter(isScenario)
  const results = inputs.filter(each => !isScenario(each))
  if (scenarios.length > 0 && results.length > 0)
    throw new UsageError(
      `${results[0]} is a file of results, and ${scenarios[0]} a scenario to measure; give one kind`,
    )
  const run = runArguments(scenarios, readFlags(RUN_FLAGS, flags))
  const {
    'any-environment': anyEnvironment,
    'benchmark-json': benchmarkJson,
    threshold,
    metric: metrics = [parseMetric('goodput')],
    ...given
  } = readFlags(FLAGS, flags)
  const baseline = expandResultNames([...new Set(given.baseline)])
  if (given.since !== undefined && (given.history === undefined || baseline.length > 0))
    throw new UsageError('--since is where the baseline of --history begins; leave it out without one')
  return {
    ...given,
    ...{ results, run, baseline, metrics, anyEnvironment, benchmarkJson, force: run.force },
    // Of rows that there are it is what they lack.
    measuring: givenFlags(flags).filter(
      name => name !== '--commit' || results.length === 0 || given.history === undefined,
    ),
    thresholds: [...new Set(threshold)].map(parseThreshold),
  }
}

/** A YAML file, or the name of a built-in scenario, which has neither a folder nor an extension. */
function isScenario(input: string): boolean {
  if (/[./\\]/.test(input)) return /\.ya?ml$/i.test(input)
  return builtInNames().includes(input)
}

/** Where and whether it is said is no matter of what is measured. */
const BESIDE = ['out', 'force', 'quiet']

/** As they are written. */
function givenFlags(flags: Written): readonly string[] {
  return Object.entries<FlagTable[string]>(MEASURING)
    .filter(([name, flag]) => {
      const value = flags[name]
      return !BESIDE.includes(name) && value !== undefined && value !== flag.default
    })
    .map(([name]) => `--${flags[name] === false ? 'no-' : ''}${name}`)
}
