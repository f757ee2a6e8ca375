/** `bench run`: measures scenarios, writes one row per trial, and shows the results. */
import { UsageError } from '../../../base/errors.ts'
import { given } from '../../../base/given.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import { blocksOf } from '../../measure/blocks.ts'
import type { Command, Context } from '../command.ts'
import { readFlags } from '../flags.ts'
import { engineNotes, prepare } from '../preparation.ts'
import { RUN_FLAGS, type RunArguments, runArguments } from '../run-flags.ts'
import { SERIES_FLAGS, seriesOf } from '../series/flags.ts'
import { inTurn, measureSeries, type Turn } from '../series/series.ts'
import { Session } from '../session.ts'
import { renderResults } from '../shown.ts'
import type { ExitCode } from '../terminal.ts'

export const run: Command = {
  flags: { ...RUN_FLAGS, ...SERIES_FLAGS },
  examples: [
    ['$0 run --size 800k --chunk 1024', 'send 800 KiB by TCP and UDP on this machine'],
    ['$0 run macos-limit', 'run a built-in scenario'],
    ['$0 run --file photo.png --rate 400M', 'send a real file, paced'],
  ],
  before: 'anything was measured',
  async run({ operands, flags }, context) {
    const args = runArguments(operands, readFlags(RUN_FLAGS, flags))
    const series = seriesOf(readFlags(SERIES_FLAGS, flags), args)
    if (series && args.overrides.keep !== undefined)
      throw new UsageError('--keep keeps the files of one run, and --every measures many; leave one out')
    return series
      ? measureSeries(series, context, turn => measureOnce(args, context, turn))
      : measureOnce(args, context)
  },
}

/** @param turn of a series */
async function measureOnce(args: RunArguments, context: Context, turn?: Turn): Promise<ExitCode> {
  const { terminal, catalog, signal } = context
  await using ready = await prepare(args, catalog, undefined, signal)
  // Each turn draws its rounds anew.
  const seedOf = ({ seed }: Plan) => seed + (turn?.number ?? 0)
  const blocks = blocksOf(
    ready.works.map(work => [{ ...work, plan: { ...work.plan, seed: seedOf(work.plan) } }]),
  )
  const options = { ...args, ...inTurn(args, turn), blocks, keepDir: ready.keepDir, suffix: '' }
  await using session = new Session(options, context)
  await session.open()
  for (const note of engineNotes([ready])) session.say(`${note}\n`)
  session.announce()
  await session.measure()
  const { summaries, warnings } = await session.finish()
  const { width, color } = terminal
  if (args.format !== 'table') {
    const text = renderWarnings(warnings, { width, color: false })
    if (text !== '') session.say(`${text}\n`)
  } else if (summaries.length > 0) {
    const { records, overTime, manifest } = session
    const results = { manifests: given(manifest), records, summaries, warnings, overTime }
    terminal.out(renderResults(results, args.chart && !args.quiet, { width, color }))
  }
  return session.end()
}
