/** Findings on a terminal: a line each, and below it what to do. Pure. */
import picocolors from 'picocolors'
import stringWidth from 'string-width'
import { layOutGrid } from '../../results/document/grid.ts'
import type { RenderOptions } from '../../results/document/model.ts'
import { wrapWords } from '../../results/document/text.ts'
import type { Finding, State } from '../fleet/calls/finding.ts'

export interface Section {
  /** What it is about: `this host`, `the way to` or `other host`. */
  readonly about: string
  /** Name of the host, or of the one at the other end. */
  readonly host: string
  readonly findings: readonly Finding[]
}

const COLORS = { good: 'green', notice: 'yellow', bad: 'red', unknown: 'dim' } as const satisfies Record<
  State,
  string
>
const GAP = 2
/** In less a column of findings cannot be read. */
const NARROWEST = 30

export function renderSections(sections: readonly Section[], options: RenderOptions): string {
  const texts = sections.filter(each => each.findings.length > 0).map(each => renderSection(each, options))
  return `${[...texts, renderSum(sections, options)].join('\n\n')}\n`
}

function renderSection({ about, host, findings }: Section, { width, color }: RenderOptions): string {
  const colors = picocolors.createColors(color)
  const title = wrapWords(`${about}: ${host}`, width).map(line => colors.bold(line))
  const widest = (cell: (finding: Finding) => string) =>
    Math.max(...findings.map(finding => stringWidth(cell(finding))))
  const left = width - widest(each => each.state) - widest(each => each.subject) - 2 * GAP
  const lines = left < NARROWEST ? paragraphs(findings, width, color) : table(findings, left, color)
  return [...title, ...lines].join('\n')
}

function table(findings: readonly Finding[], textWidth: number, color: boolean): readonly string[] {
  const colors = picocolors.createColors(color)
  const texts = findings.map(({ finding, remedy }) =>
    [
      ...wrapWords(finding, textWidth),
      ...(remedy === undefined ? [] : wrapWords(`→ ${remedy}`, textWidth, '  ')),
    ].join('\n'),
  )
  const columns = [
    findings.map(({ state }) => colors[COLORS[state]](state)),
    findings.map(each => each.subject),
    texts,
  ]
  const grid = columns.map(cells => ({ title: '', align: 'left' as const, cells }))
  return layOutGrid(grid, GAP).body
}

/** For a terminal that no table fits. */
function paragraphs(findings: readonly Finding[], width: number, color: boolean): string[] {
  const colors = picocolors.createColors(color)
  return findings.flatMap(({ state, subject, finding, remedy }) => [
    ...wrapWords(`${state}: ${subject}: ${finding}`, width, '  ').map(colors[COLORS[state]]),
    ...(remedy === undefined ? [] : wrapWords(`  → ${remedy}`, width, '    ')),
  ])
}

function renderSum(sections: readonly Section[], { width, color }: RenderOptions): string {
  const colors = picocolors.createColors(color)
  const all = sections.flatMap(each => each.findings)
  const count = (state: State) => all.filter(each => each.state === state).length
  const [bad, notices, unknown] = [count('bad'), count('notice'), count('unknown')]
  const parts = [
    ...(bad > 0 ? [`${bad} bad`] : []),
    ...(notices > 0 ? [`${notices} to note`] : []),
    `${count('good')} good`,
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ]
  const paint = bad > 0 ? colors.red : notices > 0 ? colors.yellow : colors.green
  return wrapWords(parts.join(', '), width).map(paint).join('\n')
}
