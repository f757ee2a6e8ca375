/** `bench list`: transports, engines and scenarios, one line each. */
import type { Command } from '../command.ts'
import { EXIT } from '../terminal.ts'

export const list: Command = {
  name: 'list',
  summary: 'list transports, engines and scenarios',
  flags: {},
  async run(_, terminal, _signal, { transports, engines }) {
    const { builtInScenarios } = await import('../../../scenarios/load.ts')
    const sections = [
      ['Transports', [...transports.values()]],
      ['Engines', [...engines]],
      ['Scenarios', builtInScenarios()],
    ] as const
    const width = Math.max(...sections.flatMap(([, items]) => items.map(each => each.name.length)))
    const texts = sections.map(([title, items]) =>
      [title, ...items.map(each => `  ${each.name.padEnd(width)}  ${each.summary}`)].join('\n'),
    )
    terminal.out(`${texts.join('\n\n')}\n`)
    return EXIT.measured
  },
}
