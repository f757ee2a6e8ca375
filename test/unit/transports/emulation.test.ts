import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DelayLine } from '../../../transports/impairment/delay-line.ts'
import { Emulation } from '../../../transports/impairment/emulation.ts'
import type { Link } from '../../../transports/impairment/spec.ts'
import { Opportunities, readTrace } from '../../../transports/impairment/trace.ts'

const MANY = 200_000
/** Beyond it, no chance of this number of packets goes: eight standard deviations of a share. */
const within = (share: number, count = MANY) => 8 * Math.sqrt((share * (1 - share)) / count)

/** Packets of 1,000 B a millisecond apart. */
function sent(link: Link, count = MANY, seed = 1) {
  const emulation = new Emulation(link, 4, seed)
  const arrivals = Array.from({ length: count }, (_, index) =>
    emulation.offer(1000, index).map(each => ({ ...each, index, tookMs: each.at - index })),
  )
  return { arrivals, counts: emulation.counts }
}

function momentsOf(values: readonly number[]) {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

describe('an emulated link', () => {
  it('loses, doubles, damages and sends ahead as many as it is told to', () => {
    const share = 0.03
    const chance = { share }
    const { arrivals, counts } = sent({
      delay: { ms: 10 },
      loss: chance,
      duplicate: chance,
      corrupt: chance,
      reorder: chance,
    })
    const near = (count: number, of: number) =>
      assert.ok(Math.abs(count / of - share) < within(share, of), `${count}`)
    near(counts.lost, MANY)
    near(counts.duplicated, MANY)
    const copies = arrivals.flat()
    near(counts.corrupted, copies.length)
    near(counts.reordered, copies.length)
    assert.equal(copies.length, MANY + counts.duplicated - counts.lost - counts.dropped)
    assert.equal(copies.filter(each => each.flipBit !== undefined).length, counts.corrupted)
    assert.equal(copies.filter(each => each.tookMs === 0).length, counts.reordered)
    for (const { flipBit = 0 } of copies) assert.ok(flipBit >= 0 && flipBit < 8000)
  })

  it('loses in bursts: the stationary loss and the mean burst are those of Gilbert and Elliott', () => {
    const [p, r] = [0.01, 0.1]
    const { arrivals, counts } = sent({ loss: { toBad: p, toGood: r, inBad: 1, inGood: 0 } })
    const bursts = arrivals.filter(
      (each, index) => each.length === 0 && arrivals[index - 1]?.length !== 0,
    ).length
    assert.ok(Math.abs(counts.lost / MANY / (p / (p + r)) - 1) < 0.05, `${counts.lost}`)
    assert.ok(Math.abs(counts.lost / bursts / (1 / r) - 1) < 0.05, `${counts.lost / bursts}`)
  })

  it('loses in the good and the bad state what each loses', () => {
    const [p, r, h, k] = [0.02, 0.2, 0.5, 0.01]
    const { counts } = sent({ loss: { toBad: p, toGood: r, inBad: h, inGood: k } })
    const expected = (p / (p + r)) * h + (r / (p + r)) * k
    assert.ok(Math.abs(counts.lost / MANY / expected - 1) < 0.05, `${counts.lost}`)
  })

  for (const [distribution, deviation] of [
    ['uniform', 5 / Math.sqrt(3)],
    ['normal', 5],
    ['pareto', 5],
  ] as const)
    it(`delays by the ${distribution} distribution`, () => {
      const took = sent({ delay: { ms: 100, jitterMs: 5, distribution } }).arrivals.flatMap(each =>
        each.map(({ tookMs }) => tookMs),
      )
      const found = momentsOf(took)
      assert.ok(Math.abs(found.mean - 100) < 0.1, `${found.mean}`)
      // Its fourth moment is infinite.
      const tolerance = distribution === 'pareto' ? 0.25 : 0.02
      assert.ok(Math.abs(found.deviation / deviation - 1) < tolerance, `${found.deviation}`)
    })

  it('has a queue of 64 KiB or 100 ms where none is said', () => {
    const link = new Emulation({ rateBps: 8e6 }, 4, 1)
    const kept = Array.from({ length: 200 }, () => link.offer(1000, 0).length).filter(Boolean)
    // 100,000 B of packets of 1,028 B wait.
    assert.equal(kept.length, 97)
    assert.equal(link.counts.dropped, 103)
  })

  it('sends no faster than its rate, and drops what its queue does not hold', () => {
    const link = new Emulation({ rateBps: 8e6, queueBytes: 5000 }, 4, 1)
    // 1,028 B take 1.028 ms; at once, the queue holds four of them.
    const arrivals = Array.from({ length: 10 }, () => link.offer(1000, 0)).flat()
    assert.deepEqual(
      arrivals.map(({ at }) => Number(at.toFixed(3))),
      [1.028, 2.056, 3.084, 4.112],
    )
    assert.deepEqual([link.counts.taken, link.counts.dropped], [10, 6])
    // Later there is room again.
    assert.equal(link.offer(1000, 100).length, 1)
  })

  it('loses a datagram if one of its fragments is lost, and counts their headers', () => {
    const share = 0.01
    const emulation = new Emulation({ mtuBytes: 1400, loss: { share } }, 4, 1)
    // 9,216 B and 8 of header in fragments of 1,376 B: seven of them.
    for (let index = 0; index < MANY; index++) emulation.offer(9216, index)
    const expected = 1 - (1 - share) ** 7
    assert.ok(Math.abs(emulation.counts.lost / MANY - expected) < within(expected))
    const rated = new Emulation({ mtuBytes: 1400, rateBps: 8000 }, 4, 1)
    assert.deepEqual(rated.offer(9216, 0), [{ at: 9216 + 8 + 7 * 20 }])
    const six = new Emulation({ mtuBytes: 1400, rateBps: 8000 }, 6, 1)
    // 1,352 B a fragment, each with a header of IPv6 and one of its own.
    assert.deepEqual(six.offer(9216, 0), [{ at: 9216 + 8 + 7 * 48 }])
  })

  it('has the same chances with the same seed, and others with another one', () => {
    const link = { loss: { share: 0.1, correlation: 0.5 }, delay: { ms: 5, jitterMs: 1 } }
    assert.deepEqual(sent(link, 1000).arrivals, sent(link, 1000).arrivals)
    assert.notDeepEqual(sent(link, 1000, 1).arrivals, sent(link, 1000, 2).arrivals)
    // One setting more leaves the others’ chances as they were.
    const more = sent({ ...link, corrupt: { share: 0.5 } }, 1000)
    assert.equal(more.counts.lost, sent(link, 1000).counts.lost)
  })
})

describe('a delay line', () => {
  it('gives what is due, in order of time and then of coming', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), times => {
        const line = new DelayLine<number>()
        times.forEach((at, index) => {
          line.add(at, index)
        })
        const taken = []
        for (let now = 0; now <= 50; now++)
          for (let next = line.take(now); next; next = line.take(now)) {
            assert.equal(next.at, now)
            taken.push(next.item)
          }
        const expected = times
          .map((at, index) => ({ at, index }))
          .sort((a, b) => a.at - b.at || a.index - b.index)
        assert.deepEqual(
          taken,
          expected.map(each => each.index),
        )
        assert.equal(line.length, 0)
      }),
    )
  })
})

describe('a delivery trace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-trace-'))
  const file = (text: string) => {
    const path = join(folder, 'trace')
    writeFileSync(path, text)
    return path
  }
  process.once('exit', () => rmSync(folder, { recursive: true }))

  it('is read, and refused in one line', () => {
    assert.deepEqual(readTrace(file('1\n1\n5\n\n')), [1, 1, 5])
    assert.throws(() => readTrace(file('5\n1\n')), /:2: "1" is not a time in ms that follows the one before/)
    assert.throws(() => readTrace(file('x\n')), /:1: "x" is not a time/)
    assert.throws(() => readTrace(file('')), /it has no time after 0/)
    assert.throws(() => readTrace(join(folder, 'none')), /cannot read the trace .*does not exist/)
  })

  it('lets a packet of 1,500 B, or as many bytes of others, leave at each moment, over and over', () => {
    const trace = new Opportunities([10, 20])
    // It begins with the first packet.
    assert.equal(trace.leave(1500, 100, true), 110)
    assert.equal(trace.leave(1500, 100, false), 120)
    assert.equal(trace.leave(750, 100, false), 130)
    assert.equal(trace.leave(750, 100, false), 130)
    assert.equal(trace.leave(3000, 100, false), 150)
    // Moments at which nothing waited are gone.
    assert.equal(trace.leave(1500, 1001, true), 1010)
  })
})
