/** Which hosts and ways of a fleet are far from the others, and which are not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../../base/random.ts'
import { roundsOf } from '../../../bench/fleet/planning/rounds.ts'
import { hostMatrixBlocks } from '../../../results/document/host-matrix.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { findingsSchema } from '../../../results/schema/findings.ts'
import { findingsOf } from '../../../results/statistics/findings.ts'
import { disturbancesOf, type HostMatrix, hostMatrices } from '../../../results/statistics/fleet.ts'
import { type Odd, oddOnes } from '../../../results/statistics/fleet-odd.ts'
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

/** Two hosts a rack, four a site. */
const LABELS = Object.fromEntries(
  HOSTS.map((host, index) => [host, { rack: `r${index >> 1}`, site: index < 4 ? 'x' : 'y' }]),
)
const labelled = (rows: ReturnType<typeof rowsOf>, labels: readonly ('rack' | 'site')[]) => {
  const hosts = Object.fromEntries(
    HOSTS.map(host => [host, Object.fromEntries(labels.map(label => [label, LABELS[host]?.[label] ?? '']))]),
  )
  return hostMatrices(summarize(rows), [{ fleet: { hosts } }]).flatMap(oddOnes)
}
const brief = (odd: readonly Odd[]) =>
  odd.map(({ what, label = 'host', names, ratio }) => [
    `${what} ${label} ${names.join('>')}`,
    Number(ratio.toFixed(1)),
  ])
const rackOf = (host: string) => HOSTS.indexOf(host) >> 1
const siteOf = (host: string) => HOSTS.indexOf(host) >> 2

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
})

describe('groups of hosts', () => {
  it('names a bad rack instead of its hosts, in the direction that is bad', () => {
    const rows = rowsOf((from, to) => (rackOf(from) === 1 && rackOf(to) !== 1 ? 0.2 : 1))
    assert.deepEqual(brief(labelled(rows, ['rack'])), [['sender rack r1', 0.2]])
    assert.deepEqual(brief(oddOf(rows)), [
      ['sender host c', 0.2],
      ['sender host d', 0.2],
    ])
  })

  it('names a host and not its rack, of which another host is well', () => {
    const rows = rowsOf(from => (from === 'c' ? 0.2 : 1))
    assert.deepEqual(brief(labelled(rows, ['rack'])), [['sender host c', 0.2]])
  })

  it('names the way between two sites by what each has within, and a slow host in one of them', () => {
    const share = (from: string, to: string) => (siteOf(from) === siteOf(to) ? 1 : 0.3)
    const rows = rowsOf((from, to) => share(from, to) * (to === 'f' ? 0.1 : 1))
    assert.deepEqual(brief(labelled(rows, ['rack', 'site'])), [
      ['way site x>y', 0.3],
      ['way site y>x', 0.3],
      ['receiver host f', 0.1],
    ])
    const one = rowsOf((from, to) => (siteOf(from) < siteOf(to) ? 0.3 : 1))
    assert.deepEqual(brief(labelled(one, ['site'])), [['way site x>y', 0.3]])
    const fleet = { hosts: LABELS }
    const blocks = hostMatrixBlocks(summarize(one), [{ fleet } as never])
    const text = renderBlocks(blocks, { width: 160, color: false })
    assert.match(
      text,
      /From site=x to site=y: at [23]\d\.?\d* % of what both have within: 16 of 16 pairs are below the middle of those within\./,
    )
  })

  it('names a slow host and a link that pairs of a round share, and nothing for what they take from each other', () => {
    const names = [...'abcdefghijkl']
    const sites = Object.fromEntries(names.map((name, at) => [name, { site: at < 6 ? 'x' : 'y' }]))
    const all = names.flatMap((_, from) =>
      names.flatMap((_, to): [number, number][] => (from === to ? [] : [[from, to]])),
    )
    for (let seed = 1; seed <= 30; seed++) {
      const random = seededRandom(seed)
      const rows = roundsOf(12, all, seed).flatMap(round => {
        const sharing = (isUp: boolean) =>
          round.filter(([from, to]) => from < 6 !== to < 6 && from < 6 === isUp)
        return round.map(([from, to]) => {
          const trunk = from < 6 === to < 6 ? Number.POSITIVE_INFINITY : 20e6 / sharing(from < 6).length
          const goodput_bps = Math.min(from === 2 ? 1e6 : 40e6, trunk) * (1 - 0.3 * random())
          const pair = { pair_from: names[from] ?? '', pair_to: names[to] ?? '' }
          return record({ direction: 'third-party', ...pair, goodput_bps })
        })
      })
      const odd = hostMatrices(summarize(rows), [{ fleet: { hosts: sites } }]).flatMap(oddOnes)
      assert.deepEqual(
        odd.map(({ what, names }) => `${what} ${names.join('>')}`).sort(),
        ['sender c', 'way x>y', 'way y>x'],
        String(seed),
      )
    }
  })

  it('names nothing where labels mean nothing, and where nothing is odd', () => {
    for (let seed = 1; seed <= 20; seed++)
      assert.deepEqual(
        labelled(
          rowsOf(() => 1, seed),
          ['rack', 'site'],
        ),
        [],
        String(seed),
      )
    const rows = rowsOf((from, to) => (from === 'a' && to === 'h' ? 0.1 : 1))
    assert.deepEqual(brief(labelled(rows, ['rack', 'site'])), [['way host a>h', 0.1]])
  })
})

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
})
