import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Change } from '../../../results/compare/comparison.ts'
import { whatProves } from '../../../results/compare/enough.ts'
import { settling } from '../../../results/compare/gain-words.ts'

/** Twenty pairs with this ratio, known to a factor of `width` either way. */
function open(ratio: number, width: number): Change {
  return {
    ...{ ratio, interval: { low: ratio / width, high: ratio * width }, n: 20, delta: 0.05 },
    ...{ basis: 'pairs', paired: true, verdict: 'inconclusive', processes: 2, leftOut: 0, pHolm: 0.5 },
  }
}

describe('what would settle a comparison', () => {
  it('is more rounds: an interval of a quarter takes sixteen times as many, and twice that makes it likely', () => {
    // Proven by 3 standard errors of 1.96 a half width; nine of ten measurements reach that of 4.28.
    const half = (Math.log(1.2) * 1.96) / 3
    assert.deepEqual(whatProves([open(1.2, Math.exp(3.99 * half))], 1), {
      flags: '--repeat 650',
      settles: 1,
      isGuess: false,
    })
    assert.equal(
      settling([open(1.2, Math.exp(3.99 * half))], 1),
      'To settle it, if the difference is what it looks like: --repeat 650.',
    )
  })

  it('is said of those alone that so many rounds settle', () => {
    const [clear, close] = [open(1.5, 1.8), open(1.2, 1.5)]
    assert.deepEqual(whatProves([clear, close], 2), { flags: '--repeat 210', settles: 1, isGuess: false })
    const hopeless = open(1.049, 1.6)
    assert.equal(
      settling([open(1.5, 1.8), hopeless], 2),
      'To settle 1 of 2 comparisons, if the difference is what it looks like: --repeat 210.',
    )
    assert.match(settling([hopeless], 1) ?? '', /^More rounds would hardly settle it/)
    assert.equal(settling([], 1), undefined)
  })

  it('is no number of rounds between runs, and with too few samples only says more', () => {
    const ofRuns = { ...open(1.2, 1.5), basis: 'single', paired: false, delta: 0.15 } as const
    assert.match(
      settling([ofRuns], 1) ?? '',
      /^More rounds would not settle it, since runs differ .*bench ab/,
    )
    assert.match(settling([{ ...ofRuns, basis: 'processes' }], 1) ?? '', /^More rounds would not settle it/)
    const few = { ...open(1.2, 1.5), n: 3 }
    assert.equal(settling([few], 1), 'Too few to say what would settle it. To learn more: --repeat 20.')
    assert.equal(
      settling([{ ...few, basis: 'processes' }], 1),
      'Too few to say what would settle it. To learn more: --processes 8 --repeat 24.',
    )
  })
})
