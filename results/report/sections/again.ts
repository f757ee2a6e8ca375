/** The commands that measure it again. */
import { counted } from '../../../base/units.ts'
import type { PageBlock, Section } from '../../document/model.ts'
import { commandsOf } from '../command/commands.ts'
import type { Source } from './source.ts'

/** More commands than this are a scenario file. */
const MOST_LINES = 12

/** Undefined where no row can be measured again. */
export function againSection(sources: readonly Source[]): Section | undefined {
  const several = sources.length > 1
  const blocks = sources.flatMap(({ label, summaries }): readonly PageBlock[] => {
    const { lines, notes } = commandsOf(summaries)
    if (lines.length === 0) return []
    const left = lines.length - MOST_LINES
    return [
      ...(several ? [{ kind: 'heading', text: [{ name: label }] } as const] : []),
      { kind: 'command', command: { lines: lines.slice(0, MOST_LINES) } },
      {
        kind: 'list',
        items: [
          ...(left > 0
            ? [
                [
                  `${counted(left, 'more command measures', 'more commands measure')} the rest; a scenario file is shorter.`,
                ],
              ]
            : []),
          ...notes.map(note => [note]),
        ],
      },
    ]
  })
  return blocks.length > 0 ? { id: 'again', title: 'Measure it again', blocks } : undefined
}
