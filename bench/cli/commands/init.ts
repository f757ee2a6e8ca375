/** `bench init`: a scenario file to begin with. */
import { scenarioTemplate } from '../../../scenarios/template.ts'
import type { Command } from '../command.ts'
import { readFlags, text, yes } from '../flags.ts'
import { openFiles } from '../output-files.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  out: { ...text('file to write, such as thumbnails.yaml', String, 'standard output'), alias: 'o' },
  force: yes('overwrite the file of --out'),
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
