/** The common parts of `bench ab` and `bench aa`: two sides in one session, and notes about their rows. */

import { METRICS, type Metric } from '../../../results/compare/metrics.ts'
import type { Warning } from '../../../results/warnings/warning.ts'
import { SIDES } from '../../pairs/side-names.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { engineNotes } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import type { Terminal } from '../terminal.ts'
import type { PreparedSides, SidesArguments } from './sides.ts'

export interface PairedArguments {
  readonly sides: SidesArguments
  /** The arguments for both sides. */
  readonly common: Pick<RunArguments, 'out' | 'force' | 'format' | 'quiet' | 'chart'>
  /** Undefined: goodput, or the total time if that is unknown. */
  readonly metric: Metric | undefined
  /** The smallest effect that counts, as a share. */
  readonly delta: number | undefined
}

/** Opens a session and its file. @param command for the name of the file @throws UsageError, SetupError */
export function openPaired(
  terminal: Terminal,
  common: PairedArguments['common'],
  { a, blocks }: PreparedSides,
  catalog: Extended,
  signal: AbortSignal,
  command: string,
): Session {
  const options = { ...common, blocks, keepDir: a.keepDir, suffix: `-${command}` }
  const session = new Session(terminal, options, catalog, signal)
  session.open()
  return session
}

/** Prints what will be measured. @param heading how the sides differ */
export function announcePairs(session: Session, { a, b }: PreparedSides, heading: string): void {
  for (const note of engineNotes([a, b])) session.say(`${note}\n`)
  session.say(`${heading}\n`)
  session.announce()
}

/** Leaves out warnings about how certain figures are: a comparison has its own. */
export function warningsOfRows(warnings: readonly Warning[]): readonly Warning[] {
  return warnings.filter(({ code }) => !OF_COMPARISONS.includes(code))
}

const OF_COMPARISONS: readonly Warning['code'][] = ['few-rounds', 'wide-interval', 'drift', 'clock-error']

/** The metric asked for, or goodput; if that is unknown (`--target`), the total time. */
export function metricOf({ metric }: PairedArguments, sides: PreparedSides): Metric {
  const name = SIDES.some(side =>
    sides[side].works.some(({ flows }) => flows.some(({ to }) => 'target' in to)),
  )
    ? 'total'
    : 'goodput'
  const found = metric ?? METRICS.find(each => each.name === name)
  if (!found) throw new Error(`no metric ${name}`)
  return found
}
