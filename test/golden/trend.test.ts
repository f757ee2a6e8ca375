import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import stringWidth from 'string-width'
import { renderTrend, trendMarkdown } from '../../results/history/document.ts'
import { trendJson, trendSchema } from '../../results/history/json.ts'
import { type Trend, trendOf } from '../../results/history/trend.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { golden } from '../support/golden.ts'
import { historyOf, metricOf, runOf } from '../support/history-samples.ts'
import { jsonSchema } from '../support/results-docs.ts'

const indexes = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Slower from the ninth run on, where Node changed too; and back again from the 19th. */
const twoChanges = () =>
  indexes(26).map(index =>
    runOf(index, index >= 8 && index < 18 ? 0.6 : 1, { node_version: index >= 8 ? '20.21.0' : '20.20.2' }),
  )

/** Two machines in turn, one of them half as fast, and another one that was there but once. */
const machines = () =>
  indexes(25).map(index =>
    index === 24
      ? runOf(index, 1, { os: 'darwin', os_release: '24.1.0', arch: 'arm64', cpu_model: 'Other CPU' })
      : runOf(index, index % 2 === 0 ? 1 : 0.5, { cpu_model: index % 2 === 0 ? 'Quick CPU' : 'Slow CPU' }),
  )

/** What a hostile file calls its commits; the change lies between runs of one commit. */
const hostile = () =>
  indexes(12).map(index =>
    runOf(index, index >= 6 ? 0.5 : 1, {
      commit:
        index === 0 ? '\u001b[31m\u202e|<b>`x`\n# @all' : index >= 4 ? `${'f'.repeat(400)} |` : undefined,
      variant: '\u009b2J<script>|',
    }),
  )

const trendFrom = (runs: readonly (readonly TrialRecord[])[], last?: number): Trend =>
  trendOf(historyOf(runs), { metric: metricOf('goodput'), ...(last === undefined ? {} : { last }) })

describe('a trend', () => {
  const samples: Readonly<Record<string, () => Trend>> = {
    'two-changes': () => trendFrom(twoChanges()),
    steady: () =>
      trendFrom(
        indexes(30).map(index => runOf(index)),
        20,
      ),
    machines: () => trendFrom(machines()),
    'few-runs': () => trendFrom(indexes(3).map(index => runOf(index, 1, { commit: undefined }))),
    'one-run': () => trendFrom([runOf(0)]),
    hostile: () => trendFrom(hostile()),
    delivery: () => trendOf(historyOf(twoChanges()), { metric: metricOf('delivery') }),
  }
  for (const [name, make] of Object.entries(samples)) {
    for (const width of name === 'two-changes' ? [120, 80, 34] : [80]) {
      it(`${name} at ${width} columns`, () => {
        const text = renderTrend(make(), { width, color: false, charts: true })
        golden(`test/golden/trend-${name}-${width}.txt`, text)
        for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, line)
        assert.doesNotMatch(text, /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u)
      })
    }
  }
  it('as Markdown', () =>
    golden('test/golden/trend.md', trendMarkdown(samples['two-changes']?.() ?? failed())))
  it('as Markdown, hostile', () =>
    golden('test/golden/trend-hostile.md', trendMarkdown(trendFrom(hostile()))))
  it('as JSON', () => golden('test/golden/trend.json', trendJson(trendFrom(twoChanges().slice(0, 12)))))
  it('the schema of the JSON is up to date', () =>
    golden('docs/trend.schema.json', jsonSchema('trend', 'A trend of tcp-udp-bench', trendSchema)))

  it('in colour: red from where it got worse, green from where it got better', () => {
    const text = renderTrend(trendFrom(twoChanges()), { width: 80, color: true, charts: false })
    const line = text.split('\n').find(each => each.includes('udp-header') && each.includes('26')) ?? ''
    const colors = [...line.matchAll(/\[(3[12])m[▁-█]/g)].map(match => match[1])
    assert.deepEqual(colors, [...new Array(10).fill('31'), ...new Array(8).fill('32')])
  })
})

function failed(): never {
  throw new Error('no such sample')
}
