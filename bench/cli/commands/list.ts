/** `bench list`: transports, workloads, engines and scenarios, one line each. */
import { builtInScenarios } from '../../../scenarios/load.ts'
import { describePath, PATH_NAMES } from '../../../scenarios/paths.ts'
import { oneOf } from '../../../scenarios/settings/grammar.ts'
import { modeline } from '../../../scenarios/template.ts'
import type { Command } from '../command.ts'
import { readFlags, yes } from '../flags.ts'
import { PLUGIN } from '../options.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  plugin: PLUGIN,
  schema: yes('print only the first line of a scenario file, by which editors check its keys'),
}

const KIND = oneOf(['transports', 'workloads', 'engines', 'scenarios', 'sinks', 'plug-ins', 'paths'])

export const list: Command = {
  flags: FLAGS,
  async run(
    { operands: [what], flags },
    { terminal, catalog: { transports, workloads, engines, sinks, plugins } },
  ) {
    if (readFlags(FLAGS, flags).schema) {
      terminal.data(`${modeline()}\n`)
      return EXIT.measured
    }
    const paths = PATH_NAMES.map(name => ({ name, summary: describePath(name) }))
    const all = [
      ['Transports', [...transports.values()]],
      ['Workloads', [...workloads.values()]],
      ['Engines', [...engines]],
      ['Scenarios', builtInScenarios()],
      ['Sinks', sinks.map(({ extension, summary }) => ({ name: extension, summary }))],
      ['Plug-ins', plugins.map(({ name, version }) => ({ name, summary: version }))],
      ['Paths', paths],
    ] as const
    const sections =
      what === undefined ? all : all.filter(([title]) => title.toLowerCase() === KIND.parse(what))
    const filled = sections.filter(([, items]) => items.length > 0)
    const width = Math.max(...filled.flatMap(([, items]) => items.map(each => each.name.length)))
    const texts = filled.map(([title, items]) =>
      [title, ...items.map(each => `  ${each.name.padEnd(width)}  ${each.summary}`)].join('\n'),
    )
    terminal.out(`${texts.join('\n\n')}\n`)
    return EXIT.measured
  },
}
