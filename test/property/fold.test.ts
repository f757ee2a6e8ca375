/** A trial of several streams, or of the receivers of a group, is one sample, in records and in columns alike. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readRecords, readTrials } from '../../results/read/read.ts'
import { processesOf } from '../../results/read/trial-set.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import { cellKey, cellOf } from '../../results/schema/cells.ts'
import type { ColumnName, TrialRecord } from '../../results/schema/columns.ts'
import { rowsPerTrial } from '../../results/schema/fold.ts'
import { OUTCOMES } from '../../results/schema/outcome.ts'
import { fairnessOf } from '../../results/statistics/fairness.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { encode } from '../../results/store/formats.ts'
import { pieces } from '../support/result-arbitraries.ts'
import { record } from '../support/results-samples.ts'

const count = fc.nat({ max: 1e6 })
const ms = fc.integer({ min: 1, max: 1e6 })

/** What a stream of a trial has of its own. */
const flow = fc
  .record({
    offered: count,
    lost: fc.nat({ max: 1000 }),
    bytes: count,
    ms,
    bps: ms,
    kind: fc.nat({ max: 4 }),
  })
  .map(({ offered, lost, bytes, ms, bps, kind }): Partial<TrialRecord> => {
    const missing = Math.min(lost, offered)
    const outcome = kind === 0 && missing > 0 ? 'incomplete' : (OUTCOMES[kind] ?? 'completed')
    return {
      outcome,
      ...(outcome === 'completed' ? {} : { error_code: `E${kind}` }),
      ...{ datagrams_offered: offered, datagrams_accepted: offered, datagrams_refused: 0 },
      ...{ datagrams_delivered: offered - missing, datagrams_lost: missing },
      loss_ratio: offered > 0 ? missing / offered : undefined,
      ...{ bytes_delivered: bytes, delivery_ms: ms, total_ms: ms + 1, receive_ms: ms, goodput_bps: bps },
      ...{ sender_cpu_ms: ms, host_sndbuf_errors: missing, payload_intact: outcome === 'completed' },
    }
  })
  // A completed one loses nothing.
  .map(each =>
    each.outcome === 'completed'
      ? { ...each, datagrams_delivered: each.datagrams_offered, datagrams_lost: 0, loss_ratio: 0 }
      : each,
  )

/** Trials of some streams, or receivers, in two directions and of one, and an order of all rows. */
const trials = fc
  .array(
    fc.record({
      streams: fc.integer({ min: 1, max: 4 }),
      isGroup: fc.boolean(),
      flows: fc.array(flow, { minLength: 8, maxLength: 8 }),
    }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map(all =>
    all.flatMap(({ streams, isGroup, flows }, index) =>
      (['bidir-forward', 'bidir-reverse'] as const).flatMap((direction, back) =>
        flows.slice(0, streams).map((values, at) =>
          record({
            ...{
              round: index + 1,
              trial: index + 1,
              flow: back * streams + at + 1,
              process: at + 1,
              direction,
            },
            ...(streams > 1 ? (isGroup ? { receivers: streams } : { streams }) : {}),
            ...{
              transport: 'udp-marker',
              size_bytes: undefined,
              duration_asked_ms: 1000,
              workload: 'stream',
            },
            ...values,
          }),
        ),
      ),
    ),
  )
  .chain(rows =>
    fc.record({ rows: fc.constant(rows), shuffled: fc.shuffledSubarray(rows, { minLength: rows.length }) }),
  )

const NUMBERS = [
  ...([
    'goodput_bps',
    'delivery_ms',
    'total_ms',
    'datagrams_lost',
    'datagrams_delivered',
    'loss_ratio',
  ] as const),
  ...([
    'bytes_delivered',
    'sender_cpu_ms',
    'host_sndbuf_errors',
    'payload_intact',
    'process',
    'fairness',
  ] as const),
]

describe('the streams of a trial', () => {
  it('are one sample: sums of what adds up, the longest time, the worst end', () => {
    fc.assert(
      fc.property(trials, ({ rows, shuffled }) => {
        for (const { cell, records, flows } of summarize(shuffled)) {
          const own = rows.filter(each => cellKey(cellOf(each)) === cellKey(cell))
          assert.equal(records.length * (rowsPerTrial(cell) ?? 1), own.length)
          for (const [index, trial] of records.entries()) {
            const of = own.filter(each => each.trial === trial.trial)
            const all = (name: 'goodput_bps' | 'datagrams_lost' | 'bytes_delivered' | 'total_ms') =>
              of.map(each => each[name] ?? Number.NaN)
            const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
            assert.deepEqual(flows[index], of)
            // Streams share what there is; a group is done when its slowest receiver is.
            const goodput =
              cell.receivers === undefined ? sum : (each: readonly number[]) => Math.min(...each)
            assert.equal(trial.goodput_bps, goodput(all('goodput_bps')))
            assert.equal(trial.datagrams_lost, sum(all('datagrams_lost')))
            assert.equal(trial.bytes_delivered, sum(all('bytes_delivered')))
            assert.equal(trial.total_ms, Math.max(...all('total_ms')))
            assert.equal(trial.host_sndbuf_errors, Math.max(...of.map(each => each.host_sndbuf_errors ?? 0)))
            const worst = Math.max(...of.map(each => OUTCOMES.indexOf(each.outcome)))
            assert.equal(trial.outcome, OUTCOMES[worst])
            assert.equal(trial.error_code, of.find(each => each.outcome === trial.outcome)?.error_code)
            assert.equal(trial.process, 1)
            const offered = sum(of.map(each => each.datagrams_accepted ?? 0))
            if (rowsPerTrial(cell) !== undefined)
              assert.equal(
                trial.loss_ratio,
                offered > 0 ? (trial.datagrams_lost ?? Number.NaN) / offered : undefined,
              )
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('read from a file in any order, are the same in columns as in records', async () => {
    const wanted = { numbers: NUMBERS, texts: ['error_code' as const, 'loss_cause' as const] }
    await fc.assert(
      fc.asyncProperty(trials, async ({ rows, shuffled }) => {
        const options = { ...wanted, input: pieces(Buffer.from(encode('csv', shuffled)), [1000]) }
        const { sets, problems } = await readTrials(['-'], { ...options, together: 'all' })
        assert.deepEqual(problems, [])
        const expected = summarize(rows)
        for (const set of [sets[0], trialSet('all', shuffled, wanted)]) {
          assert.equal(
            set?.runs[0]?.trials,
            expected.reduce((sum, each) => sum + each.records.length, 0),
          )
          assert.deepEqual(
            set?.cells.map(each => each.cell),
            expected.map(each => each.cell),
          )
          for (const [index, cell] of (set?.cells ?? []).entries()) {
            const records = expected[index]?.records ?? []
            const column = (name: ColumnName) =>
              records.map(each => (each[name] === undefined ? Number.NaN : Number(each[name])))
            // Files have ratios to nine decimals.
            for (const name of NUMBERS)
              for (const [at, value] of column(name).entries())
                assert.ok(
                  Object.is(cell.numbers(name)[at], value) ||
                    Math.abs((cell.numbers(name)[at] ?? 9) - value) < 1e-9,
                  name,
                )
            assert.deepEqual(
              [...cell.outcomes].map(each => OUTCOMES[each]),
              records.map(each => each.outcome),
            )
            assert.deepEqual(
              cell.texts('error_code'),
              records.map(each => each.error_code),
            )
            assert.deepEqual(
              [...processesOf(cell)],
              records.map((_, at) => (cell.runs[at] ?? 0) * 2 ** 32 + 1),
            )
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('of which one is missing are no trial, and a line says how many rows that leaves out', async () => {
    await fc.assert(
      fc.asyncProperty(trials, fc.nat(), async ({ rows }, pick) => {
        const several = rows.filter(each => rowsPerTrial(each) !== undefined)
        fc.pre(several.length > 0)
        const gone = several[pick % several.length]
        const left = rows.filter(each => each !== gone)
        const others = left.filter(each => each.trial === gone?.trial && each.direction === gone.direction)
        const input = () => pieces(Buffer.from(encode('csv', left)), [1000])
        const said = [
          `standard input: ${others.length} of ${left.length} rows left out: rows of other flows of their trials are missing (was the run killed, or does --filter choose only some?)`,
        ]
        const { sets, problems } = await readTrials(['-'], { ...{ numbers: NUMBERS, input: input() } })
        assert.deepEqual(
          problems.map(({ message }) => message),
          said,
        )
        const kept = summarize(rows).flatMap(each => each.records).length - 1
        assert.equal(
          sets.flatMap(({ cells }) => cells).reduce((sum, cell) => sum + cell.count, 0),
          kept,
        )
        const read = await readRecords(['-'], { input: input() })
        assert.deepEqual(
          read.problems.map(({ message }) => message),
          said,
        )
        assert.equal(read.records.length, left.length - others.length)
        assert.equal(summarize(left).flatMap(each => each.records).length, kept)
      }),
      { numRuns: 30 },
    )
  })
})

describe('Jain’s index', () => {
  it('is 1 for equal shares, k / n where k of n have all, and undefined for nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 1e12 }),
        (k, none, x) => {
          const some = Array.from({ length: k }, () => x)
          const index = fairnessOf([...some, ...Array.from({ length: none }, () => 0)]) ?? 0
          assert.ok(Math.abs(index - k / (k + none)) < 1e-9)
          assert.ok(Math.abs((fairnessOf(some) ?? 0) - 1) < 1e-9)
        },
      ),
    )
    assert.equal(fairnessOf([]), undefined)
    assert.equal(fairnessOf([0, 0]), undefined)
    assert.equal(fairnessOf([1, 1, 1, 0]), 0.75)
  })

  it('lies from 1 / n to 1, and neither order nor unit matters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 1e6 }),
        (values, factor) => {
          fc.pre(values.some(each => each > 0))
          const index = fairnessOf(values) ?? 0
          assert.ok(index >= 1 / values.length - 1e-9 && index <= 1)
          assert.ok(
            Math.abs((fairnessOf(values.toReversed().map(each => each * factor)) ?? 0) - index) < 1e-9,
          )
        },
      ),
    )
  })
})
