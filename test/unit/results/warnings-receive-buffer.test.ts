/** Advice on a receive buffer that ran over: by what its reader did meanwhile. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { codes, only } from '../../support/found-warnings.ts'
import { datagrams, lost, rounds } from '../../support/results-samples.ts'

describe('a receive buffer that ran over', () => {
  const message = (values: Partial<TrialRecord>) => {
    const warning = only(lost(0, 80, 0, values))
    assert.equal(warning.code, 'loss-receive-buffer')
    return warning
  }

  it('while its reader was stopped: that comes first', () => {
    const stopped = message({ receiver_stall_ms: 480 })
    assert.match(
      stopped.message,
      /; the receiver could not run for up to 480 ms: it was stopped, or other programs/,
    )
    assert.match(stopped.remedy, /^make sure that it can run \(.*\), or try --rcvbuf 4m, or pace/)
  })

  it('while its reader waited for a CPU', () => {
    const waiting = message({ receiver_cpu_wait_ms: 4, receive_ms: 8 })
    assert.match(
      waiting.message,
      /; the receiver was ready to run and waited for a CPU for up to 4\.00 ms a trial$/,
    )
    assert.match(waiting.remedy, /^stop what else runs on its CPU, or/)
    const one = { receiver_cpu_wait_ms: 4, receive_ms: 8, direction: 'local', cpu_count: 2 } as const
    const together = message({ ...one, sender_cpu_at_end: 1, receiver_cpu_at_end: 1 })
    assert.match(together.message, /a trial, which the sender had$/)
    assert.match(together.remedy, /^a CPU for each end, as --pin 0,1, or/)
  })

  it('that was asked to be tiny: a larger one comes first, whatever its reader waited for', () => {
    const waited = { receiver_cpu_wait_ms: 4, receive_ms: 8 }
    const tiny = message({ ...waited, rcvbuf_asked_bytes: 2304, rcvbuf_bytes: 4608 })
    assert.match(
      tiny.message,
      /: its 4,608 B hold about 2 datagrams of 1,024 B; the receiver was ready to run/,
    )
    assert.match(tiny.remedy, /^try --rcvbuf 4m, or stop what else runs on its CPU, or pace/)
    const stopped = message({ receiver_stall_ms: 480, rcvbuf_asked_bytes: 2304, rcvbuf_bytes: 4608 })
    assert.match(stopped.remedy, /^try --rcvbuf 4m, or make sure that it can run/)
    for (const usual of [{}, { rcvbuf_asked_bytes: 1 << 20, rcvbuf_bytes: 2 << 20 }])
      assert.match(
        message({ ...waited, ...usual }).remedy,
        /^stop what else runs on its CPU, or try --rcvbuf 4m/,
      )
  })

  it('of a reader that ran is too small, and nothing is said of it', () => {
    for (const ran of [
      { receiver_stall_ms: 0, receiver_cpu_wait_ms: 0 },
      { receiver_stall_ms: 0, receiver_cpu_wait_ms: 4, receive_ms: 80 },
      { receiver_stall_ms: 0, receiver_cpu_wait_ms: 0.5, receive_ms: 1 },
      {},
    ]) {
      const { message: text, remedy } = message(ran)
      assert.doesNotMatch(text, /could not run|waited/)
      assert.equal(remedy, 'try --rcvbuf 4m, or pace with --rate 800M')
    }
  })

  it('of a reader that was stopped without losing anything then is none', () => {
    assert.deepEqual(codes(rounds(6, () => datagrams(1e9, 0, { receiver_stall_ms: 480 }))), [])
    assert.deepEqual(codes(lost(0, 0, 80, { receiver_stall_ms: 480 })), ['loss-elsewhere'])
  })
})
