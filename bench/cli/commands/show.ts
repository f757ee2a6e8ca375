/** `bench show`: shows stored results on the terminal, as `bench run` did when it had measured them. */
import { UsageError } from '../../../base/errors.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import type { Command } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { noFlag, readFlags } from '../flags.ts'
import { FILTER } from '../options.ts'
import { renderResults } from '../shown.ts'
import { readStored } from '../stored.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = { filter: FILTER, chart: noFlag('draw charts') }

export const show: Command = {
  flags: FLAGS,
  examples: [
    ['$0 show results.csv', 'table, charts and warnings, as after the run'],
    ["$0 show results.csv --filter 'transport=udp-* chunk<=9216'", 'only these rows'],
    ['ssh host cat results.csv | $0 show -', 'those of another host'],
  ],
  before: 'everything was read',
  async run({ operands, flags }, context) {
    const { terminal } = context
    const { filter, chart } = readFlags(FLAGS, flags)
    const paths = expandResultNames(operands)
    if (paths.length === 0)
      throw new UsageError('bench show needs results; name files, such as bench show bench-results/*.csv')
    const { files, problems } = await readStored({ files: paths, filter }, context)
    for (const problem of problems) terminal.err(`${problem}\n`)
    const { width, color } = terminal
    const options = { width, color }
    for (const [index, { label, ...results }] of files.entries()) {
      const heading = renderBlocks([{ kind: 'heading', text: [{ name: label }], common: [] }], options)
      if (paths.length > 1) terminal.out(`${index > 0 ? '\n' : ''}${heading.trimEnd()}\n`)
      const summaries = summarize(results.records)
      terminal.out(
        renderResults({ ...results, summaries, warnings: findWarnings(summaries) }, chart, options),
      )
    }
    return EXIT.measured
  },
}
