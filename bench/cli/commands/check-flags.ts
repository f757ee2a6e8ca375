/** The flags of `bench check`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { builtInNames } from '../../../scenarios/built-in.ts'
import type { CheckArguments } from '../check/arguments.ts'
import { parseCommit } from '../commit.ts'
import { expandFileNames } from '../file-names.ts'
import { parseDelta, parseMetric } from '../metric-flags.ts'
import { type Flags, flag, flagList, noFlag, text, yes } from '../options.ts'
import { RUN_OPTIONS, runArguments } from './run-flags.ts'

const { keep: _keep, format: _format, chart: _chart, ...MEASURING } = RUN_OPTIONS

export const CHECK_OPTIONS = {
  baseline: { ...text('files of earlier runs, one run or several: what got worse since?'), array: true },
  threshold: {
    ...text(
      "what has to hold, as 'tcp.goodput.p50 > 1Gbps' 'udp-*.loss < 0.1%' 'refused == 0 @ chunk<=9216'; rates and durations have their unit",
    ),
    array: true,
  },
  metric: text(
    `what is compared with the baseline: list of ${METRICS.map(each => each.name).join(', ')}`,
    'goodput',
  ),
  delta: text(
    'the least change that counts, as 5%; with fewer than five runs as baseline at least 15%',
    '5%',
  ),
  history: text(
    'folder that keeps each run; without --baseline the last 10 of this machine in it are the baseline',
  ),
  since: text('with --history: the commit, or the day, with which the baseline begins', 'what is there'),
  'any-environment': yes('judge by a baseline of another machine, kernel or Node too'),
  strict: yes('what is inconclusive or was not judged fails too, by name'),
  remeasure: noFlag('measure what fails again; --no-remeasure judges by what there is'),
  junit: text('file for JUnit XML'),
  json: text('file for all checks as JSON (docs/check.schema.json)'),
  'benchmark-json': text('file for github-action-benchmark, tool customBiggerIsBetter'),
} as const satisfies Record<string, Options>

export function describeCheck(builder: Argv) {
  return builder
    .positional('input', {
      type: 'string',
      array: true,
      default: [],
      describe: 'result files; or scenarios (built-in names, .yaml files), which are measured',
    })
    .options({ ...MEASURING, ...CHECK_OPTIONS })
    .example('$0 check --baseline monday.csv', "the baseline's own cases, measured now")
    .example('$0 check --size 64k --history history', 'measured, judged by the runs before, and kept')
    .example("$0 check new.csv --threshold 'udp-*.loss < 0.1%'", 'rows that there are')
    .example('$0 check ci --junit report.xml', 'a scenario with thresholds of its own')
    .example('$0 check ab.csv', 'side B against side A of a bench ab')
    .epilogue(
      'A threshold is [transport.]metric[.statistic] operator value [@ conditions]. Metrics: those of --metric; loss (share of the accepted datagrams); refused (datagrams); completed, incomplete, failed, damaged (trials). Counts may be shares too: refused < 1%. Statistics: p1 to p99, min, max, mean; p50 where none is named; one that so few trials do not have (p90: 100, p99: 1,000) is not judged. Conditions are those of --filter on what was asked for: chunk<=9216 size=800k. Exit codes: 0 passed, 1 it could not be measured, 2 usage, 3 a threshold is broken or a regression is proven.',
    )
}

/** @throws UsageError */
export function checkArguments(flags: Flags): CheckArguments {
  const inputs = expandFileNames([flags['input'] ?? []].flat().map(String))
  const scenarios = inputs.filter(isScenario)
  const results = inputs.filter(each => !isScenario(each))
  if (scenarios.length > 0 && results.length > 0)
    throw new UsageError(
      `${results[0]} is a file of results, and ${scenarios[0]} a scenario to measure; give one kind`,
    )
  return {
    results,
    run: {
      ...runArguments({ ...flags, scenario: scenarios }),
      keep: undefined,
      format: 'table',
      chart: false,
    },
    // Of rows that there are it is what they lack.
    measuring: givenFlags(flags).filter(
      name => name !== '--commit' || results.length === 0 || flags['history'] === undefined,
    ),
    baseline: expandFileNames(several('baseline', flags['baseline'])),
    ...historyArguments(flags),
    thresholds: several('threshold', flags['threshold']).map(parseThreshold),
    metrics: flagList('metric', flags['metric'], parseMetric) ?? [parseMetric('goodput')],
    delta: flag('delta', flags['delta'], parseDelta),
    anyEnvironment: flags['any-environment'] === true,
    strict: flags['strict'] === true,
    remeasure: flags['remeasure'] !== false,
    junit: flag('junit', flags['junit'], String),
    json: flag('json', flags['json'], String),
    benchmarkJson: flag('benchmark-json', flags['benchmark-json'], String),
    force: flags['force'] === true,
  }
}

/** A YAML file, or the name of a built-in scenario, which has neither a folder nor an extension. */
function isScenario(input: string): boolean {
  if (/[./\\]/.test(input)) return /\.ya?ml$/i.test(input)
  return builtInNames().includes(input)
}

/** Where and whether it is said is no matter of what is measured. */
const BESIDE = ['out', 'force', 'quiet']

function givenFlags(flags: Flags): readonly string[] {
  return Object.entries<Options>(MEASURING)
    .filter(([name, { default: value }]) => !BESIDE.includes(name) && flags[name] !== value)
    .map(([name]) => `--${flags[name] === false ? 'no-' : ''}${name}`)
}

function historyArguments(flags: Flags): Pick<CheckArguments, 'history' | 'since'> {
  const history = flag('history', flags['history'], String)
  const since = flag('since', flags['since'], parseCommit)
  if (since !== undefined && (history === undefined || flags['baseline'] !== undefined))
    throw new UsageError('--since is where the baseline of --history begins; leave it out without one')
  return { history, since }
}

/** The values of a flag that takes several. */
function several(name: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (value === false) throw new UsageError(`--no-${name} is no flag; leave --${name} out`)
  return [...new Set([value].flat().map(String))]
}
