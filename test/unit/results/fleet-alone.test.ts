/** Whether pairs that are measured at the same time take something from each other. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../../base/random.ts'
import { hostMatrixBlocks } from '../../../results/document/host-matrix.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { findingsSchema } from '../../../results/schema/findings.ts'
import { findingsOf } from '../../../results/statistics/findings.ts'
import { disturbancesOf, hostMatrices } from '../../../results/statistics/fleet.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { HOSTS, LABELS, rowsOf, siteOf } from '../../support/fleet-samples.ts'
import { record } from '../../support/results-samples.ts'

describe('pairs alone and beside others', () => {
  const measured = (pairs: number, beside: (pair: number, random: () => number) => number, seed = 1) => {
    const random = seededRandom(seed)
    const rows = HOSTS.flatMap((from, index) => {
      const pair = { direction: 'third-party', pair_from: from, pair_to: HOSTS[(index + 1) % 8] } as const
      const goodput = 1e9 * (0.99 + 0.02 * random())
      return [
        record({ ...pair, goodput_bps: goodput * beside(index, random) }),
        ...(index < pairs ? [record({ ...pair, fleet_alone: true, goodput_bps: goodput })] : []),
      ]
    })
    const summaries = summarize(rows)
    const [matrix, ...others] = hostMatrices(summaries)
    assert(matrix)
    assert.equal(others.length, 0)
    return { matrix, text: renderBlocks(hostMatrixBlocks(summaries, []), { width: 240, color: false }) }
  }

  it('says that rounds disturb each other, how much, and which pairs most; the matrix is of those beside others', () => {
    const { matrix, text } = measured(8, (pair, random) => (pair < 5 ? 0.4 : 0.98 + 0.04 * random()))
    const [found] = disturbancesOf([matrix])
    assert(found?.interval)
    assert.equal(found.verdict, 'disturbed')
    assert.ok(
      found.interval.low < found.ratio && found.ratio < found.interval.high && found.interval.high < 1,
    )
    assert.deepEqual(
      found.pairs
        .slice(0, 5)
        .map(({ from }) => from)
        .sort(),
      ['a', 'b', 'c', 'd', 'e'],
    )
    assert.match(
      text,
      /8 pairs alone and beside others: goodput beside others 5\d\.?\d* % of that alone \(95 %: /,
    )
    assert.match(text, /: the rounds disturb each other\. Most affected: \w to \w 40/)
    const own = matrix.cases.flat().flatMap(each => each?.records ?? [])
    assert.equal(own.length, 8)
    assert.ok(own.every(each => each.fleet_alone === undefined))
  })

  it('is in a JSON document, too, with what is odd', () => {
    const rows = [
      ...rowsOf((from, to) => (siteOf(from) < siteOf(to) ? 0.3 : from === 'h' ? 0.1 : 1)),
      ...['a', 'b', 'd', 'e'].map(pair_from =>
        record({ direction: 'third-party', pair_from, pair_to: 'c', fleet_alone: true, goodput_bps: 2e9 }),
      ),
    ]
    const fleet = { hosts: LABELS }
    const found = findingsSchema.parse(findingsOf(rows, summarize(rows), { fleet } as never)).fleet ?? []
    assert.deepEqual(
      found.map(({ figure, odd }) => [figure, odd.map(({ what, label, names }) => [what, label, ...names])]),
      [
        [
          'goodput_bps',
          [
            ['way', 'site', 'x', 'y'],
            ['sender', undefined, 'h'],
          ],
        ],
      ],
    )
    assert.equal(found[0]?.cell['pair_from'], undefined)
    const { disturbance } = found[0] ?? {}
    assert.deepEqual([disturbance?.verdict, disturbance?.pairs.length], ['disturbed', 4])
  })

  it('claims nothing where they do not, and nothing of fewer than four pairs', () => {
    let claimed = 0
    for (let seed = 1; seed <= 40; seed++) {
      const { matrix } = measured(8, (_, random) => 0.95 + 0.1 * random(), seed)
      if (disturbancesOf([matrix])[0]?.verdict === 'disturbed') claimed++
    }
    assert.equal(claimed, 0)
    assert.match(
      measured(3, () => 0.5).text,
      /3 pairs alone .* 50\.0 % of that alone: too few pairs to tell whether the rounds disturb each other \(4 are the least, --serial\)\./,
    )
    assert.match(
      measured(4, () => 0.5).text,
      /4 pairs alone .* 50\.0 % of that alone \(95 %: .*: the rounds disturb/,
    )
    assert.deepEqual(disturbancesOf([measured(0, () => 0.5).matrix]), [undefined])
  })

  it('says of a case only what is proven of it, beside the others that are tested, and beyond 5 % by all of its interval', () => {
    const verdictOf = (beside: (pair: number) => number, others = 0) => {
      const calm = measured(8, pair => (pair % 2 === 0 ? 0.99 : 1.01)).matrix
      const all = [measured(8, beside).matrix, ...Array.from({ length: others }, () => calm)]
      return disturbancesOf(all)[0]?.verdict
    }
    // 6 % less in the middle, by 2 to 10 %: more than 5 % is not proven.
    assert.equal(
      verdictOf(pair => (pair % 2 === 0 ? 0.9 : 0.98)),
      'little',
    )
    assert.equal(
      verdictOf(pair => (pair % 2 === 0 ? 0.79 : 0.81)),
      'disturbed',
    )
    const doubtful = (pair: number) => (pair % 2 === 0 ? 0.8 : 1.05)
    const alone = verdictOf(pair => doubtful(pair) - 0.04)
    assert.deepEqual([alone, verdictOf(pair => doubtful(pair) - 0.04, 9)], ['little', 'unproven'])
  })

  it('takes a pair of which nothing arrives beside others as a thousandth', () => {
    const [found] = disturbancesOf([measured(6, pair => (pair === 0 ? 0 : 0.5)).matrix])
    assert.equal(found?.pairs[0]?.ratio.toFixed(3), '0.001')
  })

  it('compares a pair within its run, where a file has several', () => {
    const rows = [1e9, 5e8].flatMap((goodput_bps, run) =>
      HOSTS.slice(1).flatMap(pair_to =>
        [undefined, true].map(fleet_alone =>
          record({
            ...{ run_id: `run-${run}`, direction: 'third-party', pair_from: 'a', pair_to, goodput_bps },
            ...(fleet_alone ? { fleet_alone } : {}),
          }),
        ),
      ),
    )
    const [found] = disturbancesOf(hostMatrices(summarize(rows)))
    assert.deepEqual([found?.ratio, found?.pairs.length], [1, 7])
  })
})
