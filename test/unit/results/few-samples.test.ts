/** Few trials have no 95 % interval of their median: tables, thresholds and comparisons show their range as one, or nothing. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { legendOf } from '../../../results/compare/legend.ts'
import { renderTable } from '../../../results/document/table.ts'
import { checkThreshold } from '../../../results/gate/check-thresholds.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { compared } from '../../support/compare-samples.ts'
import { gateSet } from '../../support/gate-samples.ts'
import { datagrams, rounds, stream } from '../../support/results-samples.ts'

const goodputs = [2e9, 1e9, 3e9, 1.5e9, 2.5e9, 1.8e9, 2.2e9]
const tcp = (count: number) => rounds(count, round => stream(goodputs[(round - 1) % goodputs.length] ?? 0))
const table = (count: number, width = 120) => renderTable(summarize(tcp(count)), { width, color: false })

describe('a table of results', () => {
  test('calls the ends of two to five rounds their range, those of more their interval, and has none for one', () => {
    for (const count of [2, 3, 4, 5]) {
      assert.match(table(count), /goodput in Gbit\/s.*\n +\(range\) +\(max\)\n.*\n.* \(1\.00 – \d\.\d\d\)/)
      assert.doesNotMatch(table(count), /95 %/)
      assert.match(table(count, 20), /\(range: 1\.00\s+–\s+\d\.\d\d\)/)
    }
    assert.match(table(6), /goodput in Gbit\/s.*\n +\(95 % interval\)/)
    assert.doesNotMatch(table(6), /range/)
    assert.match(table(1), /goodput in Gbit\/s {2,}total/)
  })

  test('says of each case what it has, where cases differ', () => {
    const mixed = [...rounds(20, (_, noise) => datagrams(1e9 * noise)), ...tcp(3)]
    const text = renderTable(summarize(mixed), { width: 120, color: false })
    assert.match(text, /goodput in Gbit\/s.*\n +\(95 % interval\)/)
    assert.match(text, /tcp +2\.00 \(range +1\.00 – 3\.00\)/)
    assert.match(text, /udp-header +1\.00 \(0\.985 – 1\.01\)/)
  })

  test('names processes that differ', () => {
    const two = rounds(20, (round, noise) => {
      const process = 1 + (round % 2)
      return stream(1e9 * process * (1 + (noise - 1) / 10), { process })
    })
    assert.match(
      renderTable(summarize(two), { width: 120, color: false }),
      /goodput in Gbit\/s.*\n +\(range of processes\)/,
    )
  })
})

test('a threshold within the range of few trials is in doubt, and says which', () => {
  const judged = (limit: string) => checkThreshold(parseThreshold(`goodput > ${limit}`), gateSet(tcp(3)))[0]
  assert.equal(
    judged('1.5Gbps')?.sentence,
    'median goodput is 2.00 Gbit/s (range: 1.00 to 3.00) over 3 trials: it holds, but the range includes the limit',
  )
  assert.deepEqual([judged('1.5Gbps')?.status, judged('0.9Gbps')?.status], ['inconclusive', 'passed'])
  assert.equal(judged('0.9Gbps')?.figures.valueInterval, undefined)
})

test('a comparison of few trials says what an interval takes, and that of more does not', () => {
  const legend = (count: number) => legendOf(compared({ a: tcp(count), b: tcp(count) }))[0]
  assert.equal(
    legend(3),
    'Median of 3 trials; a 95 % interval takes 6 trials or, where processes differ, as many of these.',
  )
  assert.equal(legend(6), 'Median ± the farther end of its 95 % interval, of 6 trials.')
})
