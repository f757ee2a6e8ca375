/** `bench run`: measures scenarios, writes one row per trial, and shows the results. */
import { given } from '../../../base/given.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import { blocksOf } from '../../measure/blocks.ts'
import type { Command } from '../command.ts'
import { readFlags } from '../flags.ts'
import { engineNotes, prepare } from '../preparation.ts'
import { RUN_FLAGS, runArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { renderResults } from '../shown.ts'

export const run: Command = {
  flags: RUN_FLAGS,
  examples: [
    ['$0 run --size 800k --chunk 1024', 'send 800 KiB by TCP and UDP on this machine'],
    ['$0 run macos-limit', 'run a built-in scenario'],
    ['$0 run --file photo.png --rate 400M', 'send a real file, paced'],
  ],
  before: 'anything was measured',
  async run({ operands, flags }, context) {
    const { terminal, catalog, signal } = context
    const args = runArguments(operands, readFlags(RUN_FLAGS, flags))
    await using ready = await prepare(args, catalog, undefined, signal)
    const blocks = blocksOf(ready.works.map(work => [work]))
    const options = { ...args, blocks, keepDir: ready.keepDir, suffix: '' }
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
  },
}
