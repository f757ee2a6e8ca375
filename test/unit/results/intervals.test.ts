import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { readIntervals } from '../../../results/read/intervals.ts'
import { type IntervalRecord, intervalsPath } from '../../../results/schema/intervals.ts'
import { resultFiles } from '../../../results/schema/manifest.ts'
import { OverTime } from '../../../results/statistics/over-time.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { IntervalsFile } from '../../../results/store/intervals.ts'
import { intervalsOf, record, streamRuns } from '../../support/results-samples.ts'

const ROWS = intervalsOf(streamRuns())

describe('the table of intervals', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-intervals-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function write(name: string, rows: readonly IntervalRecord[]): string {
    const results = join(folder, name)
    using file = new IntervalsFile(results, { overwrite: true })
    for (const row of rows) file.write(row)
    return results
  }

  async function read(results: string, chunkBytes = 1000) {
    const rows: IntervalRecord[] = []
    const problem = await readIntervals(results, row => rows.push(row), { chunkBytes })
    return { rows, problem }
  }

  it('is read as it was written, in whatever pieces it comes', async () => {
    const results = write('whole.csv', ROWS)
    const { rows } = await read(results)
    assert.equal(rows.length, ROWS.length)
    for (const [at, row] of rows.entries())
      for (const [name, value] of Object.entries(ROWS[at] ?? {})) {
        const found = row[name as keyof IntervalRecord]
        if (typeof value !== 'number') assert.equal(found, value)
        else assert.ok(Math.abs(Number(found) - value) < 0.001, name)
      }
    for (const size of [1, 7, 1e6]) assert.deepEqual(await read(results, size), { rows, problem: undefined })
  })

  it('that is damaged, foreign, empty or missing is told in one line, and gives what can be used', async () => {
    const text = readFileSync(intervalsPath(write('good.csv', ROWS)), 'utf8')
    const lines = text.split('\r\n')
    const results = join(folder, 'bad.csv')
    for (const [damaged, left, told] of [
      [text.slice(0, -30), 1, /: 1 of 240 intervals left out; the first, line 241: it is cut off$/],
      [
        lines.with(5, 'a,b').join('\r\n'),
        1,
        /1 of 240 intervals left out; the first, line 6: 2 fields under 23 columns$/,
      ],
      [text.replace(',500,1000,', ',half,1000,'), 1, /line 3: column from_ms: not a number: "half"$/],
      [text.replace(',500,1000,', ',,1000,'), 1, /line 3: column from_ms: it is empty$/],
      [text.replace(',500,1000,', ',1500,1000,'), 1, /line 3: it begins at 1500 ms and ends at 1000 ms$/],
      [
        `${text}${lines[7]}\r\n`,
        0,
        /1 of 241 intervals left out; the first, line 242: interval 2 of its flow was read before$/,
      ],
      [text.replace('from_ms', 'begin'), ROWS.length, /: it is not a table of intervals; without one/],
      ['', ROWS.length, /: it is empty$/],
      ['\0'.repeat(2 ** 18), ROWS.length, /: it is not a table of intervals/],
    ] as const) {
      writeFileSync(intervalsPath(results), damaged)
      const { rows, problem } = await read(results)
      assert.match(problem ?? '', told)
      assert.doesNotMatch(problem ?? '', /\n/)
      assert.equal(rows.length, ROWS.length - left)
    }
    const { problem } = await read(join(folder, 'none.csv'))
    assert.match(
      problem ?? '',
      /^cannot read .*none\.intervals\.csv: it does not exist; .*no goodput over time$/,
    )
    assert.deepEqual(await read('-'), { rows: [], problem: undefined })
  })

  it('of another run is left out, and a line says so', async () => {
    const results = write('mixed.csv', [...ROWS, { ...ROWS[0], run_id: '20260302T120000Z-beef' }])
    const rows: IntervalRecord[] = []
    const runs = new Set(ROWS.map(each => each.run_id ?? ''))
    const problem = await readIntervals(results, row => rows.push(row), { runs })
    assert.equal(rows.length, ROWS.length)
    assert.match(
      problem ?? '',
      /: 1 of 241 intervals left out; the first, line 242: no trial that was read is of its run, 20260302T120000Z-beef$/,
    )
  })

  it('may be one that a spreadsheet has saved, with its mark at the beginning', async () => {
    const results = write('marked.csv', ROWS)
    const expected = await read(results)
    writeFileSync(intervalsPath(results), `\ufeff${readFileSync(intervalsPath(results), 'utf8')}`)
    assert.deepEqual(await read(results), expected)
  })

  it('is no file of results: a pattern that matches it passes it over', () => {
    assert.deepEqual(resultFiles(['a.csv', 'a.intervals.csv', 'a.run.json']), ['a.csv'])
    assert.deepEqual(resultFiles(['a.intervals.csv']), ['a.intervals.csv'])
  })
})

describe('goodput over time', () => {
  const pointsOf = (rows: readonly IntervalRecord[]) => {
    const overTime = new OverTime()
    for (const row of rows) overTime.add(row)
    return summarize(streamRuns()).map(({ records }) => overTime.of(records))
  }

  it('is the sum over the streams, and the median over the trials; what was left in the buffers is not drawn', () => {
    const all = pointsOf(ROWS)
    assert.deepEqual(
      all.map(points => points.map(({ fromMs, toMs, trials }) => [fromMs, toMs, trials])),
      all.map(() => [0, 500, 1000, 1500].map(from => [from, from + 500, 6])),
    )
    // Of 900 Mbit/s in all, times 1.01 to 1.06, a growing part.
    for (const points of [all[0] ?? [], all[2] ?? []])
      for (const [at, { goodputBps }] of points.entries())
        assert.ok(Math.abs(goodputBps / (900e6 * 1.035 * ((4 + at) / 6)) - 1) < 1e-6)
    // Three streams, which retransmit more from interval to interval; missing datagrams in the third interval.
    assert.deepEqual(
      all[2]?.map(({ retransmits, rttMs }) => [retransmits, rttMs]),
      [
        [0, 1],
        [3, 2],
        [6, 3],
        [9, 4],
      ],
    )
    assert.deepEqual(
      all[3]?.map(({ lost, retransmits }) => [lost, retransmits]),
      [0, 0, 300, 0].map(lost => [lost, undefined]),
    )
  })

  it('does not depend on the order of rows', () => {
    const expected = JSON.stringify(pointsOf(ROWS), short)
    fc.assert(
      fc.property(fc.shuffledSubarray([...ROWS], { minLength: ROWS.length }), rows => {
        assert.equal(JSON.stringify(pointsOf(rows), short), expected)
      }),
      { numRuns: 20 },
    )
  })

  it('of hours is held in a few points, and nothing of it is missing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), count => {
        const overTime = new OverTime()
        const row = record()
        let bytes = 0
        for (let at = 0; at < count; at++) {
          const bytes_delivered = (at * 7919) % 1000
          bytes += bytes_delivered
          const times = { from_ms: 100 * at, to_ms: 100 * at + 100 }
          overTime.add({
            ...{ run_id: row.run_id, trial: row.trial, direction: row.direction },
            interval: at + 1,
            ...times,
            bytes_delivered,
          })
        }
        const points = overTime.of([row])
        assert.ok(points.length <= 60 && points.length >= Math.min(count, 30) - 1)
        const drawn = points.reduce(
          (sum, { goodputBps, fromMs, toMs }) => sum + (goodputBps * (toMs - fromMs)) / 8000,
          0,
        )
        // The last point may be much shorter than the others, and is then left out.
        const missing = bytes - drawn
        assert.ok(missing >= -1e-3 && missing <= 1000 * Math.ceil(count / 30), `${missing}`)
        if (points.at(-1)?.toMs === 100 * count) assert.ok(missing < 1e-3)
      }),
      { numRuns: 30 },
    )
  })

  it('is unknown where no receiver reported', () => {
    assert.deepEqual(
      pointsOf(ROWS.map(each => ({ ...each, goodput_bps: undefined, bytes_delivered: undefined }))).flat(),
      [],
    )
  })
})

/** Sums differ in their last digits. */
function short(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(9)) : value
}
