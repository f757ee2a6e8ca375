/** The flags that say what is measured, where, and what becomes of it: those of `bench run`, of which other commands have most. */
import type { Overrides } from '../../scenarios/blocks.ts'
import { parseCommit } from './commit.ts'
import { expandFileNames } from './file-names.ts'
import { choice, type FlagValues, noFlag, text, yes } from './flags.ts'
import { SERVER_FLAGS, serverIdentity } from './hosts-flags.ts'
import { PLUGIN } from './options.ts'
import { SETTING_FLAGS, settingValues } from './setting-flags.ts'

const { keep, ...OTHER_SETTINGS } = SETTING_FLAGS

export const RUN_FLAGS = {
  ...OTHER_SETTINGS,
  plugin: PLUGIN,
  ...SERVER_FLAGS,
  keep,
  commit: text('what is tested, for the column commit: a hash or a name', parseCommit),
  out: text('file for the rows: .csv, .json or .jsonl', String, 'bench-results/<UTC time>-<scenario>.csv'),
  force: yes('overwrite the file of --out'),
  format: choice('what standard output shows', ['table', 'csv', 'json', 'jsonl'], 'table'),
  quiet: { ...yes('nothing but the results: no progress, no chart'), alias: 'q' },
  chart: noFlag('charts below the table; --no-chart leaves them out'),
}

/** What of the words of a command is a scenario. */
export const SCENARIOS = {
  name: 'scenario',
  describe: 'built-in names or .yaml files',
  several: true,
} as const

/** What is measured, where, and what becomes of it. */
export interface RunArguments extends ReturnType<typeof runArguments> {
  /** What goes with another host only may be for the other side. */
  readonly spare?: boolean
}

/** @param scenarios names, or paths; none: the flags describe the run @throws UsageError when flags miss one another */
export function runArguments(
  scenarios: readonly string[],
  flags: FlagValues<typeof RUN_FLAGS>,
  overrides = overridesOf(flags),
) {
  const { commit, out, force, quiet, chart, format = 'table' } = flags
  return {
    ...{ scenarios: [...new Set(scenarios)], overrides, servers: serverIdentity(flags) },
    ...{ commit, out, force, format, quiet, chart },
  }
}

/** What flags say over a scenario. @throws UsageError for a pattern that no file matches */
export function overridesOf(flags: FlagValues<typeof RUN_FLAGS>): Overrides {
  const values = settingValues(flags)
  return values.files ? { ...values, files: expandFileNames(values.files) } : values
}
