/** A comparison as blocks, whatever shows them: a terminal, Markdown, or a section of a report. */
import { given } from '../../base/given.ts'
import { blocksMarkdown } from '../document/markdown.ts'
import { tableOfMatrix } from '../document/matrix.ts'
import type { Block, Matrix, RenderOptions } from '../document/model.ts'
import { renderBlocks } from '../document/terminal.ts'
import { differencesBlock, lossBlock, refusalBlock } from './block-facts.ts'
import { figuresBlock } from './block-figures.ts'
import { comparisonCharts } from './charts.ts'
import type { Comparison } from './comparison.ts'
import { commonOf, quietNotes, titleOfComparison, troubleLines } from './heading.ts'
import { legendOf, lossLegendOf } from './legend.ts'
import { systemsBlocks } from './systems-blocks.ts'

/** What is compared, what differs around it, the figures, loss, refusals, troubles, `charts` and warnings. */
export function comparisonBlocks(comparison: Comparison, charts: readonly Block[] = []): readonly Block[] {
  const loss = matrix(lossBlock(comparison))
  return given<Block>(
    { kind: 'heading', text: [titleOfComparison(comparison)], common: [commonOf(comparison)] },
    matrix(differencesBlock(comparison)),
    matrix(figuresBlock(comparison)),
    { kind: 'legend', lines: legendOf(comparison) },
    loss,
    loss && { kind: 'legend', lines: lossLegendOf(comparison) },
    matrix(refusalBlock(comparison)),
    { kind: 'list', items: quietNotes(comparison).map(each => [each]) },
    { kind: 'findings', items: troubleLines(comparison).map(each => ({ text: [each], tone: 'bad' })) },
    ...charts,
    { kind: 'notes', items: comparison.warnings },
  )
}

function matrix(made: Matrix | undefined): Block | undefined {
  return made && { kind: 'table', table: tableOfMatrix(made) }
}

/** On a terminal; with charts where they are asked for. */
export function renderComparison(
  comparison: Comparison,
  options: RenderOptions & { readonly charts?: boolean },
): string {
  const charts = options.charts ? comparisonCharts(comparison) : []
  return renderBlocks([...systemsFirst(comparison), ...comparisonBlocks(comparison, charts)], options)
}

/** As GitHub Markdown, to be pasted into a pull request. */
export function comparisonMarkdown(comparison: Comparison): string {
  return blocksMarkdown([...systemsFirst(comparison), ...comparisonBlocks(comparison)])
}

/** Sets of several systems begin with these. */
function systemsFirst(comparison: Comparison): readonly Block[] {
  const blocks = systemsBlocks(comparison, false)
  return blocks.length === 0 ? [] : [{ kind: 'heading', text: ['systems'] }, ...blocks]
}
