/** Documents as GitHub Markdown: their words and tables. Charts stay in the page. Whatever stands in a file stays text. */
import { unreachable } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import type { Document, Inline, Note, PageBlock, Section, Table, Text } from './model.ts'
import { withBars } from './sparkline.ts'
import { capital, capitalized, cellText } from './text.ts'

export function renderMarkdown({ title, subtitle, sections, footer }: Document): string {
  return joined([`# ${escaped(title)}`, inline(subtitle), ...sections.flatMap(sectionParts), inline(footer)])
}

/** Blocks that stand for themselves, as in a comment on a pull request. */
export function blocksMarkdown(blocks: readonly PageBlock[]): string {
  return joined(blocks.map(blockText))
}

function joined(parts: readonly string[]): string {
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

/** A section of charts alone has nothing to say here. */
function sectionParts({ title, blocks }: Section): readonly string[] {
  const parts = blocks.map(blockText).filter(Boolean)
  return parts.length > 0 ? [`## ${escaped(title)}`, ...parts] : []
}

function blockText(block: PageBlock): string {
  switch (block.kind) {
    case 'heading':
      return [`### ${inline(capitalized(block.text))}`, lines(block.common ?? [])]
        .filter(Boolean)
        .join('\n\n')
    case 'text':
      return inline(block.text)
    case 'list':
      return items(block.items.map(inline))
    case 'findings':
      return items(block.items.map(({ text, more = [] }) => [inline(text), ...more.map(escaped)].join(' ')))
    case 'figures':
      return items(
        block.items.map(
          ({ label, value, details }) =>
            `**${escaped(value)}** ${escaped(label)}${details.length > 0 ? ` (${details.map(escaped).join('; ')})` : ''}`,
        ),
      )
    case 'pictures':
      return items(block.items.map(({ caption }) => escaped(caption)))
    case 'notes':
      return items(block.items.map(noteText))
    case 'terms':
      return items(block.items.map(({ term, meaning }) => `**${escaped(term)}**: ${inline(meaning)}`))
    case 'table':
      return tableText(block.table)
    case 'legend':
      return lines(block.lines)
    case 'command':
      return fenced(block.lines.join('\n'))
    case 'chart':
      return ''
    default:
      return unreachable(block)
  }
}

function items(texts: readonly string[]): string {
  return texts.map(text => `- ${text}`).join('\n')
}

/** Lines that stay lines. */
function lines(texts: readonly string[]): string {
  return texts.filter(Boolean).map(escaped).join('  \n')
}

function noteText({ message, remedy }: Note): string {
  return escaped(message) + (remedy === undefined ? '' : `  \n  → ${escaped(remedy)}`)
}

function tableText(table: Table): string {
  const { caption, columns, rows } = withBars(table)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    ...(caption === '' ? [] : [`**${escaped(capital(caption))}**\n`]),
    line(columns.map(({ title }) => lineText(title))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows.map(row => line(row.map(cell => lineText(cellText(cell))))),
  ].join('\n')
}

function lineText(text: string): string {
  return escaped(text.replaceAll(/\s+/g, ' '))
}

function inline(text: Text): string {
  return text.map(piece).join('')
}

function piece(each: Inline): string {
  if (typeof each === 'string') return escaped(each)
  if ('strong' in each) return `**${escaped(each.strong)}**`
  if ('code' in each) return escaped(each.code)
  return escaped('link' in each ? each.link : each.name)
}

/** A fence that is longer than any within (CommonMark 0.31, 4.5). */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}sh\n${text}\n${fence}`
}

/** Text that GitHub shows as it is, on its line: no markup, no HTML, no links, and nobody is mentioned. */
function escaped(text: string): string {
  return harmless(text)
    .replaceAll(/[\\`*_[\]|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[@#](?=\w)/g, '$&<!-- -->')
    .replaceAll('://', '&#58;//')
    .replaceAll(/www\./gi, match => `${match.slice(0, 3)}&#46;`)
}
