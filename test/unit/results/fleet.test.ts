/** Which hosts and ways of a fleet are far from the others, and which are not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../../base/random.ts'
import { hostMatrixBlocks } from '../../../results/document/host-matrix.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { hostMatrices, oddOnes } from '../../../results/statistics/fleet.ts'
import { medianPolish } from '../../../results/statistics/median-polish.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { record } from '../../support/results-samples.ts'

const HOSTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** A trial of each pair. @param shareOf of the usual goodput */
function rowsOf(shareOf: (from: string, to: string) => number, seed = 1) {
  const random = seededRandom(seed)
  return HOSTS.flatMap(from =>
    HOSTS.filter(to => to !== from).map(to =>
      record({
        ...{ direction: 'third-party', pair_from: from, pair_to: to },
        goodput_bps: 1e9 * shareOf(from, to) * (0.95 + 0.1 * random()),
      }),
    ),
  )
}

const oddOf = (rows: ReturnType<typeof rowsOf>) => hostMatrices(summarize(rows)).flatMap(oddOnes)

describe('median polish', () => {
  it('is that of R, medpolish(deaths)', () => {
    const deaths = [
      [14, 15, 14],
      [7, 4, 7],
      [8, 2, 10],
      [15, 9, 10],
      [0, 2, 0],
    ]
    const { overall, rows, columns, residuals } = medianPolish(deaths)
    assert.deepEqual([overall, rows, columns], [8, [6, -1, 0, 2, -8], [0, -1, 0]])
    assert.deepEqual(residuals, [
      [0, 2, 0],
      [0, -2, 0],
      [0, -5, 2],
      [5, 0, 0],
      [0, 3, 0],
    ])
  })

  it('leaves out what is not known', () => {
    const { overall, rows, columns } = medianPolish([
      [Number.NaN, 2, 3],
      [2, Number.NaN, 4],
      [3, 4, Number.NaN],
    ])
    assert.ok([overall, ...rows, ...columns].every(Number.isFinite))
  })
})

describe('a fleet', () => {
  it('without anything odd names nobody', () => {
    for (let seed = 1; seed <= 20; seed++) assert.deepEqual(oddOf(rowsOf(() => 1, seed)), [], String(seed))
  })

  it('names a host that sends slowly, one that receives slowly, and a slow way, with their shares', () => {
    const rows = rowsOf(
      (from, to) =>
        (from === 'c' ? 0.3 : 1) * (to === 'f' ? 0.5 : 1) * (from === 'a' && to === 'd' ? 0.1 : 1),
    )
    const odd = oddOf(rows)
    assert.deepEqual(
      odd.map(({ what, hosts, ratio }) => [what, hosts.join(), Number(ratio.toFixed(1))]),
      [
        ['sender', 'c', 0.3],
        ['receiver', 'f', 0.5],
        ['way', 'a,d', 0.1],
      ],
    )
    assert.deepEqual([odd[0]?.worse, odd[0]?.pairs], [7, 7])
    const text = renderBlocks(hostMatrixBlocks(summarize(rows)), { width: 120, color: false })
    assert.match(text, /^from \\ to +a +b +c +d/m)
    assert.match(
      text,
      /c sends at 3\d\.?\d* % of what the others do: 7 of its 7 pairs are below the middle of all\./,
    )
    assert.match(text, /From a to d: at 1?\d\.?\d* % of what both hosts have with others\./)
  })

  it('names a way by which nothing arrives', () => {
    const [odd] = oddOf(rowsOf((from, to) => (from === 'a' && to === 'd' ? 0 : 1)))
    assert.deepEqual([odd?.what, odd?.hosts], ['way', ['a', 'd']])
  })
})
