/** Directions and routes follow from the hosts of a flow and the addresses that their agents know. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AGENT_CALLS } from '../../../bench/fleet/calls/agent-calls.ts'
import { AgentHandle, type Standing } from '../../../bench/fleet/calls/handle.ts'
import { environment } from '../../../bench/fleet/facts/environment.ts'
import { directionOf, engineOf, Flow, routeBetween } from '../../../bench/fleet/flow.ts'
import type { Host } from '../../../bench/fleet/host.ts'

function host(isHere: boolean, engine = 'node'): Host {
  return {
    ...{ name: 'x', isHere, engine, agentsKey: '', environment: environment() },
    open: () => assert.fail('nothing is measured'),
    [Symbol.asyncDispose]: async () => {},
  }
}

class KnownAgent extends AgentHandle {
  constructor(standing: Standing) {
    super('agent', standing)
  }
  post() {}
  readClock = () => assert.fail('nothing is measured')
  async [Symbol.asyncDispose]() {}
}

describe('a flow', () => {
  const [here, there, other] = [host(true), host(false), host(false)]
  const target = { host: '192.0.2.1', port: 9, family: 4 } as const
  const flow = (from: Host, to: Host) => new Flow(from, { host: to })

  test('is what the ends of a flow and its trial make it', () => {
    const alone = (each: Flow) => directionOf(each, [each])
    assert.equal(alone(flow(here, here)), 'local')
    assert.equal(alone(flow(here, there)), 'forward')
    assert.equal(alone(flow(there, here)), 'reverse')
    assert.equal(alone(flow(there, other)), 'third-party')
    assert.equal(alone(new Flow(here, { target })), 'send')
    const both = [flow(here, there), flow(there, here)]
    assert.deepEqual(
      both.map(each => directionOf(each, both)),
      ['bidir-forward', 'bidir-reverse'],
    )
  })

  test('is within a host only if that is the same one; two others may share a machine, and are not known to', () => {
    assert.ok(flow(here, here).withinHost)
    assert.ok(!flow(here, there).withinHost)
    assert.ok(!flow(there, other).withinHost)
    assert.ok(!new Flow(here, { target }).withinHost)
  })

  test('has an engine, or those of both ends', () => {
    assert.equal(engineOf([flow(here, there)]), 'node')
    assert.equal(engineOf([flow(host(true, 'native'), there)]), 'native-node')
    assert.equal(engineOf([new Flow(here, { target })]), 'node')
  })
})

describe('a route', () => {
  const HERE = new KnownAgent({})
  const A = new KnownAgent({ itsHost: '192.0.2.1', ourHost: '192.0.2.9' })
  const B = new KnownAgent({ itsHost: '2001:db8::2', ourHost: '2001:db8::9' })

  test('within a host is loopback, or the address that it is bound to', () => {
    const { bind, ...others } = routeBetween(HERE, HERE, 6, undefined)
    assert.deepEqual(bind, { host: '::1', port: 0, family: 6 })
    assert.deepEqual(others, { peer: undefined, reachedAt: undefined, sendFrom: undefined })
    const bound = routeBetween(HERE, HERE, 4, '127.0.0.5')
    assert.deepEqual([bound.bind.host, bound.sendFrom], ['127.0.0.5', '127.0.0.5'])
  })

  test('to another host leads to its address, from the one that it knows of ours', () => {
    const { reachedAt, sendFrom } = routeBetween(HERE, A, 4, undefined)
    assert.deepEqual([reachedAt, sendFrom], ['192.0.2.1', '192.0.2.9'])
  })

  test('from another host ends at our address, and lets nobody else in', () => {
    const { bind, peer, reachedAt } = routeBetween(B, HERE, 6, undefined)
    assert.deepEqual([bind, peer], [{ host: '2001:db8::9', port: 0, family: 6 }, '2001:db8::2'])
    assert.equal(reachedAt, undefined)
  })

  test('between two others leads to the address of the receiver', () => {
    assert.equal(routeBetween(A, B, 4, undefined).reachedAt, '2001:db8::2')
  })
})

test('the vocabulary of a client is that of an agent’s own host, without what only that host may choose', () => {
  const missing = Object.entries(AGENT_CALLS).map(([name, { own, client }]) => {
    const known = new Set(Object.keys(client.shape))
    for (const key of known) assert.ok(key in own.shape, `${name} ${key}`)
    return [name, Object.keys(own.shape).filter(key => !known.has(key))]
  })
  assert.deepEqual(Object.fromEntries(missing), {
    prepare: ['relay', 'local', 'ports', 'peer', 'rehearse', 'keepAs'],
    'warm-up': [],
    go: ['from', 'rehearsal'],
    settle: [],
    unanswered: [],
    abort: [],
  })
})
