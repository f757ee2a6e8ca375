/** The flags of `bench check`, and what they ask for. */
import { UsageError } from '../../../base/errors.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { builtInNames } from '../../../scenarios/built-in.ts'
import { SHARE } from '../../../scenarios/settings/units.ts'
import type { Given } from '../command.ts'
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

export const CHECK_FLAGS = { ...MEASURING, ...FLAGS }

export type CheckArguments = ReturnType<typeof checkArguments>

/**
 * Without `results` they measure: what `run` says, unless `measuring`, the given flags as typed, leaves that to the baseline's own cases.
 * @throws UsageError
 */
export function checkArguments({ operands, flags }: Given) {
  const inputs = expandResultNames(operands)
  const scenarios = inputs.filter(isScenario)
  const results = inputs.filter(each => !isScenario(each))
  if (scenarios.length > 0 && results.length > 0)
    throw new UsageError(
      `${results[0]} is a result file, and ${scenarios[0]} a scenario to measure; give only one kind`,
    )
  const run = runArguments(scenarios, readFlags(RUN_FLAGS, flags))
  const { 'any-environment': anyEnvironment, threshold, metric: metrics, ...given } = readFlags(FLAGS, flags)
  const baseline = expandResultNames([...new Set(given.baseline)])
  if (given.since !== undefined && (given.history === undefined || baseline.length > 0))
    throw new UsageError(
      '--since says where the baseline of --history begins; leave it out without --history or with --baseline',
    )
  return {
    ...given,
    ...{ results, run, baseline, metrics, anyEnvironment },
    // What says what to measure. For stored rows --commit fills in what they lack.
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
const BESIDE = ['out', 'columns', 'force', 'quiet', 'start-at']

function givenFlags(flags: Written): readonly string[] {
  return Object.entries<FlagTable[string]>(MEASURING)
    .filter(([name, flag]) => {
      const value = flags[name]
      return !BESIDE.includes(name) && value !== undefined && value !== flag.default
    })
    .map(([name]) => `--${flags[name] === false ? 'no-' : ''}${name}`)
}
