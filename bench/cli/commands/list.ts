/** `bench list`: transports, engines and scenarios, one line each. */
import { builtInScenarios } from '../../../scenarios/load.ts'
import { transports } from '../../../transports/catalog.ts'
import { ENGINES } from '../../../transports/engines/engines.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

export function list(terminal: Terminal): ExitCode {
  const sections = [
    ['Transports', [...transports.values()]],
    ['Engines', ENGINES],
    ['Scenarios', builtInScenarios()],
  ] as const
  const width = Math.max(...sections.flatMap(([, items]) => items.map(each => each.name.length)))
  const texts = sections.map(([title, items]) =>
    [title, ...items.map(each => `  ${each.name.padEnd(width)}  ${each.summary}`)].join('\n'),
  )
  terminal.out(`${texts.join('\n\n')}\n`)
  return EXIT.measured
}
