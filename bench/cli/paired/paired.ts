/** What `bench ab` and `bench aa` share: flags, one session for both sides, and which metric and which warnings are shown. */
import type { Metric } from '../../../results/compare/metrics.ts'
import type { Warning } from '../../../results/warnings/warning.ts'
import { PAIRED_ROUNDS } from '../../../scenarios/defaults.ts'
import { isExchange } from '../../../scenarios/plan.ts'
import { SIDES } from '../../pairs/side-names.ts'
import type { Context } from '../command.ts'
import { parseMetric } from '../metric-flags.ts'
import { engineNotes } from '../preparation.ts'
import { RUN_FLAGS, type RunArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import type { PreparedSides } from './sides.ts'

/** The flags of `bench run`. */
export const PAIRED_FLAGS = {
  ...RUN_FLAGS,
  repeat: { ...RUN_FLAGS.repeat, defaultDescription: String(PAIRED_ROUNDS.repeat) },
  processes: {
    ...RUN_FLAGS.processes,
    defaultDescription: `${PAIRED_ROUNDS.processes}, of ${PAIRED_ROUNDS.ofProcess} rounds or more`,
  },
}

/**
 * Opens a session and its file, and prints what will be measured.
 * @param command for the name of the file @param heading how the sides differ @throws UsageError, SetupError
 */
export async function openPaired(
  common: RunArguments,
  { a, b, blocks }: PreparedSides,
  command: string,
  heading: string,
  context: Context,
): Promise<Session> {
  const options = { ...common, blocks, keepDir: a.keepDir, suffix: `-${command}` }
  const session = new Session(options, context)
  await session.open()
  for (const note of engineNotes([a, b])) session.say(`${note}\n`)
  session.say(`${heading}\n`)
  session.announce()
  return session
}

/** Leaves out warnings about how certain figures are: a comparison has its own. */
export function warningsOfRows(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ code }) => !OF_COMPARISONS.includes(code))
}

const OF_COMPARISONS: readonly Warning['code'][] = ['few-rounds', 'wide-interval', 'drift', 'clock-error']

/** The default metric: goodput; where all cases send requests, their round trips, and of pictures in a row their delay; if that is unknown (`--target`), the total time. */
export function metricOf(sides: PreparedSides): Metric {
  const cases = SIDES.flatMap(side => sides[side].works.flatMap(({ plan }) => plan.cases))
  if (cases.every(isExchange)) return parseMetric('rtt')
  if (cases.every(each => each.frames !== undefined)) return parseMetric('frame-delay')
  const foreign = SIDES.some(side =>
    sides[side].works.some(({ flows }) => flows.some(({ to }) => 'target' in to)),
  )
  return parseMetric(foreign ? 'total' : 'goodput')
}
