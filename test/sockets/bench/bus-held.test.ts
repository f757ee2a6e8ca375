/** Names and leases that a real NATS server keeps: one holder each, as long as that is there. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { Kvm } from '@nats-io/kv'
import { SetupError } from '../../../base/errors.ts'
import { type Bus, connectBus } from '../../../bench/fleet/bus/connection.ts'
import { HeldKey, openBucket } from '../../../bench/fleet/bus/held-key.ts'
import { Leases } from '../../../bench/fleet/bus/leases.ts'
import {
  announce,
  findHost,
  type OwnPresence,
  openPresence,
  presentHosts,
} from '../../../bench/fleet/bus/presence.ts'
import { NatsServer, withoutNats } from '../../support/nats.ts'
import { test } from '../../support/patient.ts'

/** So soon what is not refreshed is gone. */
const TTL_MS = 2000
const OWN: OwnPresence = {
  ...{ name: 'a', address: '192.0.2.7', port: 5990, tls: false, labels: { zone: 'x' } },
  engines: ['native', 'node'],
}

/** A server whose buckets forget sooner than those of bench itself. */
async function serverOf(context: TestContext) {
  const server = await NatsServer.start()
  context.after(() => server[Symbol.asyncDispose]())
  const connect = async () => {
    const bus = await connectBus({ host: server.host, port: server.port, tls: false })
    context.after(() => bus[Symbol.asyncDispose]())
    return bus
  }
  const bus = await connect()
  for (const name of ['bench-hosts', 'bench-leases'])
    await new Kvm(bus.nats).create(name, { ttl: TTL_MS, history: 1 })
  return { server, bus, connect }
}

async function namesAt(bus: Bus): Promise<readonly string[]> {
  const { hosts } = await presentHosts(bus, await openPresence(bus))
  return hosts.map(({ name }) => name)
}

/** Waits for what holds sooner or later. */
async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert(tries < 300, `not in time: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const never = () => assert.fail('the name was lost')

describe('names and leases', { skip: withoutNats, concurrency: 4 }, () => {
  test('a host is there while it is, and no other has its name', async context => {
    const { bus, connect } = await serverOf(context)
    const other = await connect()
    const here = await announce(bus, OWN, never)
    // Longer than what is not refreshed would last.
    await new Promise(resolve => setTimeout(resolve, 1.5 * TTL_MS))
    const { hosts, skipped } = await presentHosts(other, await openPresence(other))
    assert.deepEqual(skipped, [])
    const [{ name, address, port, labels, engines, clockMs } = assert.fail()] = hosts
    assert.deepEqual({ ...OWN, name, address, port, labels, engines }, OWN)
    assert(Math.abs(clockMs) < 30_000)
    await assert.rejects(announce(other, { ...OWN, address: '192.0.2.8' }, never), {
      name: 'SetupError',
      message:
        '--name a: another bench serve (at 192.0.2.7, port 5990) has that name; end it, or choose another name',
    })
    await here[Symbol.asyncDispose]()
    assert.deepEqual(await namesAt(other), [])
    await assert.rejects(findHost(other, await openPresence(other), 'a'), /a: it has left/)
  })

  test('a host is seen with any label that a terminal can show, and one that others would leave out does not join', async context => {
    const { bus } = await serverOf(context)
    await using _here = await announce(bus, { ...OWN, labels: { team: '👩‍💻' } }, never)
    const { hosts, skipped } = await presentHosts(bus, await openPresence(bus))
    assert.deepEqual([hosts.map(each => each.labels), skipped], [[{ team: '👩‍💻' }], []])
    const labels = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`l${index}`, 'x']))
    for (const [wrong, part] of [
      [{ labels }, 'labels: more than 32 labels'],
      [{ labels: { zone: '\u001b[2J' } }, 'labels.zone: characters that control a terminal'],
      [{ address: 'fe80::1%eth0' }, 'address: '],
    ] as const)
      await assert.rejects(
        announce(bus, { ...OWN, name: 'b', ...wrong }, never),
        new RegExp(`^UsageError: cannot join as b: ${part}.*; change that$`),
      )
    assert.deepEqual(await namesAt(bus), ['a'])
  })

  test('the name of a host that has crashed is free again', async context => {
    const { bus, connect } = await serverOf(context)
    const crashed = await connect()
    await announce(crashed, OWN, never)
    await crashed.nats.close()
    const fresh = await announce(bus, { ...OWN, address: '192.0.2.8' }, never)
    const { address } = await findHost(bus, await openPresence(bus), 'a')
    assert.equal(address, '192.0.2.8')
    await fresh[Symbol.asyncDispose]()
  })

  test('a host is there again after the server was away for longer than it is remembered', async context => {
    const { server, bus } = await serverOf(context)
    const here = await announce(bus, OWN, never)
    await server.kill()
    await new Promise(resolve => setTimeout(resolve, 1.5 * TTL_MS))
    await server.start()
    await eventually('a is there again', async () => (await namesAt(bus)).includes('a'))
    await here[Symbol.asyncDispose]()
  })

  test('a name that another one took meanwhile is lost, and this is said once', async context => {
    const { bus } = await serverOf(context)
    let times = 0
    const here = await announce(bus, OWN, () => times++)
    const { kv } = await openPresence(bus)
    await kv.put('a', 'something else')
    await eventually('the name is lost', async () => times > 0)
    await new Promise(resolve => setTimeout(resolve, TTL_MS))
    assert.equal(times, 1)
    await here[Symbol.asyncDispose]()
  })

  test('none is missed that writes again while all are read', async context => {
    const { bus } = await serverOf(context)
    const { kv } = await openPresence(bus)
    const here = await announce(bus, OWN, never)
    const value = (await kv.get('a'))?.json<object>()
    const names = ['a', ...Array.from({ length: 20 }, (_, index) => `h${index}`)].sort()
    const write = (name: string) => kv.put(name, JSON.stringify({ ...value, name }))
    await Promise.all(names.map(write))
    let over = false
    const writing = (async () => {
      while (!over) await Promise.all(names.map(write))
    })()
    for (let time = 0; time < 20; time++) {
      const { hosts } = await presentHosts(bus, await openPresence(bus))
      assert.deepEqual(
        hosts.map(({ name }) => name),
        names,
      )
    }
    over = true
    await writing
    await here[Symbol.asyncDispose]()
  })

  test('impossible descriptions are left out, and named', async context => {
    const { bus } = await serverOf(context)
    const bucket = await openPresence(bus)
    const here = await announce(bus, OWN, never)
    const right = (await bucket.kv.get('a'))?.json<object>()
    const wrong: readonly unknown[] = [
      'no JSON',
      { ...right, name: 'x1', port: 0 },
      { ...right, name: 'x2', address: 'evil.example' },
      { ...right, name: 'x3', version: '\u001b[2J' },
      { ...right, name: 'x4', labels: { zone: 'x'.repeat(10_000) } },
      { ...right, name: 'another' },
      { ...right, name: 'x6', engines: ['$(reboot)'] },
      // No date.
      { ...right, name: 'x7', since: 1e20 },
      { ...right, name: 'x8', now: -1 },
    ]
    for (const [index, value] of wrong.entries())
      await bucket.kv.put(`x${index}`, typeof value === 'string' ? value : JSON.stringify(value))
    const { hosts, skipped } = await presentHosts(bus, bucket)
    assert.deepEqual(
      hosts.map(({ name }) => name),
      ['a'],
    )
    assert.deepEqual(
      [...skipped].sort(),
      wrong.map((_, index) => `x${index}`),
    )
    await here[Symbol.asyncDispose]()
  })

  test('a host has one lease at a time: the second run gets none, and holds nothing', async context => {
    const { bus, connect } = await serverOf(context)
    const [first, second] = [await Leases.open(bus), await Leases.open(await connect())]
    const held = await first.hold(['b', 'c'], 'run-1')
    await new Promise(resolve => setTimeout(resolve, 1.5 * TTL_MS))
    await assert.rejects(second.hold(['a', 'b'], 'run-2'), (error: unknown) => {
      assert(error instanceof SetupError)
      assert.match(error.message, /^b: busy until \d\d:\d\d:\d\d with run run-1; try again later$/)
      return true
    })
    assert.equal(await first.objection('b', held.id), undefined)
    assert.match((await first.objection('b', crypto.randomUUID())) ?? '', /^busy until .* with run run-1$/)
    assert.match((await first.objection('a', held.id)) ?? '', /has run out/)
    const busy = await second.current()
    assert.deepEqual([...busy].map(([host, { run }]) => [host, run]).sort(), [
      ['b', 'run-1'],
      ['c', 'run-1'],
    ])
    await held[Symbol.asyncDispose]()
    const next = await second.hold(['a', 'b', 'c'], 'run-2')
    await next[Symbol.asyncDispose]()
    assert.equal((await first.current()).size, 0)
  })

  test('runs take hosts in one order: who waits for one holds none that comes after it', async context => {
    const { bus } = await serverOf(context)
    const leases = await Leases.open(bus)
    await using _held = await leases.hold(['a'], 'run-1')
    await assert.rejects(leases.hold(['b', 'a'], 'run-2'), /^SetupError: a: busy until/)
    const { kv } = await openBucket(bus, 'bench-leases', TTL_MS)
    assert.equal(await kv.get('b'), null)
  })

  test('a run that may wait gets a host once it is free, and waits in vain for each host once', async context => {
    const { bus } = await serverOf(context)
    const leases = await Leases.open(bus)
    const { signal } = new AbortController()
    const held = await leases.hold(['a'], 'run-1')
    const waiting = leases.holdPatiently(['a', 'b'], 'run-2', signal, 60_000)
    await held[Symbol.asyncDispose]()
    const next = await waiting
    const hold = (patienceMs: number) => leases.holdPatiently(['c', 'b'], 'run-3', signal, patienceMs)
    await assert.rejects(hold(0), /^SetupError: b: busy until .* with run run-2; try again later$/)
    // The runner would end this test before.
    await assert.rejects(hold(3_600_000), /^SetupError: b: busy until/)
    await next[Symbol.asyncDispose]()
    const last = await hold(0)
    await last[Symbol.asyncDispose]()
  })

  test('a lease with an impossible value belongs to no run', async context => {
    const { bus } = await serverOf(context)
    const leases = await Leases.open(bus)
    const { kv } = await openBucket(bus, 'bench-leases', TTL_MS)
    await kv.put('a', JSON.stringify({ id: crypto.randomUUID(), run: 'run-1', since: 1e20 }))
    assert.equal((await leases.current()).size, 0)
    await assert.rejects(leases.hold(['a'], 'run-2'), /^SetupError: a: its lease has an impossible value;/)
  })

  test('the lease of a run that is dead runs out', async context => {
    const { bus, connect } = await serverOf(context)
    const dead = await connect()
    await (await Leases.open(dead)).hold(['a'], 'run-1')
    await dead.nats.close()
    const leases = await Leases.open(bus)
    await eventually('it has run out', async () => (await leases.current()).size === 0)
    const held = await leases.hold(['a'], 'run-2')
    await held[Symbol.asyncDispose]()
  })

  test('a holder whose answer was lost still holds', async context => {
    const { bus } = await serverOf(context)
    const bucket = await openBucket(bus, 'bench-leases', TTL_MS)
    const holding = {
      ...{ bucket, key: 'a', value: () => ({ mine: true }), lost: never },
      isOwn: () => true,
    }
    await bucket.kv.create('a', 'as if by a request that was answered too late')
    const held = await HeldKey.take(holding)
    assert(held instanceof HeldKey)
    await held[Symbol.asyncDispose]()
    assert.equal((await bucket.kv.get('a'))?.operation, 'DEL')
  })

  test('a bucket that would keep everything is refused', async context => {
    const { bus } = await serverOf(context)
    await new Kvm(bus.nats).create('bench-forever', { history: 1 })
    await assert.rejects(openBucket(bus, 'bench-forever', TTL_MS), {
      message: 'bucket bench-forever keeps values for 0 ms; delete it, or give it a time to live of 2 s',
    })
  })
})
