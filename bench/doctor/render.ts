/** Findings as blocks: a table for each host or path, with remedies below the findings, and a count. Pure. */
import { given } from '../../base/given.ts'
import type { Block, RenderOptions, Tone } from '../../results/document/model.ts'
import { renderBlocks } from '../../results/document/terminal.ts'
import type { Finding, State } from '../fleet/calls/finding.ts'

export interface Section {
  /** `this host`, `the way to` or `other host`. */
  readonly about: string
  /** Name of the host, or of the one at the other end. */
  readonly host: string
  readonly findings: readonly Finding[]
}

const TONES: Readonly<Record<State, Tone>> = { good: 'good', notice: 'caution', bad: 'bad', unknown: 'dim' }

export function renderSections(sections: readonly Section[], options: RenderOptions): string {
  const examined = sections.filter(each => each.findings.length > 0)
  return renderBlocks([...examined.flatMap(sectionBlocks), countBlock(sections)], options)
}

function sectionBlocks({ about, host, findings }: Section): readonly Block[] {
  const left = { title: '', align: 'left' } as const
  const table = {
    caption: `${about}: ${host}`,
    columns: [left, left, { ...left, wraps: true }],
    rows: findings.map(({ state, subject, finding, remedy }) => [
      { text: state, tone: TONES[state] },
      { text: subject },
      { text: finding, ...(remedy === undefined ? {} : { detail: `→ ${remedy}` }) },
    ]),
    inWords: findings.map(({ state, subject, finding, remedy }) => ({
      name: `${state}: ${subject}: ${finding}`,
      lines: remedy === undefined ? [] : [{ figures: [`→ ${remedy}`] }],
    })),
  }
  return [
    { kind: 'heading', text: [table.caption] },
    { kind: 'table', table },
  ]
}

function countBlock(sections: readonly Section[]): Block {
  const states = sections.flatMap(each => each.findings.map(({ state }) => state))
  const count = (state: State, word: string) => {
    const found = states.filter(each => each === state).length
    return (found > 0 || state === 'good') && `${found} ${word}`
  }
  const parts = given(
    count('bad', 'bad'),
    count('notice', 'to note'),
    count('good', 'good'),
    count('unknown', 'unknown'),
  )
  const tone = states.includes('bad') ? 'bad' : states.includes('notice') ? 'caution' : 'good'
  return { kind: 'findings', items: [{ text: [parts.join(', ')], tone }] }
}
