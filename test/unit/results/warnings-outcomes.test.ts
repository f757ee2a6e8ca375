/** Warnings of trials that failed, timed out or brought damaged bytes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codes, only } from '../../support/found-warnings.ts'
import { datagrams, headerLost, record, rounds, stream } from '../../support/results-samples.ts'

describe('warnings of how trials ended', () => {
  it('tell what failed, timed out, came late or lost a part', () => {
    const ok = rounds(19, (_, noise) => stream(1e9 * noise))
    const failed = only([
      ...ok,
      record({ round: 20, outcome: 'failed', error_code: 'ECONNREFUSED', error_message: 'nobody listens' }),
    ])
    assert.equal(failed.message, 'tcp: 1 of 20 trials failed: nobody listens')
    const late = only([...ok, record({ round: 20, outcome: 'timed-out', error_phase: 'ack' })])
    assert.equal(late.message, 'tcp: 1 of 20 trials timed out (phase: ack)')
    assert.match(
      only(rounds(6, () => datagrams(1e9, 0, { datagrams_late: 2 }))).message,
      /12 datagrams arrived after/,
    )
    assert.match(
      only(rounds(6, round => datagrams(1e9, 0, round === 1 ? { error_code: 'END_LOST' } : {}))).message,
      /the end marker was lost in 1 trial, and none of the payload$/,
    )
  })

  it('tell damage from loss', () => {
    assert.deepEqual(codes(rounds(6, () => stream(1e9, { payload_intact: false }))), ['payload-damaged'])
    const reordered = only(
      rounds(6, () => datagrams(1e9, 0, { payload_intact: false, datagrams_reordered: 2 })),
    )
    assert.match(reordered.message, /reordered datagrams/)
    assert.deepEqual(codes(rounds(6, () => datagrams(1e9, 3))), ['loss-receive-buffer'])
  })

  it('do not take a lost header or marker for damage, and see damage beside it', () => {
    for (const error_code of ['HEADER_LOST', 'BEGIN_LOST', 'END_LOST'])
      assert.deepEqual(codes(rounds(6, () => headerLost({ error_code }))), ['protocol-part-lost'])
    assert.ok(codes(rounds(6, () => headerLost({ datagrams_corrupt: 1 }))).includes('payload-damaged'))
    assert.ok(
      codes(rounds(6, () => stream(1e9, { error_code: 'ACK_LOST', payload_intact: false }))).includes(
        'payload-damaged',
      ),
    )
  })
})
