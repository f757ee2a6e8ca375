/** A comparison as GitHub Markdown, to be pasted into a pull request. Whatever stands in a file stays text. */
import { type Block, type ChangeEntry, type Entry, rangeOf } from './block.ts'
import { differencesBlock, lossBlock, refusalBlock } from './block-facts.ts'
import { figuresBlock } from './block-figures.ts'
import type { Comparison } from './comparison.ts'
import { commonOf, quietNotes, titleOfComparison, troubleLines } from './heading.ts'
import { legendOf, lossLegendOf } from './legend.ts'

/** The tables and sentences of `renderComparison`, without charts. */
export function renderMarkdown(comparison: Comparison): string {
  const differences = differencesBlock(comparison)
  const loss = lossBlock(comparison)
  const refusals = refusalBlock(comparison)
  const parts = [
    `### ${escaped(titleOfComparison(comparison))}`,
    escaped(commonOf(comparison)),
    ...(differences ? [table(differences)] : []),
    ...titled(figuresBlock(comparison)),
    legendOf(comparison).map(escaped).join('  \n'),
    ...(loss ? [...titled(loss), lossLegendOf(comparison).map(escaped).join('  \n')] : []),
    ...(refusals ? titled(refusals) : []),
    list(quietNotes(comparison)),
    list(troubleLines(comparison)),
    comparison.warnings.map(each => `- ${escaped(each.message)}  \n  → ${escaped(each.remedy)}`).join('\n'),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function titled(block: Block): readonly string[] {
  return [`**${escaped(block.title)}**`, table(block)]
}

function list(lines: readonly string[]): string {
  return lines.map(line => `- ${escaped(line)}`).join('\n')
}

interface MarkdownColumn {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly cells: readonly string[]
}

function table({ fields, labels, rows, align, changeTitle }: Block): string {
  const columns: MarkdownColumn[] = [
    ...fields.map((field, index) => ({ ...field, cells: rows.map(row => row.fields[index] ?? '') })),
    ...labels.flatMap((label, set) => {
      const entries = rows.map(row => row.entries[set])
      const values = { title: label, align, cells: entries.map(figure) }
      return [values, ...changeColumns(changeTitle, entries)]
    }),
  ]
  return pipeTable(columns)
}

/** Columns of plain text as a table of GitHub Markdown, without an end of line. */
export function pipeTable(columns: readonly MarkdownColumn[]): string {
  const rows = Math.max(0, ...columns.map(column => column.cells.length))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map(column => escaped(column.title))),
    line(columns.map(column => (column.align === 'right' ? '--:' : ':--'))),
    ...Array.from({ length: rows }, (_, row) =>
      line(columns.map(column => escaped(column.cells[row] ?? ''))),
    ),
  ].join('\n')
}

function changeColumns(
  title: string | undefined,
  entries: readonly (Entry | undefined)[],
): readonly MarkdownColumn[] {
  if (title === undefined || entries.every(entry => !entry?.change)) return []
  const column = (head: string, text: (change: ChangeEntry) => string): MarkdownColumn => ({
    title: head,
    align: 'right',
    cells: entries.map(entry => (entry?.change ? text(entry.change) : '')),
  })
  const words = entries.some(entry => entry?.change?.word) ? [column('', each => each.word)] : []
  return [
    column(`${title} (95 %)`, each => [each.value, rangeOf(each.ends)].filter(Boolean).join(' ')),
    column('p', each => each.p),
    ...words,
  ]
}

function figure(entry: Entry | undefined): string {
  return entry ? [entry.value, entry.spread, entry.note].filter(Boolean).join(' ') : ''
}

/** Text that GitHub shows as it is: no markup, no HTML, no links, and nobody is mentioned. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[@#](?=\w)/g, '$&<!-- -->')
    .replaceAll('://', '&#58;//')
    .replaceAll(/www\./gi, match => `${match.slice(0, 3)}&#46;`)
}
