/** One relay for the flows of a trial: opened once, asked once, and kept from nobody who still needs it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AgentHandle } from '../../../bench/fleet/calls/handle.ts'
import { SharedRelay } from '../../../bench/measure/shared-relay.ts'
import { noCounts } from '../../../transports/impairment/spec.ts'

const AGENT = {} as AgentHandle
const ENDPOINT = { host: '127.0.0.1', port: 9, family: 4 } as const
const reportOf = (taken: number) => ({ up: { ...noCounts(), taken }, down: noCounts(), lateMs: 0 })

describe('a relay of several flows', () => {
  it('is opened once with the ports of all, and each gets its own report', async () => {
    const relay = new SharedRelay(AGENT, 2)
    const [one, other] = [relay.place(), relay.place()]
    const opened: (readonly number[])[] = []
    const open = async (ports: readonly number[]) => {
      opened.push([...ports])
      return { trial: 7, endpoint: ENDPOINT }
    }
    const reached = [one.reach(5000, open), other.reach(6000, open)]
    assert.deepEqual(await Promise.all(reached), [ENDPOINT, ENDPOINT])
    assert.deepEqual(opened, [[5000, 6000]])
    let asked = 0
    const ask = async (trial: number) => {
      asked += trial
      return [reportOf(1), reportOf(2)]
    }
    const reports = await Promise.all([other.report(ask), one.report(ask)])
    assert.deepEqual(
      reports.map(each => each?.up.taken),
      [2, 1],
    )
    assert.equal(asked, 7)
  })

  it('waits for none that has ended, and is given up by the last', async () => {
    const relay = new SharedRelay(AGENT, 3)
    const [one, other, never] = [relay.place(), relay.place(), relay.place()]
    const open = async () => ({ trial: 7, endpoint: ENDPOINT })
    const reached = [one.reach(5000, open), other.reach(6000, open)]
    never.ended()
    await Promise.all(reached)
    const given: number[] = []
    const giveUp = async (trial: number) => void given.push(trial)
    await one.abandon(giveUp)
    assert.deepEqual(given, [])
    await other.abandon(giveUp)
    await one.abandon(giveUp)
    assert.deepEqual(given, [7])
  })

  it('that cannot be opened fails every flow, and has nothing to give up', async () => {
    const relay = new SharedRelay(AGENT, 2)
    const places = [relay.place(), relay.place()]
    const open = () => Promise.reject(new Error('no'))
    for (const each of await Promise.allSettled(places.map(place => place.reach(1, open))))
      assert.equal(each.status, 'rejected')
    for (const place of places) await place.abandon(() => assert.fail('there is none'))
  })
})
