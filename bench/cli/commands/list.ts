/** `bench list`: transports, workloads, engines and scenarios, one line each. */
import { builtInScenarios } from '../../../scenarios/load.ts'
import { modeline } from '../../../scenarios/template.ts'
import type { Command } from '../command.ts'
import { readFlags, yes } from '../flags.ts'
import { PLUGIN } from '../options.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  plugin: PLUGIN,
  schema: yes('print only the first line of a scenario file, by which editors check its keys'),
}

export const list: Command = {
  flags: FLAGS,
  async run({ flags }, { terminal, catalog: { transports, workloads, engines, sinks, plugins } }) {
    if (readFlags(FLAGS, flags).schema) {
      terminal.data(`${modeline()}\n`)
      return EXIT.measured
    }
    const sections = [
      ['Transports', [...transports.values()]],
      ['Workloads', [...workloads.values()]],
      ['Engines', [...engines]],
      ['Scenarios', builtInScenarios()],
      ['Sinks', sinks.map(({ extension, summary }) => ({ name: extension, summary }))],
      ['Plug-ins', plugins.map(({ name, version }) => ({ name, summary: version }))],
    ] as const
    const filled = sections.filter(([, items]) => items.length > 0)
    const width = Math.max(...filled.flatMap(([, items]) => items.map(each => each.name.length)))
    const texts = filled.map(([title, items]) =>
      [title, ...items.map(each => `  ${each.name.padEnd(width)}  ${each.summary}`)].join('\n'),
    )
    terminal.out(`${texts.join('\n\n')}\n`)
    return EXIT.measured
  },
}
