/** `bench list`: transports, workloads, engines and scenarios, one line each. */
import { builtInScenarios } from '../../../scenarios/load.ts'
import type { Command } from '../command.ts'
import { PLUGIN } from '../options.ts'
import { EXIT } from '../terminal.ts'

export const list: Command = {
  flags: { plugin: PLUGIN },
  async run(_, { terminal, catalog: { transports, workloads, engines, sinks, plugins } }) {
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
