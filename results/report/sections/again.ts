/** The commands that measured it, to do it again. */
import { join } from 'shlex'
import type { PageBlock, Section } from '../../document/model.ts'
import type { Source } from './source.ts'

const NOTE =
  'As typed. Paths are relative to the folder it ran in; a file that exists is written again only with --force.'

/** Empty where no file says how it was measured (rows alone do not). */
export function againSection(sources: readonly Source[]): Section {
  const blocks = sources.flatMap(({ label, manifests }): readonly PageBlock[] => {
    const lines = manifests
      .filter(({ argv }) => argv.length > 0)
      .map(({ argv }) => join(['bench', ...argv]))
      .filter(isPlain)
    if (lines.length === 0) return []
    return [
      ...(sources.length > 1 ? [{ kind: 'heading', text: [{ name: label }] } as const] : []),
      { kind: 'command', lines: [...new Set(lines)] },
    ]
  })
  const note = { kind: 'list', items: blocks.length > 0 ? [[NOTE]] : [] } as const
  return { id: 'again', title: 'Measure it again', blocks: [...blocks, note] }
}

/** Whether a word can be copied as it looks: no character controls a terminal or reverses the text beside it. */
function isPlain(word: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(word)
}
