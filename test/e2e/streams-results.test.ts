/** What becomes of streams that lose: their intervals add up, a trial of several is one sample, and whoever reads the files says so. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { OUTCOMES } from '../../results/schema/outcome.ts'
import { fairnessOf } from '../../results/statistics/fairness.ts'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { assertAddUp, intervalsOf } from './intervals.ts'
import { readCsv } from './rows.ts'

const ROUNDS = 3
/** Unpaced, into a small buffer. */
const WORDS = [
  ...['run', '--duration', '300ms', '--report-every', '50ms', '--streams', '1,3', '--rcvbuf', '64k'],
  ...['--repeat', `${ROUNDS}`, '--processes', '1', '--warmup', '0', '--out', 's.csv'],
]

describe('streams that lose', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`${engine}: intervals add up, and three streams are one sample everywhere`, async context => {
      const cwd = folder(context)
      const { code, stdout, stderr } = await bench([...WORDS, '--engine', engine], { cwd })
      assert.equal(code, 0, stderr)
      const rows = readCsv(join(cwd, 's.csv'))
      assert.equal(rows.length, 2 * (1 + 3) * ROUNDS)
      assert.ok(rows.some(row => (row.datagrams_lost ?? 0) > 0))
      const intervals = intervalsOf(join(cwd, 's.intervals.csv'))
      for (const row of rows) assertAddUp(row, intervals)
      assert.match(stdout, /^streams of 300 ms in chunks of 1,024 B, 3 rounds, unpaced, (?:rcvbuf|engine) /m)
      assert.match(stdout, /^Goodput over time$/m)
      assert.match(stderr, /^intervals in s\.intervals\.csv$/m)
      for (const transport of ['tcp', 'udp-marker']) {
        const trials = trialsOf(rows, transport)
        for (const flows of trials) assertFair(flows)
        // Outcomes may take several lines.
        const [line = ''] = new RegExp(`^${transport} +3 .*\\n(?: .*\\n)*`, 'm').exec(stdout) ?? []
        const worst = trials.map(flows => Math.max(...flows.map(row => OUTCOMES.indexOf(row.outcome))))
        for (const [at, outcome] of OUTCOMES.entries()) {
          const count = worst.filter(each => each === at).length
          assert.equal(line.includes(` ${count} ${outcome}`), count > 0, `${line}: ${outcome}`)
        }
      }

      // The intervals match the pattern, and have no results.
      const compared = await bench(['compare', 's*.csv', '--by', 'streams', '--format', 'json'], { cwd })
      assert.deepEqual([compared.code, compared.stderr], [0, ''])
      const { sets } = JSON.parse(compared.stdout) as { sets: { label: string; trials: number }[] }
      assert.deepEqual(
        sets.map(({ label, trials }) => [label, trials]),
        [
          ['1', 2 * ROUNDS],
          ['3', 2 * ROUNDS],
        ],
      )
      const named = await bench(['compare', 's.intervals.csv'], { cwd })
      assert.equal(named.code, 2)
      assert.match(named.stderr, /it has the intervals of streams; name the file of their results\n$/)

      const report = ['report', 's*.csv', '-o', 's.md', '--force']
      const reported = await bench([...report, '-o', 'time.svg', '--chart', 'time'], { cwd })
      assert.equal(reported.code, 0, reported.stderr)
      const text = readFileSync(join(cwd, 's.md'), 'utf8')
      assert.match(text, /^## Streams$/m)
      assert.match(text, /^\| trials, in runs \| 12 in 1 \|$/m)
      // Only the native engine reads TCP_INFO.
      assert.equal(
        /^\*\*Streams over TCP: efficiency, buffer delay and transfer time \(RFC 6349\)\*\*$/m.test(text),
        engine === 'native',
      )

      await assertDamaged(cwd, rows, report)
    })
})

/** Rows of which one is missing are no trial, and intervals that cannot be read stop nothing: each is a line. */
async function assertDamaged(
  cwd: string,
  rows: readonly TrialRecord[],
  report: readonly string[],
): Promise<void> {
  const lines = readFileSync(join(cwd, 's.csv'), 'utf8').trimEnd().split('\r\n')
  const gone = 1 + rows.findLastIndex(row => row.streams === 3)
  writeFileSync(join(cwd, 's.csv'), `${lines.toSpliced(gone, 1).join('\r\n')}\r\n`)
  writeFileSync(join(cwd, 's.intervals.csv'), 'run_id\r\n')
  const { code, stderr } = await bench(report, { cwd })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /^s\.csv: 2 of 23 rows left out: rows of other flows of their trials are missing/m)
  assert.match(stderr, /^s\.intervals\.csv: it is not a table of intervals/m)
  assert.match(readFileSync(join(cwd, 's.md'), 'utf8'), /^\| trials, in runs \| 11 in 1 \|$/m)
}

/** The flows of each trial of three. */
function trialsOf(rows: readonly TrialRecord[], transport: string): readonly (readonly TrialRecord[])[] {
  const own = rows.filter(row => row.transport === transport && row.streams === 3)
  return [...new Set(own.map(row => row.trial))].map(trial => own.filter(row => row.trial === trial))
}

function assertFair(flows: readonly TrialRecord[]): void {
  const index = fairnessOf(flows.map(row => row.goodput_bps ?? Number.NaN)) ?? Number.NaN
  for (const { fairness = 0 } of flows) assert.ok(Math.abs(fairness - index) < 1e-6, `${fairness} ${index}`)
}
