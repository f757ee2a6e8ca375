/** What results make of requests and their answers. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Latencies } from '../../../base/latencies.ts'
import { renderCharts } from '../../../results/charts/screen.ts'
import { renderTable } from '../../../results/document/table.ts'
import { casesSection } from '../../../results/report/sections/cases.ts'
import { compareTransports } from '../../../results/report/sections/comparing.ts'
import { casesOf, sourceOf } from '../../../results/report/sections/source.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { codes } from '../../support/found-warnings.ts'
import { record, rounds } from '../../support/results-samples.ts'

/** A trial of 100 requests, each of which took about `ms`. */
function requests(transport: string, ms: number, values: Partial<TrialRecord> = {}): TrialRecord {
  const trips = new Latencies()
  for (let count = 0; count < 100; count++) trips.add(ms * (1 + count / 1000))
  return record({
    ...{ transport, workload: 'exchange', size_bytes: 64, chunk_bytes: 64, requests_asked: 100 },
    ...{ requests: 100, answered: 100, total_ms: 1000 / ms, rtt_p50_ms: ms, rtt_histogram: trips.encoded() },
    ...values,
  })
}

describe('requests', () => {
  it('are compared by their round trips, not by how long a trial took', () => {
    const records = [
      ...rounds(6, (_, noise) => requests('echo-tcp', 0.02 * noise)),
      ...rounds(6, (_, noise) => requests('echo-udp', 0.01 * noise)),
    ]
    const comparison = compareTransports(sourceOf('a.csv', records))
    assert.equal(comparison?.metric.name, 'rtt')
    assert.equal(comparison?.rows[0]?.changes[1]?.ratio, 0.5)
  })

  it('each case counts where a terminal draws fewer lines than there are', () => {
    const sizes = Array.from({ length: 20 }, (_, index) => 64 + index)
    const summaries = summarize(
      sizes.map(size_bytes => requests('echo-udp', 1, { size_bytes, chunk_bytes: size_bytes })),
    )
    assert.match(renderCharts(summaries, { width: 100, color: false }), /14 more cases have no line here/)
  })

  it('columns of settings sort by their values, as those of other cases do', () => {
    const records = [10, 2].map(interval_ms => requests('echo-udp', 1, { interval_ms }))
    const [block] = casesSection(casesOf([sourceOf('a.csv', records)])).blocks
    assert(block?.kind === 'table')
    const at = block.table.columns.findIndex(({ title }) => title === 'interval')
    assert.equal(block.table.columns[at]?.align, 'right')
    assert.deepEqual(block.table.rows.map(row => row[at]?.value).sort(), [10, 2])
  })

  it('have warnings about few rounds and wide intervals, as payloads have', () => {
    const codesOf = (count: number, spread: number) =>
      codes(rounds(count, round => requests('echo-udp', 0.02 * (1 + spread * (round % 2)))))
    assert.deepEqual([codesOf(3, 0), codesOf(20, 0), codesOf(20, 1)], [['few-rounds'], [], ['wide-interval']])
  })

  it('have a table of their own, which fits narrow terminals too', () => {
    const summaries = summarize(rounds(6, (_, noise) => requests('echo-udp', 0.02 * noise)))
    for (const width of [120, 60, 30, 20]) {
      const text = renderTable(summaries, { width, color: false })
      assert.ok(
        text.split('\n').every(line => line.length <= width),
        text,
      )
      assert.match(text.replaceAll(/\s+/g, ' '), /20\.\d µs/)
    }
  })
})
