/** A comparison as tables: the blocks that `bench compare` shows, for a page. */
import { type Block as ComparedBlock, type Entry, rangeOf } from '../../compare/block.ts'
import { differencesBlock, lossBlock, refusalBlock } from '../../compare/block-facts.ts'
import { figuresBlock } from '../../compare/block-figures.ts'
import type { Comparison } from '../../compare/comparison.ts'
import { commonOf, quietNotes, titleOfComparison, troubleLines } from '../../compare/heading.ts'
import type { Verdict } from '../../compare/judge.ts'
import { LOSS_LEGEND, legendOf } from '../../compare/legend.ts'
import { capital } from '../../document/text.ts'
import type { Block, Section, TableCell, TableColumn, Text, Tone } from '../model.ts'

/** `id` tells the section from those of other comparisons. */
export function comparisonSection(comparison: Comparison, id: string, title: string): Section {
  const differences = differencesBlock(comparison)
  const loss = lossBlock(comparison)
  const refusals = refusalBlock(comparison)
  const notes = [...quietNotes(comparison), ...troubleLines(comparison)]
  return {
    id,
    title,
    blocks: [
      { kind: 'text', text: [capital(titleOfComparison(comparison)), '; ', commonOf(comparison), '.'] },
      ...(differences ? [tableOf(differences)] : []),
      tableOf(figuresBlock(comparison)),
      { kind: 'text', text: [legendOf(comparison).join(' ')] },
      ...(loss ? [tableOf(loss), { kind: 'text', text: [LOSS_LEGEND] } as const] : []),
      ...(refusals ? [tableOf(refusals)] : []),
      ...(notes.length > 0 ? [{ kind: 'list', items: notes.map((each): Text => [each]) } as const] : []),
      ...(comparison.warnings.length > 0 ? [{ kind: 'notes', items: comparison.warnings } as const] : []),
    ],
  }
}

function tableOf({ title, fields, labels, align, changeTitle, rows }: ComparedBlock): Block {
  const entries = (set: number) => rows.map(row => row.entries[set])
  const changed = labels.map(
    (_, set) => changeTitle !== undefined && entries(set).some(entry => entry?.change),
  )
  // A row wants a name, also where it is the only one.
  const heads =
    fields.length > 0
      ? fields.map(field => ({ ...field, title: field.title || 'what' }))
      : [{ title: 'case', align: 'left' as const }]
  const columns: readonly TableColumn[] = [
    ...heads,
    ...labels.flatMap((label, set): readonly TableColumn[] => [
      { title: label, align },
      ...(changed[set]
        ? [
            { title: `${changeTitle} (95 %)`, align: 'right' as const },
            { title: 'p', align: 'right' as const },
          ]
        : []),
    ]),
  ]
  return {
    kind: 'table',
    table: {
      caption: capital(title),
      columns,
      rows: rows.map(row => [
        ...(fields.length > 0 ? row.fields : ['all']).map(text => ({ text })),
        ...row.entries.flatMap((entry, set) => [
          valueCell(entry),
          ...(changed[set] ? changeCells(entry) : []),
        ]),
      ]),
    },
  }
}

function valueCell({ value, spread, note }: Entry): TableCell {
  const detail = [spread, note].filter(Boolean).join(', ')
  return { text: value, ...(detail ? { detail } : {}) }
}

function changeCells({ change }: Entry): readonly TableCell[] {
  if (!change) return [{ text: '' }, { text: '' }]
  const detail = rangeOf(change.ends)
  const tone = change.verdict && TONES[change.verdict]
  const text = [change.value, change.word].filter(Boolean).join(' ')
  return [{ text, ...(detail ? { detail } : {}), ...(tone ? { tone } : {}) }, { text: change.p }]
}

/** Colour says again what a word says. */
const TONES: Readonly<Record<Verdict, Tone | undefined>> = {
  better: 'good',
  worse: 'bad',
  inconclusive: 'caution',
  same: undefined,
  'no evidence': 'dim',
}
