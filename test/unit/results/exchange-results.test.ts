/** What results make of requests and their answers. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Latencies } from '../../../base/latencies.ts'
import { renderCharts } from '../../../results/charts/screen.ts'
import { answersOf } from '../../../results/compare/answer.ts'
import { compareTransports } from '../../../results/compare/within.ts'
import { renderMarkdown } from '../../../results/document/markdown.ts'
import { renderTable } from '../../../results/document/table.ts'
import { checkThreshold } from '../../../results/gate/check-thresholds.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import { casesSection } from '../../../results/report/sections/cases.ts'
import { casesOf, sourceOf } from '../../../results/report/sections/source.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { codes, find } from '../../support/found-warnings.ts'
import { gateSet } from '../../support/gate-samples.ts'
import { record, rounds, stream } from '../../support/results-samples.ts'

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
    const comparison = compareTransports(sourceOf({ label: 'a.csv', records }))
    assert.equal(comparison?.metric.name, 'rtt')
    assert.equal(comparison?.rows[0]?.changes[1]?.ratio, 0.5)
  })

  it('beside transfers have an answer of their own, in their own figure', () => {
    const records = [
      ...rounds(20, (_, noise) => requests('echo-tcp', 0.02 * noise)),
      ...rounds(20, (_, noise) => requests('echo-udp', 0.01 * noise)),
      ...rounds(20, (_, noise) => stream(1e9 * noise)),
    ]
    assert.equal(answersOf(records).length, 1)
    const text = renderMarkdown(buildReport({ files: [{ label: 'a.csv', records }], version: '1' }))
    assert.match(text, /^### echo-udp is \*\*the fastest\*\*: round trip \d\S* µs$/m)
    assert.match(text, /^### tcp: \*\*\d\S* [MG]bit\/s\*\*$/m)
    assert.match(text, /^### Round trip by transport: echo-udp against echo-tcp$/m)
    assert.match(text, /\| RTT \| RTT p99 \|/)
    const crowd = Array.from({ length: 9 }, (_, index) => requests(`echo-${index}`, 1 + index))
    const crowded = renderMarkdown(buildReport({ files: [{ label: 'a.csv', records: crowd }], version: '1' }))
    assert.match(
      crowded,
      /^9 transports are more than are held against each other here; choose some with --filter\.$/m,
    )
  })

  it('a sweep is drawn over what was swept, and has no percentiles where these would be too many lines', () => {
    const sizes = Array.from({ length: 20 }, (_, index) => 64 + index)
    const summaries = summarize(
      sizes.map(size_bytes => requests('echo-udp', 1, { size_bytes, chunk_bytes: size_bytes })),
    )
    const drawn = renderCharts(summaries, { width: 100, color: false })
    assert.match(drawn, /^Median round trip over size\n/)
    assert.doesNotMatch(drawn, /percentile/)
  })

  it('columns of settings sort by their values, as those of other cases do', () => {
    const records = [10, 2].map(interval_ms => requests('echo-udp', 1, { interval_ms }))
    const [block] = casesSection(casesOf([sourceOf({ label: 'a.csv', records })])).blocks
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
      assert.match(
        text.replaceAll(/\s+/g, ' '),
        /RTT p50 in µs.* (19|20)\.\d .*(19|20)\.\d –|RTT p50 (19|20)\.\d µs/,
      )
    }
  })

  it('without an answer are warned of, with what is known of why; only they are', () => {
    const answered = (values: Partial<TrialRecord>) =>
      find(rounds(6, () => requests('echo-udp', 1, { outcome: 'incomplete', ...values }))).filter(
        each => each.code === 'unanswered',
      )
    const [lost] = answered({
      answered: 90,
      datagrams_lost: 4,
      answers_lost: 3,
      answers_late: 2,
      interval_ms: 10,
    })
    assert.equal(
      lost?.message,
      'echo-udp: 10.0 % of 600 requests had no answer in time: 24 lost on the way there, 18 lost on the way back, 12 answered too late, 6 for unknown reasons',
    )
    assert.match(lost?.remedy ?? '', /^a longer --interval, or see which queue or link drops them/)
    const [late] = answered({ answered: 99, answers_late: 1 })
    assert.match(late?.message ?? '', /: 6 answered too late$/)
    assert.equal(late?.remedy, 'see what keeps the other end or the link busy')
    assert.match(
      answered({ answered: 50 })[0]?.remedy ?? '',
      /^check that the other end answers all of them$/,
    )
    assert.match(
      answered({ answered: 0, interval_ms: 10 })[0]?.remedy ?? '',
      /^check that the other end answers all of them$/,
      'a pace does not matter where nothing is answered',
    )
    assert.match(
      answered({ answered: 0, answers_lost: 100 })[0]?.remedy ?? '',
      /let it through on the way back$/,
    )
    // Twins: all were answered; it broke off; it is a transfer.
    assert.deepEqual(answered({ outcome: 'completed' }), [])
    assert.deepEqual(answered({ outcome: 'failed', answered: 50 }), [])
    assert.deepEqual(
      find(rounds(6, () => stream(1e9))).filter(each => each.code === 'unanswered'),
      [],
    )
  })

  it('that were lost are never advised a --rate, which they do not have', () => {
    for (const [values, remedy] of [
      [{ interval_ms: 10, lost_elsewhere: 4, loss_cause: 'elsewhere' }, 'a longer --interval'],
      [{ interval_ms: 10, lost_send_queue: 4, loss_cause: 'send queue' }, 'a longer --interval'],
      [
        { lost_elsewhere: 4, loss_cause: 'elsewhere' },
        'see which queue or link drops them (bench doctor HOST)',
      ],
    ] as const) {
      const counts = { datagrams_accepted: 100, datagrams_delivered: 96, datagrams_lost: 4, answered: 96 }
      const found = find(
        rounds(6, () => requests('echo-udp', 1, { outcome: 'incomplete', ...counts, ...values })),
      )
      assert.equal(found.find(each => each.code.startsWith('loss-'))?.remedy, remedy)
      assert.ok(found.every(each => !each.remedy.includes('--rate')))
    }
  })

  it('have thresholds: percentiles are of all requests, the median is that of the trials', () => {
    // Nine trials of 1 ms each, and one of 50 ms.
    const trials = rounds(10, round => requests('echo-udp', round === 10 ? 50 : 1))
    const judged = (text: string, records: readonly TrialRecord[] = trials) =>
      checkThreshold(parseThreshold(text), gateSet(records)).map(each => `${each.status}: ${each.sentence}`)
    assert.match(judged('rtt < 5ms')[0] ?? '', /^passed: median rtt is 1.*over 10 trials$/)
    assert.deepEqual(
      judged('rtt.p50 < 5ms').map(each => each.slice(0, 6)),
      ['passed'],
    )
    assert.match(judged('rtt.max < 5ms')[0] ?? '', /^failed: max of rtt is 5\d.* ms over 1,000 requests/)
    assert.match(judged('rtt.p99 < 5ms')[0] ?? '', /^failed: p99 of rtt is .* over 1,000 requests/)
    assert.match(
      judged('rtt.p99 < 5ms', trials.slice(0, 9))[0] ?? '',
      /^skipped: p99 of rtt is not judged: it needs 1,000 requests/,
    )
    const half = rounds(10, () => requests('echo-udp', 1, { outcome: 'incomplete', answered: 90 }))
    assert.match(
      judged('unanswered < 1%', half)[0] ?? '',
      /^failed: unanswered is 10.0 %.* of 1,000 requests$/,
    )
    assert.match(judged('unanswered < 1%')[0] ?? '', /^passed: unanswered is 0 %/)
    assert.match(judged('unanswered.max < 20%', half)[0] ?? '', /^passed: max of unanswered is 10.0 %/)
    // A transfer has none of these, which guards nothing.
    assert.match(
      judged(
        'unanswered < 1%',
        rounds(6, () => stream(1e9)),
      )[0] ?? '',
      /^failed: .*cannot fail/,
    )
    assert.match(
      judged(
        'rtt.max < 1s',
        rounds(6, () => stream(1e9)),
      )[0] ?? '',
      /^failed: .*cannot fail/,
    )
  })
})
