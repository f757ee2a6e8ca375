/** The rounds of a fleet: every pair once, no host twice at a time, and hardly more rounds than there must be. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type HostPair, roundsOf } from '../../bench/fleet/planning/rounds.ts'

const fleet = fc.integer({ min: 2, max: 24 }).chain(hosts => {
  const host = fc.integer({ min: 0, max: hosts - 1 })
  const pair = fc.tuple(host, host).filter(([from, to]) => from !== to)
  return fc.record({
    hosts: fc.constant(hosts),
    pairs: fc.uniqueArray(pair, { selector: String, maxLength: hosts * (hosts - 1) }),
    seed: fc.nat(),
  })
})

function allPairs(hosts: number): readonly HostPair[] {
  const names = [...Array(hosts).keys()]
  return names.flatMap(from => names.flatMap(to => (from === to ? [] : [[from, to] as const])))
}

/** The most hosts that one is measured with. */
function mostPartners(pairs: readonly HostPair[]): number {
  const ends = [...new Set(pairs.map(pair => String(pair.toSorted((a, b) => a - b))))].flatMap(each =>
    each.split(','),
  )
  return Math.max(0, ...ends.map(host => ends.filter(each => each === host).length))
}

function assertRounds(rounds: readonly (readonly HostPair[])[], pairs: readonly HostPair[]): void {
  assert.deepEqual(rounds.flat().map(String).sort(), pairs.map(String).sort())
  for (const round of rounds) {
    const busy = round.flat()
    assert.equal(new Set(busy).size, busy.length, JSON.stringify(round))
    assert.ok(round.length > 0)
  }
}

describe('rounds of a fleet', () => {
  it('have every pair once and no host twice, and at most a round more than the busiest host has partners, and than one has in both directions', () => {
    fc.assert(
      fc.property(fleet, ({ hosts, pairs, seed }) => {
        const rounds = roundsOf(hosts, pairs, seed)
        assertRounds(rounds, pairs)
        const both = pairs.filter(([from, to]) => pairs.some(([a, b]) => a === to && b === from))
        const most = mostPartners(pairs) + 1 + (both.length > 0 ? mostPartners(both) + 1 : 0)
        assert.ok(rounds.length <= most, `${rounds.length} ${most}`)
      }),
    )
  })

  it('are as few as there can be where all are measured with all', () => {
    for (let hosts = 2; hosts <= 31; hosts++) {
      const pairs = allPairs(hosts)
      const rounds = roundsOf(hosts, pairs, hosts)
      assertRounds(rounds, pairs)
      assert.equal(rounds.length, 2 * (hosts % 2 === 0 ? hosts - 1 : hosts))
    }
  })

  it('follow from the seed, and are others with another', () => {
    const of = (seed: number) => roundsOf(12, allPairs(12), seed)
    assert.deepEqual(of(1), of(1))
    const partition = (seed: number) =>
      JSON.stringify(
        of(seed)
          .map(round => round.map(pair => pair.toSorted().join()).sort())
          .sort(),
      )
    assert.notEqual(partition(1), partition(2))
  })
})
