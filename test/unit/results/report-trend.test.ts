import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { renderMarkdown } from '../../../results/document/markdown.ts'
import type { PageBlock } from '../../../results/document/model.ts'
import { trendOf } from '../../../results/history/trend.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import { trendSection } from '../../../results/report/sections/trend.ts'
import { commitOf, historyOf, metricOf, runOf } from '../../support/history-samples.ts'

const indexes = (count: number) => Array.from({ length: count }, (_, index) => index)
const trend = (runs: Parameters<typeof historyOf>[0]) =>
  trendOf(historyOf(runs), { metric: metricOf('goodput') })
const changed = () => trend(indexes(20).map(index => runOf(index, index < 12 ? 1 : 0.5)))
const of = <K extends PageBlock['kind']>(blocks: readonly PageBlock[], kind: K) =>
  blocks.filter((each): each is Extract<PageBlock, { kind: K }> => each.kind === kind)

describe('the section over commits', () => {
  test('says what changed where, draws the runs with a mark there, and has a table', () => {
    const { blocks = [] } = trendSection(changed()) ?? {}
    const [findings] = of(blocks, 'findings')
    const [item] = findings?.items ?? []
    assert.deepEqual(item?.text[0], { strong: 'udp-header' })
    assert.match(
      String(item?.text[1]),
      new RegExp(`^ got worse at ${commitOf(12).slice(0, 7)} \\(2026-03-13\\): goodput fell`),
    )
    const [chart] = of(blocks, 'chart')
    const spec = chart?.chart.spec
    assert(spec?.kind === 'sweep')
    assert.deepEqual(spec.marks, [{ x: 12, text: commitOf(12).slice(0, 7) }])
    assert.deepEqual(
      spec.lines.map(line => [line.name, line.points.length]),
      [
        ['udp-header', 20],
        ['tcp', 20],
      ],
    )
    assert.deepEqual(
      spec.x.labels,
      indexes(20).map(index => commitOf(index).slice(0, 7)),
    )
    const [table] = of(blocks, 'table')
    assert.equal(table?.table.rows[1]?.at(-1)?.tone, 'bad')
    assert.equal(table?.table.rows[0]?.at(-1)?.text, '~')
  })

  test('has a chart for each kind of machine, with names of their own, and none for a single run', () => {
    const runs = indexes(5).map(index => runOf(index, 1, index === 4 ? { arch: 'arm64' } : {}))
    const { blocks = [] } = trendSection(trend(runs)) ?? {}
    assert.deepEqual(
      of(blocks, 'chart').map(({ chart }) => chart.id),
      ['trend-1'],
    )
    assert.equal(of(blocks, 'table').length, 2)
    assert.equal(trendSection(trend([])), undefined)
  })

  test('stands in a report; what a file calls its commits stays text', () => {
    const hostile = trend(
      indexes(20).map(index =>
        runOf(index, index < 12 ? 1 : 0.5, { commit: `<img src=x onerror=${index}>|` }),
      ),
    )
    const section = trendSection(hostile)
    const report = buildReport({
      files: [{ label: 'a.csv', records: runOf(0) }],
      sections: section ? [section] : [],
      version: '1',
    })
    const text = renderMarkdown(report)
    assert.match(text, /## Over commits/)
    assert.doesNotMatch(text, /<img/)
  })
})
