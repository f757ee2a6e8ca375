/** A report as GitHub Markdown: its words and tables. Pictures stay in the page. */
import { unreachable } from '../../base/errors.ts'
import { escaped } from '../compare/markdown.ts'
import type { Block, Inline, Report, Section, Table, TableCell, Text } from './model.ts'

export function renderMarkdown({ title, subtitle, sections, footer }: Report): string {
  const parts = [`# ${escaped(title)}`, inline(subtitle), ...sections.flatMap(sectionParts), inline(footer)]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

/** Charts alone have nothing to say here. */
function sectionParts({ title, blocks }: Section): readonly string[] {
  const parts = blocks.map(blockText).filter(Boolean)
  return parts.length > 0 ? [`## ${escaped(title)}`, ...parts] : []
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'text':
      return inline(block.text)
    case 'heading':
      return `### ${escaped(block.text)}`
    case 'list':
      return block.items.map(item => `- ${inline(item)}`).join('\n')
    case 'figures':
      return block.items
        .map(
          ({ label, value, details }) =>
            `- **${escaped(value)}** ${escaped(label)}${details.length > 0 ? ` (${details.map(escaped).join('; ')})` : ''}`,
        )
        .join('\n')
    case 'notes':
      return block.items
        .map(
          ({ message, remedy }) =>
            `- ${escaped(message)}${remedy === undefined ? '' : `  \n  → ${escaped(remedy)}`}`,
        )
        .join('\n')
    case 'terms':
      return block.items.map(({ term, meaning }) => `- **${escaped(term)}**: ${inline(meaning)}`).join('\n')
    case 'table':
      return tableText(block.table)
    case 'command':
      return fenced(block.command.lines.join('\n'))
    case 'chart':
      return ''
    default:
      return unreachable(block)
  }
}

function tableText({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    `**${escaped(caption)}**\n`,
    line(columns.map(({ title }) => cellText(title))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows.map(row =>
      line(
        row.map(({ text, detail }: TableCell) =>
          cellText(detail === undefined ? text : `${text} (${detail.replace(/^\((.*)\)$/, '$1')})`),
        ),
      ),
    ),
  ].join('\n')
}

function cellText(text: string): string {
  return escaped(text.replaceAll(/\s+/g, ' '))
}

function inline(text: Text): string {
  return text.map(piece).join('')
}

function piece(each: Inline): string {
  if (typeof each === 'string') return escaped(each)
  if ('strong' in each) return `**${escaped(each.strong.trim())}**${each.strong.endsWith(' ') ? ' ' : ''}`
  if ('code' in each) return escaped(each.code)
  return escaped(each.name)
}

/** A fence that is longer than any within (CommonMark 0.31, 4.5). */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}sh\n${text}\n${fence}`
}
