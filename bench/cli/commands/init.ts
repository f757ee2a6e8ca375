/** `bench init`: a scenario file to begin with. */
import { UsageError } from '../../../base/errors.ts'
import { scenarioTemplate } from '../../../scenarios/template.ts'
import type { Command } from '../command.ts'
import { readFlags, text, yes } from '../flags.ts'
import { openFiles } from '../output-files.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  out: { ...text('file to write, such as thumbnails.yaml', parseName, 'standard output'), alias: 'o' },
  force: yes('overwrite the file of --out'),
}

/** @throws UsageError for what `bench run` would not read as a scenario */
function parseName(path: string): string {
  if (/\.ya?ml$/i.test(path)) return path
  throw new UsageError(`a scenario file ends with .yaml or .yml, and ${JSON.stringify(path)} does not`)
}

export const init: Command = {
  flags: FLAGS,
  examples: [
    ['$0 init -o thumbnails.yaml', 'write a scenario, with every key and its default as a comment'],
    ['$0 run thumbnails.yaml', 'measure it'],
  ],
  async run({ flags }, { terminal }) {
    const { out, force } = readFlags(FLAGS, flags)
    const template = scenarioTemplate()
    if (out === undefined) terminal.data(template)
    else {
      using files = openFiles([{ path: out, flag: 'out' }], force)
      for (const { file } of files.files) file.write(template)
      terminal.err(`${out}: a scenario; bench run ${out} measures it\n`)
    }
    return EXIT.measured
  },
}
