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
  it('is more rounds: an interval of a quarter takes sixteen times as many', () => {
    // Proven by 3 standard errors of 1.96 a half width.
    const half = (Math.log(1.2) * 1.96) / 3
    assert.deepEqual(whatProves([open(1.2, Math.exp(3.99 * half))], 1), { flags: '--repeat 320', settles: 1 })
    assert.equal(settling([open(1.2, Math.exp(3.99 * half))], 1), 'To settle it: --repeat 320.')
  })

  it('is said of those alone that so many rounds settle', () => {
    const [clear, close] = [open(1.5, 1.8), open(1.2, 1.5)]
    assert.deepEqual(whatProves([clear, close], 2), { flags: '--repeat 100', settles: 1 })
    const hopeless = open(1.049, 1.6)
    assert.equal(settling([open(1.5, 1.8), hopeless], 2), 'To settle 1 of 2 comparisons: --repeat 100.')
    assert.match(settling([hopeless], 1) ?? '', /^More rounds would hardly settle it/)
    assert.equal(settling([], 1), undefined)
  })
})
