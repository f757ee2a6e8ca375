/** Blocks on a terminal. Pure: blocks in, text out. */
import picocolors from 'picocolors'
import { unreachable } from '../../base/errors.ts'
import { chartLines, NARROWEST_CHART } from './chart-lines.ts'
import type { Block, Finding, Note, RenderOptions, Text } from './model.ts'
import { tableLines } from './table-lines.ts'
import { wrapWords } from './text.ts'
import { type Colors, paint } from './tones.ts'

/** An empty line between blocks; what has no line is left out. */
export function renderBlocks(blocks: readonly Block[], options: RenderOptions): string {
  const colors = picocolors.createColors(options.color)
  const parts = drawable(blocks, options)
    .map(block => blockLines(block, options.width, colors))
    .filter(lines => lines.length > 0)
  return `${parts.map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** Says once that charts need more columns. */
function drawable(blocks: readonly Block[], { width }: RenderOptions): readonly Block[] {
  if (width >= NARROWEST_CHART) return blocks
  const first = blocks.findIndex(each => each.kind === 'chart')
  const text = `No charts: they need ${NARROWEST_CHART} columns, this terminal has ${width}.`
  return blocks.flatMap((block, index): Block[] => {
    if (block.kind !== 'chart') return [block]
    return index === first ? [{ kind: 'text', text: [text] }] : []
  })
}

function blockLines(block: Block, width: number, colors: Colors): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return [
        ...wrapWords(plain(block.text), width).map(line => colors.bold(paint(line, block.tone, colors))),
        ...(block.common ?? []).flatMap(line => (line === '' ? [] : wrapWords(`  ${line}`, width, '    '))),
      ]
    case 'text':
      return wrapWords(plain(block.text), width)
    case 'list':
      return block.items.flatMap(item => wrapWords(plain(item), width, '  '))
    case 'findings':
      return block.items.flatMap((finding, index) => [
        ...(index > 0 && finding.more ? [''] : []),
        ...findingLines(finding, width, colors),
      ])
    case 'notes':
      return block.items.flatMap(note => noteLines(note, width, colors))
    case 'table':
      return tableLines(block.table, width, colors)
    case 'legend':
      return block.lines.flatMap(line => wrapWords(line, width, '  ')).map(line => colors.dim(line))
    case 'chart':
      return chartLines(block.chart, width, colors)
    default:
      return unreachable(block)
  }
}

function findingLines({ text, tone, more = [] }: Finding, width: number, colors: Colors): readonly string[] {
  return [
    ...wrapWords(plain(text), width, '  ').map(line => paint(line, tone, colors)),
    ...more.flatMap(each => wrapWords(`  ${each}`, width, '  ')),
  ]
}

/** The message and, indented, its remedy. */
function noteLines({ message, remedy }: Note, width: number, colors: Colors): readonly string[] {
  return [
    ...wrapWords(`! ${message}`, width, '  ').map(line => colors.yellow(line)),
    ...(remedy === undefined ? [] : wrapWords(`  → ${remedy}`, width, '    ')),
  ]
}

function plain(text: Text): string {
  return text
    .map(piece => {
      if (typeof piece === 'string') return piece
      if ('link' in piece) return piece.link
      return 'strong' in piece ? piece.strong : 'code' in piece ? piece.code : piece.name
    })
    .join('')
}
