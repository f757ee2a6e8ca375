/** Which groups of hosts, by their labels, are far from the others. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../../../base/random.ts'
import { roundsOf } from '../../../bench/fleet/planning/rounds.ts'
import { hostMatrixBlocks } from '../../../results/document/host-matrix.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { hostMatrices } from '../../../results/statistics/fleet.ts'
import { oddOnes } from '../../../results/statistics/fleet-odd.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { brief, HOSTS, LABELS, labelled, oddOf, rackOf, rowsOf, siteOf } from '../../support/fleet-samples.ts'
import { record } from '../../support/results-samples.ts'

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

  it('have none of a label that only others have, though it is named as what every object has', () => {
    const rows = rowsOf((from, to) => (siteOf(from) === siteOf(to) ? 1 : 0.1))
    for (const label of ['site', 'constructor']) {
      const hosts = Object.fromEntries(HOSTS.map(host => [host, siteOf(host) === 0 ? { [label]: 'x' } : {}]))
      const odd = hostMatrices(summarize(rows), [{ fleet: { hosts } }]).flatMap(oddOnes)
      assert.deepEqual(odd, oddOf(rows), label)
    }
  })
})
