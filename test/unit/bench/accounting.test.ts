/** What both ends reported -> outcome and measures. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ReceiveSide } from '../../../bench/fleet/calls/agent-calls.ts'
import type { Ends } from '../../../bench/workloads/datagrams.ts'
import { outcomeColumns } from '../../../bench/workloads/outcomes.ts'
import { streamColumns } from '../../../bench/workloads/stream/accounting.ts'
import { measuresOf, outcomeOf } from '../../../bench/workloads/transfer/accounting.ts'
import { OUTCOMES } from '../../../results/schema/outcome.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import type { Traits } from '../../../transports/contract/transport.ts'
import { CHUNK, ends, received, SIZE, sent } from '../../support/end-reports.ts'

const STREAM: Traits = { socket: 'stream', reliable: true, acknowledged: true }
const ACKNOWLEDGED: Traits = { socket: 'datagram', reliable: false, acknowledged: true }
const SILENT: Traits = { socket: 'datagram', reliable: false, acknowledged: false }
const kind = (traits: Traits, over: Partial<Ends>) => outcomeOf(SIZE, traits, ends(over))

test('completed: everything arrived', () => {
  for (const { traits } of BUILT_IN.transports.values())
    assert.deepEqual(kind(traits, {}), { kind: 'completed' })
  assert.deepEqual(kind(ACKNOWLEDGED, { sender: sent({ acknowledged: false }) }), {
    kind: 'completed',
    note: 'ACK_LOST',
  })
  assert.deepEqual(kind(SILENT, { receiver: received({ missing: 'end' }) }), {
    kind: 'completed',
    note: 'END_LOST',
  })
})

test('incomplete: lost or damaged datagrams, or no beginning', () => {
  assert.deepEqual(kind(SILENT, { receiver: received({ complete: true, intact: false }, 9) }), {
    kind: 'incomplete',
  })
  assert.deepEqual(
    kind(ACKNOWLEDGED, {
      receiver: received({ complete: false, intact: false }, 7),
      sender: sent({ acknowledged: false }),
    }),
    { kind: 'incomplete' },
  )
  assert.deepEqual(kind(SILENT, { receiver: received({ missing: 'begin', complete: false }, 0) }), {
    kind: 'incomplete',
    note: 'BEGIN_LOST',
  })
  assert.equal(kind(STREAM, { receiver: received({ complete: false }, 4) }).kind, 'incomplete')
})

test('refused: the system would not take a datagram, the first one is told', () => {
  const refusal = { code: 'EMSGSIZE', datagramBytes: 65_508, emulated: false }
  const sender = sent({ refusal, datagramsAccepted: 1, datagramsRefused: 9, bytesAccepted: 1000 })
  const outcome = kind(SILENT, { sender, receiver: received({ complete: true }, 1) })
  assert.deepEqual(outcome, { kind: 'refused', phase: 'transfer', ...refusal })
  const record = measuresOf(CHUNK, SILENT, outcome, ends({ sender, receiver: received({}, 1) }))
  assert.equal(record.datagrams_lost, 0)
  assert.equal(record.loss_cause, 'refused by the system')
  assert.match(outcomeColumns(outcome).error_message ?? '', /the system refused a datagram of 65,508 B/)
})

test('timed-out: no answer in time, with the phase', () => {
  const failure = { phase: 'ack', code: 'TIMEOUT', message: 'late' } as const
  assert.deepEqual(kind(STREAM, { sender: sent({ failure }) }), {
    kind: 'timed-out',
    phase: 'ack',
    message: 'late',
  })
  const problem = { phase: 'drain', code: 'TIMEOUT', message: 'late' }
  assert.deepEqual(kind(SILENT, { sender: undefined, receiver: undefined, problem }), {
    kind: 'timed-out',
    phase: 'drain',
    message: 'late',
  })
})

test('failed: what went wrong, from the end that knows', () => {
  const reset = { phase: 'transfer', code: 'ECONNRESET', message: 'reset' } as const
  const tooLarge = { phase: 'handshake', code: 'TOO_LARGE', message: 'too large' } as const
  const closed = { phase: 'transfer', code: 'CLOSED', message: 'closed' } as const
  const both = kind(STREAM, { sender: sent({ failure: reset }), receiver: received({ failure: tooLarge }) })
  assert.deepEqual(both, { kind: 'failed', ...tooLarge })
  const other = kind(STREAM, { sender: sent({ failure: reset }), receiver: received({ failure: closed }) })
  assert.deepEqual(other, { kind: 'failed', ...reset })
  const problem = { phase: 'prepare', code: 'AGENT_DIED', message: 'gone' }
  assert.deepEqual(kind(SILENT, { problem }), { kind: 'failed', ...problem })
  const damaged = kind(STREAM, { receiver: received({ intact: false }) })
  assert.equal(damaged.kind === 'failed' && damaged.code, 'DAMAGED')
})

test('a foreign receiver: what its acknowledgement tells or, without one, what was accepted', () => {
  const foreign = { foreign: true, receiver: undefined }
  for (const traits of [STREAM, ACKNOWLEDGED, SILENT]) assert.equal(kind(traits, foreign).kind, 'completed')
  const unanswered = { ...foreign, sender: sent({ acknowledged: false }) }
  assert.equal(kind(ACKNOWLEDGED, unanswered).kind, 'incomplete')
  assert.equal(kind(SILENT, unanswered).kind, 'completed')
  assert.equal(kind(STREAM, { ...foreign, sender: sent({ bytesAccepted: 5 }) }).kind, 'incomplete')
  const record = measuresOf(CHUNK, SILENT, { kind: 'completed' }, ends(foreign))
  for (const column of [
    'datagrams_delivered',
    'datagrams_lost',
    'bytes_delivered',
    'goodput_bps',
    'payload_intact',
  ] as const)
    assert.equal(record[column], undefined, column)
})

test('goodput is from the sender’s start to the last byte, over unique bytes', () => {
  const record = measuresOf(CHUNK, SILENT, { kind: 'incomplete' }, ends({ receiver: received({}, 5) }))
  assert.equal(record.delivery_ms, 10)
  assert.equal(record.receive_ms, 8)
  assert.equal(record.goodput_bps, (5000 * 8000) / 10)
  assert.equal(record.datagrams_lost, 5)
  assert.equal(record.loss_ratio, 0.5)
  assert.equal(record.rate_achieved_bps, (9 * CHUNK * 8000) / 9)
})

test('goodput of a stream is of what arrived within its duration', () => {
  const goodput = (over: Partial<Case>, report: Partial<ReceiveSide['report']> = {}) =>
    streamColumns(
      { chunkBytes: CHUNK, durationMs: 20, ...over } as Case,
      SILENT,
      { kind: 'incomplete' },
      ends({ receiver: received({ counted: { bytes: 1000, ms: 16 }, ...report }, 5) }),
    ).goodput_bps
  assert.equal(goodput({}), (1000 * 8000) / 18, 'from the sender’s start')
  assert.equal(goodput({ omitMs: 4 }), (1000 * 8000) / 16)
  assert.equal(goodput({ omitMs: 4 }, { counted: { bytes: 0, ms: 16 } }), 0, 'nothing came after the start')
  assert.equal(goodput({ omitMs: 10 }, { counted: undefined }), undefined)
  assert.equal(goodput({}, { firstAt: undefined, lastAt: undefined, bytesDelivered: 0 }), 0)
})

test('the cause of a loss: the receive buffer when it dropped half of it or more', () => {
  const cause = (drops: ReceiveSide['report']['drops'], delivered = 6) =>
    measuresOf(CHUNK, SILENT, { kind: 'incomplete' }, ends({ receiver: received({ drops }, delivered) }))
      .loss_cause
  assert.equal(cause({ socketDrops: 4 }), 'receive buffer')
  assert.equal(cause({ socketDrops: 2 }), 'receive buffer')
  assert.equal(cause({ socketDrops: 1 }), 'elsewhere')
  assert.equal(cause({ hostRcvbufErrors: 4 }), 'receive buffer')
  assert.equal(cause({ socketDrops: 0, hostRcvbufErrors: 400 }), 'elsewhere')
  assert.equal(cause({}), undefined)
  assert.equal(cause(undefined), undefined)
  assert.equal(cause({ socketDrops: 4 }, 10), undefined)
})

test('more delivered than accepted is a bug, not a record', () => {
  const broken = ends({ receiver: received({}, 11) })
  assert.throws(() => measuresOf(CHUNK, SILENT, { kind: 'completed' }, broken), /law of counts/)
})

const count = fc.nat({ max: 1000 })
const code = fc.constantFrom('TIMEOUT', 'ABORTED', 'CLOSED', 'ECONNREFUSED', 'PROTOCOL')
const failure = fc.option(
  fc.record({ phase: fc.constantFrom('connect', 'transfer', 'ack'), code, message: fc.string() }),
  { nil: undefined, freq: 4 },
)
/** In ms: nothing, or a nanosecond and more. */
const time = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e5, noNaN: true }))
/** Two honest ends: the law holds, moments follow one another. */
const honest = fc
  .record({
    accepted: count,
    refused: fc.oneof(fc.constant(0), count),
    lost: count,
    later: time,
    longer: time,
    failure,
    other: failure,
  })
  .chain(({ accepted, refused, lost, later, longer, failure, other }) => {
    const delivered = Math.max(0, accepted - lost)
    return fc.record({
      sender: fc.option(
        fc.record({ acknowledged: fc.boolean(), transferMs: time, totalMs: time }).map(report =>
          sent({
            ...report,
            datagramsOffered: accepted + refused,
            datagramsAccepted: accepted,
            datagramsRefused: refused,
            bytesAccepted: accepted * CHUNK,
            failure,
            ...(refused > 0 ? { refusal: { code: 'EMSGSIZE', datagramBytes: CHUNK, emulated: false } } : {}),
          }),
        ),
        { nil: undefined, freq: 8 },
      ),
      receiver: fc.option(
        fc.record({ complete: fc.boolean(), intact: fc.boolean() }).map(report =>
          received(
            {
              ...report,
              failure: other,
              firstAt: delivered > 0 ? 5000 + later : undefined,
              lastAt: delivered > 0 ? 5000 + later + longer : undefined,
            },
            delivered,
          ),
        ),
        { nil: undefined, freq: 8 },
      ),
      foreign: fc.boolean(),
      clockErrorMs: time,
    })
  })
const traits = fc.constantFrom(...[...BUILT_IN.transports.values()].map(each => each.traits))

test('whatever two ends report: the law holds, no figure is negative or no number, and each outcome is reached', () => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(honest, traits, (both, traits) => {
      const outcome = outcomeOf(SIZE, traits, both)
      reached.add(outcome.kind)
      const record = { ...outcomeColumns(outcome), ...measuresOf(CHUNK, traits, outcome, both) }
      for (const [column, value] of Object.entries(record)) {
        if (typeof value === 'number') assert.ok(Number.isFinite(value) && value >= 0, `${column} = ${value}`)
        else assert.ok(['string', 'boolean', 'undefined'].includes(typeof value), column)
      }
      const {
        datagrams_offered,
        datagrams_accepted,
        datagrams_refused,
        datagrams_delivered,
        datagrams_lost,
      } = record
      if (datagrams_offered !== undefined)
        assert.equal(datagrams_offered, (datagrams_accepted ?? 0) + (datagrams_refused ?? 0))
      if (datagrams_lost !== undefined)
        assert.equal(datagrams_accepted, (datagrams_delivered ?? 0) + datagrams_lost)
      assert.ok((record.loss_ratio ?? 0) <= 1)
    }),
    { numRuns: 3000 },
  )
  assert.deepEqual([...reached].sort(), [...OUTCOMES].sort())
})

test('a clock error that puts the delivery before its start leaves it unknown', () => {
  const early = ends({ receiver: received({ firstAt: 4990, lastAt: 4999 }), clockErrorMs: 50 })
  const record = measuresOf(CHUNK, SILENT, { kind: 'completed' }, early)
  assert.equal(record.delivery_ms, undefined)
  assert.equal(record.goodput_bps, undefined)
  assert.equal(record.receive_ms, 9)
  assert.equal(record.clock_error_ms, 50)
})

test('payload_delivery_ms is the delivery without connecting and the handshake; empty where there is none', () => {
  const outcome = { kind: 'completed' } as const
  const tcp = ends({ sender: sent({ connectMs: 1, handshakeMs: 2.5 }) })
  assert.deepEqual(
    [
      measuresOf(CHUNK, STREAM, outcome, tcp).delivery_ms,
      measuresOf(CHUNK, STREAM, outcome, tcp).payload_delivery_ms,
    ],
    [10, 6.5],
  )
  assert.equal(measuresOf(CHUNK, SILENT, outcome, ends()).payload_delivery_ms, undefined)
  // The clocks' error is larger.
  const early = ends({ sender: sent({ connectMs: 1, handshakeMs: 9 }) })
  assert.equal(measuresOf(CHUNK, STREAM, outcome, early).payload_delivery_ms, undefined)
})
