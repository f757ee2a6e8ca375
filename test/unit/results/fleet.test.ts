/** Which hosts and ways of a fleet are far from the others, and which are not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../../base/random.ts'
import { hostMatrixBlocks } from '../../../results/document/host-matrix.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import type { HostMatrix } from '../../../results/statistics/fleet.ts'
import { oddOnes } from '../../../results/statistics/fleet-odd.ts'
import { medianPolish } from '../../../results/statistics/median-polish.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { brief, HOSTS, oddOf, rowsOf } from '../../support/fleet-samples.ts'
import { record } from '../../support/results-samples.ts'

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

  it('of many hosts names no way by chance', () => {
    const names = Array.from({ length: 60 }, (_, index) => `h${index}`)
    const found = [1, 2, 3, 4, 5].flatMap(seed => {
      const random = seededRandom(seed)
      // Normal, with a deviation of 6 %.
      const noise = () => 0.06 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      const rows = names.flatMap(pair_from =>
        names.flatMap(pair_to =>
          pair_from === pair_to
            ? []
            : record({ direction: 'third-party', pair_from, pair_to, goodput_bps: 1e9 * Math.exp(noise()) }),
        ),
      )
      return brief(oddOf(rows))
    })
    assert.deepEqual(found, [])
  })

  it('names a host that sends slowly, one that receives slowly, and a slow way, with their shares', () => {
    const rows = rowsOf(
      (from, to) =>
        (from === 'c' ? 0.3 : 1) * (to === 'f' ? 0.5 : 1) * (from === 'a' && to === 'd' ? 0.1 : 1),
    )
    const odd = oddOf(rows)
    assert.deepEqual(
      odd.map(({ what, names, ratio }) => [what, names.join(), Number(ratio.toFixed(1))]),
      [
        ['sender', 'c', 0.3],
        ['receiver', 'f', 0.5],
        ['way', 'a,d', 0.1],
      ],
    )
    assert.deepEqual([odd[0]?.worse, odd[0]?.pairs], [7, 7])
    const text = renderBlocks(hostMatrixBlocks(summarize(rows), []), { width: 120, color: false })
    assert.match(text, /^from \\ to +a +b +c +d/m)
    assert.match(
      text,
      /c sends at 3\d\.?\d* % of what the others do: 7 of 7 pairs are below the middle of the others\./,
    )
    assert.match(text, /From a to d: at 1?\d\.?\d* % of what both hosts have with others\./)
  })

  it('names the way, and not the host, where one pair is all that is known of it', () => {
    const all = rowsOf(from => (from === 'c' ? 0.1 : 1))
    const odd = oddOf(all.filter(({ pair_from, pair_to }) => pair_from !== 'c' || pair_to === 'd'))
    assert.deepEqual(
      odd.map(({ what, names, worse, pairs }) => [what, names.join(), worse, pairs]),
      [['way', 'c,d', 1, 1]],
    )
  })

  it('holds what is odd against the middle of the others, without it', () => {
    // Of 49 others the middle is 1; of all 56 it is less, and between both is one of the seven.
    let count = 0
    const shareOf = (from: string, to: string) => {
      if (from === 'c') return to === 'h' ? 0.999 : 0.3
      return 1 + (((19 * count++) % 49) - 24) / 1000
    }
    const rows = HOSTS.flatMap(from =>
      HOSTS.filter(to => to !== from).map(to => {
        const goodput_bps = 1e9 * shareOf(from, to)
        return record({ direction: 'third-party', pair_from: from, pair_to: to, goodput_bps })
      }),
    )
    const [odd] = oddOf(rows)
    assert.deepEqual([odd?.what, odd?.names, odd?.worse, odd?.pairs], ['sender', ['c'], 7, 7])
  })

  it('of more pairs than a function takes arguments is looked at, too', () => {
    const [usual, slow] = [1e9, 1e8].map(goodput_bps => summarize([record({ goodput_bps })])[0])
    const names = Array.from({ length: 360 }, (_, index) => `h${index}`)
    const matrix: HostMatrix = {
      ...{ cell: usual?.cell ?? assert.fail(), figure: 'goodput_bps' as const, labels: new Map(), alone: [] },
      ...{ senders: names, receivers: names },
      cases: names.map(from => names.map(() => (from === 'h7' ? slow : usual))),
    }
    assert.deepEqual(brief(oddOnes(matrix)), [['sender host h7', 0.1]])
  })

  it('names a way by which nothing arrives', () => {
    const [odd] = oddOf(rowsOf((from, to) => (from === 'a' && to === 'd' ? 0 : 1)))
    assert.deepEqual([odd?.what, odd?.names], ['way', ['a', 'd']])
  })

  it('has names from foreign files: short, and without what a terminal would obey', () => {
    const odd = ['c\u001b[31m\u202e', 'd\ne', 'f'.repeat(3000)]
    const nameOf = (host: string | undefined) => odd[['c', 'd', 'f'].indexOf(host ?? '')] ?? host ?? ''
    const slow = rowsOf(from => (from === 'c' || from === 'f' ? 0.1 : 1))
    const alone = HOSTS.map((pair_from, at) =>
      record({
        direction: 'third-party',
        fleet_alone: true,
        goodput_bps: 9e9,
        pair_from,
        pair_to: HOSTS[(at + 1) % 8],
      }),
    )
    const rows = [...slow, ...alone].map(each => ({
      ...each,
      ...{ pair_from: nameOf(each.pair_from), pair_to: nameOf(each.pair_to) },
    }))
    const hosts = Object.fromEntries(HOSTS.map(host => [nameOf(host), { 'ra\u001bck': 'r\u001b' }]))
    for (const fleet of [undefined, { hosts }]) {
      const blocks = hostMatrixBlocks(summarize(rows), fleet ? [{ fleet } as never] : [])
      const text = renderBlocks(blocks, { width: 200, color: false })
      for (const part of ['\u001b', '\u202e', 'd\ne']) assert.ok(!text.includes(part), part)
      assert.match(text, /c\S+ sends at /)
      assert.ok(Math.max(...text.split('\n').map(line => line.length)) <= 200)
      assert.ok(text.split('\n').length < 40, text)
    }
  })
})
