/** `bench run`: measures scenarios, writes one row per trial, and shows the results. */

import { summarize } from '../../../results/statistics/summary.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import { blocksOf } from '../../measure/blocks.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { engineNotes, prepare } from '../preparation.ts'
import type { RunArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { showResults, showWarnings } from '../show.ts'
import type { ExitCode, Terminal } from '../terminal.ts'

export async function run(
  terminal: Terminal,
  args: RunArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using ready = await prepare(args, catalog, undefined, signal)
  const blocks = blocksOf(ready.works.map(work => [work]))
  const options = { ...args, blocks, keepDir: ready.keepDir, suffix: '' }
  await using session = new Session(terminal, options, catalog, signal)
  session.open()
  for (const note of engineNotes([ready])) session.say(`${note}\n`)
  session.announce()
  await session.measure()
  const summaries = summarize(session.records)
  const warnings = findWarnings(summaries)
  await session.close(warnings)
  if (args.format === 'table') showResults(terminal, summaries, warnings, args)
  else showWarnings(text => session.say(text), terminal, warnings)
  return session.end()
}
