/** A comparison on a terminal. Pure: a model in, text out. */
import picocolors from 'picocolors'
import type { RenderOptions } from '../document/table.ts'
import { wrapWords } from '../document/text.ts'
import { renderWarnings } from '../warnings/warnings.ts'
import type { Block } from './block.ts'
import { differencesBlock, lossBlock, refusalBlock } from './block-facts.ts'
import { figuresBlock } from './block-figures.ts'
import { layOutBlock } from './block-text.ts'
import { comparisonCharts } from './charts.ts'
import type { Comparison } from './comparison.ts'
import { commonOf, quietNotes, titleOfComparison, troubleLines } from './heading.ts'
import { legendOf, lossLegendOf } from './legend.ts'

/** What is compared, what differs around it, the figures, loss, refusals, troubles and warnings; charts where they are asked for. */
export function renderComparison(
  comparison: Comparison,
  options: RenderOptions & { readonly charts?: boolean },
): string {
  const { width, color } = options
  const colors = picocolors.createColors(color)
  // A number and its sign stay on one line.
  const wrap = (text: string, indent = '') =>
    text === ''
      ? []
      : wrapWords(text.replaceAll(/(?<=\d) (?=%)/g, NO_BREAK), width, indent).map(line =>
          line.replaceAll(NO_BREAK, ' '),
        )
  const titled = (block: Block | undefined) =>
    block ? [...wrap(block.title).map(line => colors.bold(line)), ...layOutBlock(block, options)] : []
  const explained = (lines: readonly string[]) =>
    lines.flatMap(line => wrap(line, '  ')).map(line => colors.dim(line))
  const differences = differencesBlock(comparison)
  const loss = lossBlock(comparison)
  const parts = [
    [
      ...wrap(titleOfComparison(comparison)).map(line => colors.bold(line)),
      ...wrap(commonOf(comparison), '  '),
    ],
    differences ? layOutBlock(differences, options) : [],
    titled(figuresBlock(comparison)),
    explained(legendOf(comparison)),
    titled(loss),
    loss ? explained(lossLegendOf(comparison)) : [],
    titled(refusalBlock(comparison)),
    quietNotes(comparison).flatMap(line => wrap(line, '  ')),
    troubleLines(comparison)
      .flatMap(line => wrap(line, '  '))
      .map(line => colors.red(line)),
    options.charts ? comparisonCharts(comparison, options) : [],
    renderWarnings(comparison.warnings, options).trimEnd().split('\n').filter(Boolean),
  ]
  return `${parts
    .filter(lines => lines.length > 0)
    .map(lines => lines.join('\n'))
    .join('\n\n')}\n`
}

const NO_BREAK = '\u00a0'
