import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { limitsOf, MOST_BYTES, nextSize, type SizeTrial } from '../../results/statistics/datagram-limits.ts'

/** So many trials decide both limits, whatever they are. */
const MOST_TRIALS = 40

/** A system that takes so much, and a way that carries so much. */
function probed(family: 4 | 6, takes: number, carries: number, likely: readonly number[]) {
  const trials: SizeTrial[] = []
  for (
    let size = nextSize(trials, family, likely);
    size !== undefined;
    size = nextSize(trials, family, likely)
  ) {
    assert.ok(size > 0 && size <= MOST_BYTES[family] + 1, String(size))
    const isTaken = size <= takes
    trials.push({
      chunk_bytes: size,
      datagrams_accepted: isTaken ? 3 : 0,
      datagrams_refused: isTaken ? 0 : 3,
      datagrams_delivered: isTaken && size <= carries ? 3 : 0,
      error_code: isTaken ? undefined : 'EMSGSIZE',
    })
    assert.ok(trials.length <= MOST_TRIALS, 'it ends')
  }
  return { ...limitsOf(trials), trials: trials.length }
}

describe('a probe of datagrams', () => {
  it('finds what a system takes, and what arrives, to the byte', () => {
    const family = fc.constantFrom<4 | 6>(4, 6)
    const bytes = fc.integer({ min: 0, max: 65_527 })
    fc.assert(
      fc.property(family, bytes, bytes, fc.array(bytes, { maxLength: 4 }), (of, asked, carries, likely) => {
        const takes = Math.min(asked, MOST_BYTES[of])
        const found = probed(of, takes, carries, likely)
        assert.deepEqual(
          [found.taken, found.refused, found.arrived, found.decided],
          [takes, takes + 1, Math.min(takes, carries), true],
        )
        assert.equal(found.missing, carries < takes ? carries + 1 : undefined)
      }),
    )
  })

  it('needs three trials where a system is as it is known to be', () => {
    assert.equal(probed(4, 65_507, 65_507, [9216]).trials, 2)
    assert.equal(probed(4, 9216, 9216, [9216]).trials, 4)
  })

  it('goes by what a system refuses once it has learned of the path', () => {
    const trials: SizeTrial[] = [
      { chunk_bytes: 1472, datagrams_accepted: 3, datagrams_refused: 0, datagrams_delivered: 0 },
      { chunk_bytes: 1373, datagrams_accepted: 0, datagrams_refused: 3, error_code: 'EMSGSIZE' },
      { chunk_bytes: 1372, datagrams_accepted: 3, datagrams_refused: 0, datagrams_delivered: 3 },
    ]
    assert.deepEqual(limitsOf(trials), {
      ...{ taken: 1372, refused: 1373, refusal: 'EMSGSIZE', arrived: 1372, missing: undefined },
      decided: true,
    })
    assert.equal(nextSize(trials, 4, []), undefined)
  })
})
