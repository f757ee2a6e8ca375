/** What results make of pictures in a row. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { renderCharts } from '../../../results/charts/screen.ts'
import { compareTransports } from '../../../results/compare/within.ts'
import { ratesThatHold } from '../../../results/document/frames-table.ts'
import { renderTable } from '../../../results/document/table.ts'
import { checkThreshold } from '../../../results/gate/check-thresholds.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { casesSection } from '../../../results/report/sections/cases.ts'
import { casesOf, sourceOf } from '../../../results/report/sections/source.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { foldTrial } from '../../../results/schema/fold.ts'
import { estimateOf, figureOf } from '../../../results/statistics/figure.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { codes } from '../../support/found-warnings.ts'
import { gateSet } from '../../support/gate-samples.ts'
import { record, rounds } from '../../support/results-samples.ts'

/** A trial of 100 pictures, some of which were late or dropped. */
function film(
  transport: string,
  fps: number | undefined,
  late: number,
  dropped: number,
  delayMs = 5,
): TrialRecord {
  const onTime = 100 - late - dropped
  return record({
    ...{ transport, workload: 'frames', fps, frames_asked: 100, frames_due: 100 },
    ...{ frames_on_time: onTime, frames_late: late, frames_damaged: 0, frames_dropped: dropped },
    ...{ frames_unsent: 0, frames_on_time_ratio: onTime / 100, frames_per_second: fps ?? 300 },
    ...{ frame_delay_p50_ms: delayMs, frame_delay_max_ms: 3 * delayMs, frame_jitter_ms: 0.5, total_ms: 4000 },
    outcome: dropped > 0 ? 'incomplete' : 'completed',
  })
}

const TRIALS = [
  ...rounds(6, () => film('tcp', 25, 0, 0)),
  ...rounds(6, () => film('tcp', 50, 1, 0)),
  ...rounds(6, () => film('tcp', 100, 30, 20)),
  ...rounds(6, () => film('udp-header', 25, 0, 0)),
  ...rounds(6, () => film('udp-header', 50, 2, 0)),
  ...rounds(6, () => film('udp-header', 100, 0, 1)),
  ...rounds(6, () => film('udp-marker', 25, 0, 9)),
]

describe('pictures in a row', () => {
  it('a rate holds with 99 % on time in all trials together; the highest of those tried is named', () => {
    const [block] = ratesThatHold(summarize(TRIALS))
    assert(block?.kind === 'text')
    assert.equal(
      block.text.join(''),
      'Rates that hold (99 % of the pictures on time or more): tcp 25, 50 fps; udp-header 25, 100 fps, the highest tried; udp-marker none of 25 fps.',
    )
    // A single rate is no search, and without one there is none.
    assert.deepEqual(ratesThatHold(summarize(TRIALS.slice(0, 6))), [])
    assert.deepEqual(ratesThatHold(summarize([film('tcp', undefined, 0, 0)])), [])
  })

  it('several rates are a chart of what was on time, and one is none', () => {
    const options = { width: 80, color: false }
    const drawn = renderCharts(summarize(TRIALS), options)
    assert.match(drawn, /^Pictures on time over fps\n100 %┤/)
    assert.match(drawn, /\n +25 +50 +100\n +fps \(per second\)\n/)
    assert.equal(renderCharts(summarize(TRIALS.slice(0, 6)), options), '')
  })

  it('the table has what became of them, and is not that of transfers', () => {
    const text = renderTable(summarize(TRIALS), { width: 140, color: false })
    assert.match(text, /transport +fps +on time +late +dropped \(never sent\) +delay p50 in ms/)
    assert.match(text, /tcp +100 +50\.0 % +180 +120 .*5\.00 .* 15\.0 .*6 incomplete/)
    assert.doesNotMatch(text, /goodput|damaged/)
    for (const width of [20, 60, 90]) {
      const narrow = renderTable(summarize(TRIALS), { width, color: false })
      assert.match(narrow.replaceAll(/\s+/g, ' '), /Rates that hold/)
      for (const line of narrow.split('\n')) assert(line.length <= width || width < 60, line)
    }
    const closed = renderTable(summarize([film('tcp', undefined, 0, 0)]), { width: 140, color: false })
    assert.match(closed, /100 pictures of 819,200 B, each after an answer/)
    assert.match(closed, /a second[\s\S]* 300$/m)
  })

  it('what a receiver did not report is unknown, not zero', () => {
    const {
      frames_on_time: _o,
      frames_late: _l,
      frames_damaged: _d,
      frames_dropped: _r,
      ...foreign
    } = film(...(['tcp', 25, 0, 0] as const))
    const [summary] = summarize([
      { ...foreign, frame_delay_p50_ms: undefined, frames_on_time_ratio: undefined },
    ])
    assert.deepEqual(
      [summary?.frames?.due, summary?.frames?.fates, summary?.frames?.delay],
      [100, undefined, undefined],
    )
  })

  it('are compared by their delay, and known by it', () => {
    const records = [
      ...rounds(6, (_, noise) => film('tcp', 25, 0, 0, 2 * noise)),
      ...rounds(6, (_, noise) => film('udp-header', 25, 0, 0, noise)),
    ]
    const comparison = compareTransports(sourceOf({ label: 'a.csv', records }))
    assert.equal(comparison?.metric.name, 'frame-delay')
    assert.equal(comparison?.rows[0]?.changes[1]?.ratio, 0.5)
    assert.equal(figureOf(records), 'frame_delay_p50_ms')
    assert.ok((estimateOf(records, figureOf(records))?.median ?? 0) > 0)
  })

  it('have thresholds, warnings and a row in the report', () => {
    const set = gateSet(rounds(6, () => film('tcp', 25, 1, 1)))
    const held = (text: string) => checkThreshold(parseThreshold(text), set).map(({ status }) => status)
    assert.deepEqual(held('frames-on-time >= 98%'), ['passed'])
    assert.deepEqual(held('frames-on-time >= 99%'), ['failed'])
    assert.deepEqual(held('tcp.frame-delay < 4ms'), ['failed'])
    assert.deepEqual(codes(rounds(3, () => film('tcp', 25, 0, 0))), ['few-rounds'])
    // 4 ms of the 40 between two pictures.
    const between = rounds(
      6,
      () => ({ ...film('tcp', 25, 0, 0), direction: 'forward', clock_error_ms: 4 }) as const,
    )
    assert.ok(codes(between).includes('clock-error'))
    const [block] = casesSection(casesOf([sourceOf({ label: 'a.csv', records: TRIALS })])).blocks
    assert(block?.kind === 'table')
    const titles = block.table.columns.map(({ title }) => title)
    for (const title of ['fps', 'pictures on time', 'pictures dropped', 'delay of pictures'])
      assert(titles.includes(title), titles.join())
  })

  it('several cameras at the same time are one sample', () => {
    const flows = [film('tcp', 25, 0, 0), film('tcp', 25, 10, 20)].map((each, index) => ({
      ...each,
      ...{ streams: 2, flow: index + 1 },
    }))
    const { frames_due, frames_on_time, frames_on_time_ratio, frame_delay_max_ms } = foldTrial(flows)
    assert.deepEqual(
      [frames_due, frames_on_time, frames_on_time_ratio, frame_delay_max_ms],
      [200, 170, 0.85, 15],
    )
  })
})
