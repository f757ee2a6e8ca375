import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { parseRate } from '../../../base/units.ts'
import { rateFlag } from '../../../results/document/format.ts'
import { blockHtml } from '../../../results/document/html.ts'
import { blocksMarkdown } from '../../../results/document/markdown.ts'
import { html } from '../../../results/document/markup.ts'
import { tableOfMatrix } from '../../../results/document/matrix.ts'
import type { Block, Chart, Entry, Table } from '../../../results/document/model.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { wrapWords } from '../../../results/document/text.ts'

const foreign = fc.string({ unit: 'binary', maxLength: 40 })
const short = fc.stringMatching(/^[\w ().%±–-]{0,24}$/)
const tone = fc.constantFrom('good', 'bad', 'caution', 'dim')

/** One block of each kind, with these words in it. */
const blocksOf = (words: string, cell: string, rows: number): readonly Block[] => [
  { kind: 'heading', text: [words, { name: cell }], tone: 'good', common: [words, ''] },
  { kind: 'text', text: [{ code: words }, { strong: cell }] },
  { kind: 'list', items: [[words], [cell]] },
  { kind: 'findings', items: [{ text: [words], tone: 'bad', more: [cell] }] },
  { kind: 'notes', items: [{ message: words, remedy: cell }, { message: cell }] },
  { kind: 'table', table: tableOf(cell, rows) },
  { kind: 'legend', lines: [words, cell] },
  { kind: 'chart', chart: chartOf(words, cell, rows) },
]

const chartOf = (title: string, cell: string, rows: number): Chart => ({
  id: 'chart-1',
  title,
  spec: { kind: 'stack', value: { title: cell, unit: 'ms' }, parts: [{ name: cell, color: 0 }], rows: [] },
  table: tableOf(cell, rows),
})

const sweepOf = (id: string): Chart => ({
  id,
  title: 'Time over chunk',
  spec: {
    kind: 'sweep',
    x: { title: 'chunk', scale: 'steps', values: [1, 2], labels: ['1', '2'] },
    y: { title: 'time', unit: 'ms', log: false },
    lines: [{ name: 'tcp', color: 0, points: [{ x: 1, y: 1500, n: 3 }], trials: [], refused: [2] }],
  },
})

const tableOf = (cell: string, rows: number): Table => ({
  caption: cell,
  columns: [
    { title: 'name', align: 'left' },
    { title: 'figure', align: 'right' },
  ],
  rows: Array.from({ length: rows }, () => [
    { text: cell },
    { text: '1', spread: '± 2 %', detail: cell, tone: 'caution' },
  ]),
  bars: {
    title: 'bars',
    rows: Array.from({ length: rows }, () => ({ values: [1, undefined, 2], tones: [] })),
  },
})

const matrixOf = (entries: readonly Entry[], label: string): Block => ({
  kind: 'table',
  table: tableOfMatrix({
    title: 'goodput in Gbit/s',
    fields: [{ title: 'transport', align: 'left' }],
    labels: entries.map((_, index) => `${label}${index}`),
    align: 'right',
    changeTitle: 'change',
    rows: [{ fields: ['tcp'], name: 'tcp', entries }],
  }),
})

describe('blocks', () => {
  it('stay within any width that holds a word, in colour as well', () => {
    const entry = fc.record({ value: short, spread: short, note: short, tone })
    fc.assert(
      fc.property(
        short,
        short,
        fc.nat(3),
        fc.array(entry, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 20, max: 120 }),
        (words, cell, rows, entries, width) => {
          const blocks = [...blocksOf(words, cell, rows), matrixOf(entries, words)]
          for (const color of [false, true])
            for (const line of renderBlocks(blocks, { width, color }).split('\n'))
              assert.ok(stringWidth(line) <= width, `${width}: ${line}`)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('hold no markup and no control character of a file in Markdown, and no element of it in a page', () => {
    fc.assert(
      fc.property(foreign, foreign, (words, cell) => {
        const blocks = blocksOf(`${words}<img src=x>\n# @all`, `${cell}|<b>`, 1)
        const markdown = blocksMarkdown(blocks)
        assert.doesNotMatch(markdown, /[^\P{Cc}\n]|<(?!!-- -->)|^# /mu)
        const page = blocks.map((block, index) => blockHtml(block, `b${index}`, () => html``).text).join('')
        assert.doesNotMatch(page, /<img|<b>/)
      }),
    )
  })

  it('say the same figures on a terminal, in Markdown and on a page', () => {
    const change = { value: '+8.0 %', ends: { low: '+7.0', high: '+9.0 %' }, p: '<0.001', word: 'better' }
    const block = matrixOf(
      [
        { value: '2.41', spread: '± 2 %', note: 'n 19' },
        { value: '2.60', change },
      ],
      'set ',
    )
    assert.equal(
      renderBlocks([block], { width: 80, color: false }),
      `goodput in Gbit/s
transport            set 0  set 1            change (95 %)       p
──────────────────────────────────────────────────────────────────────────
tcp        2.41 ± 2 % n 19   2.60  +8.0 % (+7.0 to +9.0 %)  <0.001  better
`,
    )
    assert.match(
      blocksMarkdown([block]),
      /\| tcp \| 2\.41 ± 2 % \(n 19\) \| 2\.60 \| \+8\.0 % better \(\+7\.0 to \+9\.0 %\) \| &lt;0\.001 \|/,
    )
    assert.match(
      blockHtml(block, 'b', () => html``).text,
      /<td class="right">2\.41<small>± 2 %, n 19<\/small><\/td><td class="right">2\.60<\/td><td class="right">\+8\.0 % better<small>/,
    )
  })

  it('without items, or without rows that fit, leave nothing behind and lose nothing', () => {
    const empty: readonly Block[] = [
      { kind: 'list', items: [] },
      { kind: 'notes', items: [] },
    ]
    assert.equal(renderBlocks([...empty, { kind: 'text', text: ['x'] }], { width: 80, color: false }), 'x\n')
    assert.equal(blocksMarkdown([...empty, { kind: 'text', text: ['x'] }]), 'x\n')
    const narrow = renderBlocks([{ kind: 'table', table: tableOf('a name', 1) }], { width: 20, color: false })
    assert.equal(narrow, 'a name\n  figure 1 ± 2 % (a\n  name)\n')
  })

  it('that are charts draw lines on a terminal, other charts show their figures, and a narrow one says once that it has none', () => {
    const charts: readonly Block[] = [
      { kind: 'chart', chart: sweepOf('a') },
      { kind: 'chart', chart: sweepOf('b') },
      { kind: 'chart', chart: chartOf('Where the time goes', 'tcp', 1) },
    ]
    const text = renderBlocks(charts, { width: 60, color: false })
    assert.equal(text.match(/^Time over chunk\n1.5 s┤/gm)?.length, 2)
    assert.equal(text.match(/^ {2}t tcp {3}× refused$/gm)?.length, 2)
    assert.match(text, /^Where the time goes\nname +figure/m)
    const narrow = renderBlocks(charts, { width: 39, color: false })
    assert.equal(narrow, 'No charts: they need 40 columns, this\nterminal has 39.\n')
  })

  it('of a table take the widest form that fits', () => {
    const wide = tableOf('long enough', 1)
    const table = { ...wide, forms: [() => wide, () => ({ ...tableOf('l', 1), below: 'less' })] }
    const at = (width: number) => renderBlocks([{ kind: 'table', table }], { width, color: false })
    assert.match(at(80), /long enough/)
    assert.match(at(24), /^l +1 ± 2 % \(l\).*\n\nless\n$/m)
  })
})

describe('a rate for a flag', () => {
  it('has the two leading digits of a rate, whatever follows them', () => {
    for (let power = 3; power < 12; power++)
      for (let digits = 10; digits < 100; digits++)
        for (const more of [0, 0.3, 0.99])
          assert.equal(parseRate(rateFlag((digits + more) * 10 ** power)), digits * 10 ** power)
  })
})

describe('lines', () => {
  it('do not part a figure from its unit, nor p from what it is', () => {
    assert.deepEqual(wrapWords('it took 12 ms', 11), ['it took', '12 ms'])
    assert.deepEqual(wrapWords('so it is; p <0.001', 13), ['so it is;', 'p <0.001'])
    assert.deepEqual(wrapWords('(means, p ≤ 0.01)', 10), ['(means,', 'p ≤ 0.01)'])
    assert.deepEqual(wrapWords('of 12 sets', 6), ['of 12', 'sets'])
  })
})
