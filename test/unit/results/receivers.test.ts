/** What tables say of each receiver of a group. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { receiversOf, receiversTable } from '../../../results/document/receivers-table.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { record } from '../../support/results-samples.ts'

/** Two trials of so many receivers, of which each loses as many datagrams of 100 as its number says. */
function group(receivers: number) {
  return summarize(
    [1, 2].flatMap(trial =>
      Array.from({ length: receivers }, (_, index) =>
        record({
          ...{ transport: 'udp-multicast', receivers, trial, round: trial, flow: index + 1 },
          outcome: index === 0 ? 'completed' : 'incomplete',
          ...{ datagrams_offered: 100, datagrams_accepted: 100, datagrams_refused: 0 },
          ...{ datagrams_delivered: 100 - index, datagrams_lost: index, loss_ratio: index / 100 },
          ...{ datagrams_reordered: index, datagrams_duplicated: 1 },
          ...{ goodput_bps: 1e6 * (10 - index), delivery_ms: 20 + index, receive_ms: 15 },
        }),
      ),
    ),
  )
}

test('each receiver has its own loss, order and times; the trial has the slowest, and the mean loss', () => {
  const [summary] = group(3)
  assert.ok(summary)
  assert.deepEqual(
    receiversOf(summary).map(({ cell: _, frames: __, ...each }) => each),
    [0, 1, 2].map(index => ({
      number: index + 1,
      goodputBps: 1e6 * (10 - index),
      lossRatio: index / 100,
      reordered: 2 * index,
      duplicated: 2,
      firstMs: 5 + index,
      lastMs: 20 + index,
    })),
  )
  assert.deepEqual(summary.loss, { lost: 6, accepted: 600, ratio: 0.01 })
  assert.deepEqual([summary.goodput?.medianBps, summary.outcomes.incomplete], [8e6, 2])
})

test('of many receivers a terminal shows those that lost most', () => {
  const { rows } = receiversTable(group(12))
  assert.deepEqual(
    rows.map(([, number]) => number?.text),
    ['5', '6', '7', '8', '9', '10', '11', '12'],
  )
})

test('what goes to one receiver has none of these lines', () => {
  assert.deepEqual(receiversOf(summarize([record({})])[0] ?? assert.fail()), [])
})

test('of pictures in a row a line has what became of them, and the worst are chosen by that', () => {
  const summaries = summarize(
    Array.from({ length: 9 }, (_, index) =>
      record({
        ...{ transport: 'udp-multicast', workload: 'frames', fps: 25, frames_asked: 20, frames_due: 20 },
        ...{ receivers: 9, flow: index + 1, frames_unsent: 0, frames_damaged: 0 },
        ...{ frames_on_time: 20 - index, frames_late: 0, frames_dropped: index },
        ...{ frame_delay_p50_ms: 3, frame_delay_max_ms: 7 },
        outcome: index === 0 ? 'completed' : 'incomplete',
      }),
    ),
  )
  const { columns, rows } = receiversTable(summaries)
  assert.deepEqual(
    columns.slice(1).map(({ title }) => title),
    ['receiver', 'on time', 'late', 'dropped', 'delay p50\nin ms', 'max\nin ms'],
  )
  assert.deepEqual(
    rows
      .map(row =>
        row
          .slice(1)
          .map(cell => cell?.text)
          .join(' '),
      )
      .at(-1),
    '9 60.0 % 0 8 3.00 7.00',
  )
  assert.equal(rows.length, 8)
})
