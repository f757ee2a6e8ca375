import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { seededRandom, shuffled } from '../../base/random.ts'
import type { Change, Comparison } from '../../results/compare/comparison.ts'
import { CSV_COLUMNS, comparisonCsv } from '../../results/compare/csv.ts'
import { comparisonMarkdown, renderComparison } from '../../results/compare/document.ts'
import { comparisonJson, comparisonSchema } from '../../results/compare/json.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { compared, faster } from '../support/compare-samples.ts'
import { datagrams, record, refused, stream } from '../support/results-samples.ts'

/** Trials of a few cells of one run, in which rounds and cells may be missing, refused, lossy, failed. */
const trials = (run: string) =>
  fc
    .array(
      fc.record({
        round: fc.integer({ min: 1, max: 12 }),
        transport: fc.constantFrom('tcp', 'udp-header'),
        chunk: fc.constantFrom(1024, 9216),
        bps: fc.integer({ min: 1, max: 1000 }),
        kind: fc.constantFrom('whole', 'whole', 'whole', 'lossy', 'refused', 'failed'),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map(made => {
      const unique = new Map(made.map(each => [`${each.round} ${each.transport} ${each.chunk}`, each]))
      return [...unique.values()].map((each, index): TrialRecord => {
        const values = { run_id: run, round: each.round, trial: index + 1, chunk_bytes: each.chunk }
        const { transport, bps, kind } = each
        if (kind === 'failed') return record({ ...values, transport, outcome: 'failed' })
        if (transport === 'tcp') return stream(bps * 1e6, values)
        return kind === 'refused'
          ? refused({ ...values, transport })
          : datagrams(bps * 1e6, kind === 'lossy' ? 3 : 0, { ...values, transport })
      })
    })

const two = fc.boolean().chain(paired => fc.tuple(trials('run'), trials(paired ? 'run' : 'other')))
const quick = { numRuns: 20 }

describe('comparisons', () => {
  it('do not depend on the order of rows', () => {
    fc.assert(
      fc.property(two, fc.integer(), ([a, b], seed) => {
        const random = seededRandom(seed)
        const [left, right] = [shuffled(a, random), shuffled(b, random)]
        const options = { by: 'engine' as const }
        assert.deepEqual(plain(compared({ a: left, b: right }, options)), plain(compared({ a, b }, options)))
      }),
      quick,
    )
  })

  it('seen from the other side are the same, turned round', () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        const [forth, back] = [
          compared({ a, b }, { by: 'engine' }),
          compared({ a, b }, { by: 'engine', base: 1 }),
        ]
        for (const [index, row] of forth.rows.entries()) {
          const [change, turned] = [row.changes[1], back.rows[index]?.changes[0]]
          assert.equal(change === undefined, turned === undefined)
          if (change && turned) assertTurned(change, turned)
          const [loss, lossTurned] = [row.losses[1]?.change, back.rows[index]?.losses[0]?.change]
          assert.equal(loss?.difference, lossTurned && 0 - lossTurned.difference)
          close(loss?.p, lossTurned?.p)
        }
        close(forth.geomeans[1]?.ratio, back.geomeans[0] && 1 / back.geomeans[0].ratio)
      }),
      quick,
    )
  })

  it('in another unit change in nothing but the medians', () => {
    fc.assert(
      fc.property(two, fc.constantFrom(2, 1024, 0.5), ([a, b], factor) => {
        const scaled = (records: readonly TrialRecord[]) =>
          records.map(each => ({ ...each, ...faster(each, factor) }))
        const [before, after] = [compared({ a, b }), compared({ a: scaled(a), b: scaled(b) })]
        for (const [index, row] of before.rows.entries()) {
          const other = after.rows[index]
          for (const set of [0, 1]) {
            close(other?.estimates[set]?.median, times(row.estimates[set]?.median, factor))
            close(other?.estimates[set]?.interval?.low, times(row.estimates[set]?.interval?.low, factor))
          }
          const [change, scaledChange] = [row.changes[1], other?.changes[1]]
          close(change?.ratio, scaledChange?.ratio)
          close(change?.p, scaledChange?.p)
          assert.equal(change?.basis, scaledChange?.basis)
        }
      }),
      quick,
    )
  })

  it('of a set with itself find nothing', () => {
    fc.assert(
      fc.property(trials('run'), a => {
        for (const row of compared({ a, again: a }).rows) {
          const [change, loss] = [row.changes[1], row.losses[1]?.change]
          assert.ok(!change || (change.ratio === 1 && change.p === 1 && change.basis === 'pairs'))
          assert.ok(change?.verdict !== 'worse' && change?.verdict !== 'better')
          assert.ok(!loss || loss.difference === 0)
        }
      }),
      quick,
    )
  })

  it('fit any width, and hold no control character, whatever a file says of itself', () => {
    const harmful = fc.string({ unit: 'binary', maxLength: 60 })
    fc.assert(
      fc.property(two, harmful, harmful, fc.integer({ min: 20, max: 140 }), ([a, b], name, value, width) => {
        const spoilt = b.map(each => ({ ...each, host: value, os: name, file: value, transport: name }))
        const comparison = compared({ [name]: a, b: [...b, ...spoilt] })
        const text = renderComparison(comparison, { width, color: false, charts: true })
        const inColor = renderComparison(comparison, { width, color: true, charts: true })
        for (const line of [...text.split('\n'), ...inColor.split('\n')])
          assert.ok(stringWidth(line) <= width, JSON.stringify(line))
        for (const each of [text, comparisonMarkdown(comparison), comparisonJson(comparison)])
          assert.doesNotMatch(each, CONTROLS)
        assert.doesNotMatch(comparisonCsv(comparison).replaceAll('\r\n', ''), CONTROLS)
      }),
      { numRuns: 10 },
    )
  })

  it('as CSV hold a row a cell and set, and as JSON what their schema says', () => {
    fc.assert(
      fc.property(two, ([a, b]) => {
        const comparison = compared({ a, b })
        const rows: string[][] = parse(comparisonCsv(comparison), { record_delimiter: '\r\n' })
        assert.deepEqual(rows[0], CSV_COLUMNS)
        assert.equal(rows.length, 1 + 2 * comparison.rows.length)
        const document = comparisonSchema.parse(JSON.parse(comparisonJson(comparison)))
        assert.equal(document.rows.length, comparison.rows.length)
      }),
      quick,
    )
  })
})

/** But for line feeds. */
const CONTROLS = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u

/** What can be compared: the metric holds functions. */
/** Without functions: those of the metric, and of the trials of each row. */
function plain({ metric, rows, ...comparison }: Comparison): unknown {
  return { ...comparison, rows: rows.map(({ parts: _parts, ...row }) => row), metric: metric.name }
}

function assertTurned(change: Change, turned: Change): void {
  assert.equal(change.basis, turned.basis)
  assert.equal(change.n, turned.n)
  close(change.p, turned.p)
  close(change.pHolm, turned.pHolm)
  close(change.ratio, 1 / turned.ratio)
  close(change.interval?.low, turned.interval && 1 / turned.interval.high)
  close(change.interval?.high, turned.interval && 1 / turned.interval.low)
  const opposite = { better: 'worse', worse: 'better', same: 'same' } as const
  if (change.verdict === 'better' || change.verdict === 'worse' || change.verdict === 'same')
    assert.equal(turned.verdict, opposite[change.verdict])
}

function close(a: number | undefined, b: number | undefined): void {
  if (a === b) return
  assert.ok(
    a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)),
    `${a} is not ${b}`,
  )
}

function times(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor
}
