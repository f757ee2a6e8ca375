/** In which order a client of a server may do what it may, and what the log keeps of warnings. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FromAgent } from '../../../bench/fleet/calls/agent-calls.ts'
import { sparing } from '../../../bench/fleet/daemon/log.ts'
import { Turns } from '../../../bench/fleet/daemon/turns.ts'
import { GO, parsed, prepare, SETTLE, WARM_UP } from '../../support/hostile-client.ts'

describe('turns', () => {
  const reported = (trial: number): FromAgent => ({
    type: 'failed',
    trial,
    failure: { phase: 'prepare', code: 'X', message: '' },
  })
  const go = (turns: Turns, message: object) => {
    const turn = turns.take(parsed(message))
    if (turn === 'follow') turns.told(parsed(message))
    return turn
  }

  test('one trial at a time, and a warm-up is one too', () => {
    const turns = new Turns()
    assert.equal(go(turns, prepare({ trial: 1 })), 'follow')
    for (const other of [prepare({ trial: 1 }), prepare({ trial: 2 }), WARM_UP])
      assert.equal(go(turns, other), 'refused')
    assert(turns.busy)
    assert(!turns.ended(reported(2)))
    assert(turns.ended(reported(1)))
    assert(!turns.busy)
    assert.equal(go(turns, { ...WARM_UP, trial: 3 }), 'follow')
    assert.equal(go(turns, prepare({ trial: 4 })), 'refused')
    assert(turns.ended({ type: 'ready', trial: 3 }))
    assert.equal(go(turns, prepare({ trial: 4 })), 'follow')
  })

  test('each step once, by the side that takes it', () => {
    const turns = new Turns()
    assert.equal(go(turns, GO), 'stale')
    go(turns, prepare({ role: 'send', transport: 'udp-header', rateBps: 1e6 }))
    assert.equal(go(turns, SETTLE), 'stale')
    assert.equal(go(turns, { ...GO, trial: 2 }), 'stale')
    assert.equal(go(turns, GO), 'follow')
    assert.equal(go(turns, GO), 'stale')
    assert.equal(go(turns, { type: 'unanswered', trial: 1 }), 'follow')
    assert(!turns.ended({ type: 'ready', trial: 1 }))
    assert(turns.ended(reported(1)))
    assert.equal(go(turns, GO), 'stale')
  })

  test('the latest trial may be called off, even when it is over; another one is not known', () => {
    const turns = new Turns()
    go(turns, prepare())
    turns.ended(reported(1))
    assert.equal(go(turns, { type: 'abort', trial: 1 }), 'follow')
    assert.equal(go(turns, { type: 'abort', trial: 2 }), 'stale')
  })
})

test('of warnings that come by the thousand some are told, and how many were not', () => {
  const told: string[] = []
  let now = 0
  const log = sparing(
    (_level, event, details) => told.push(`${event} ${details?.['lines'] ?? ''}`),
    2,
    () => now,
  )
  for (let line = 0; line < 1000; line++) log('warn', 'turned-away')
  now = 1000
  log('warn', 'turned-away')
  assert.deepEqual(told, ['turned-away ', 'turned-away ', 'not-logged 998', 'turned-away '])
})
