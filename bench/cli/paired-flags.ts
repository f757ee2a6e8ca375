/** The flags that `bench ab` and `bench aa` share, and the arguments that they become. */
import { PAIRED_ROUNDS } from '../../scenarios/defaults.ts'
import type { PairedArguments } from './actions/paired-run.ts'
import { readFlags, type Written } from './flags.ts'
import { METRIC_FLAGS } from './metric-flags.ts'
import { RUN_FLAGS } from './run-flags.ts'
import type { SideArguments } from './side.ts'

/** The flags of `bench run`. */
export const PAIRED_FLAGS = {
  ...RUN_FLAGS,
  repeat: { ...RUN_FLAGS.repeat, defaultDescription: String(PAIRED_ROUNDS.repeat) },
  processes: {
    ...RUN_FLAGS.processes,
    defaultDescription: `${PAIRED_ROUNDS.processes}, of ${PAIRED_ROUNDS.ofProcess} rounds or more`,
  },
}
/** What counts as a difference. */
export const DIFFERENCE_FLAGS = {
  ...METRIC_FLAGS,
  metric: { ...METRIC_FLAGS.metric, defaultDescription: 'goodput; total with --target' },
}

/** @param flags given for both sides @throws UsageError */
export function pairedArguments(a: SideArguments, b: SideArguments, flags: Written): PairedArguments {
  return { sides: { a, b }, common: a.run, ...readFlags(DIFFERENCE_FLAGS, flags) }
}
