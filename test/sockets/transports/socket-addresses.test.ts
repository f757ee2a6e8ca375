/** Sockets bound to all addresses: which families they take, how they name their peers, and from where their answers leave. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe } from 'node:test'
import fc from 'fast-check'
import { isWildcard, unmapped, withoutZone } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../../../transports/contract/sockets.ts'
import { readAddress, SOCKADDR_BYTES, writeAddress } from '../../../transports/engines/native/address.ts'
import { loadNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 30_000 }
const ANY = { 4: { host: '0.0.0.0', port: 0, family: 4 }, 6: { host: '::', port: 0, family: 6 } } as const
const engines: readonly (() => Promise<Sockets>)[] = [
  async () => nodeSockets,
  ...(obstacleToNative() === undefined ? [loadNativeSockets] : []),
]

/** Who is told of the next datagram of a socket that is read already. */
const listeners = new WeakMap<DatagramSocket, (source: Endpoint) => void>()
const read = new WeakSet<DatagramSocket>()

for (const load of engines) {
  const sockets = await load()
  describe(`the ${sockets.engine} engine, bound to all addresses`, () => {
    for (const [bind, to, from] of [
      [6, '127.0.0.1', '127.0.0.1'],
      [6, '::1', '::1'],
      [4, '127.0.0.1', '127.0.0.1'],
    ] as const)
      test(`${ANY[bind].host} hears ${to}, names it so, and is heard by it`, HANG, () =>
        leavesNothingOpen(async () => {
          await using all = await sockets.bindDatagram({ signal: NEVER, local: ANY[bind] })
          const { asked, answered } = await conversation(sockets, all, to, from)
          assert.deepEqual([asked.host, asked.family], [from, from.includes(':') ? 6 : 4])
          assert.equal(asked.via, to)
          assert.equal(answered, 'answer')
        }),
      )

    for (const to of ['127.0.0.1', '::1'])
      test(`:: takes connections of ${to}, and names it so`, HANG, () =>
        leavesNothingOpen(async () => {
          const come = later<Endpoint>()
          await using listener = await sockets.listen({ signal: NEVER, local: ANY[6] }, stream =>
            come.resolve(stream.remote),
          )
          const client = createConnection({ host: to, port: listener.local.port })
          await once(client, 'connect')
          const { host, family, port } = await come.promise
          assert.deepEqual({ host, family, port }, { host: to, family: isIP(to), port: client.localPort })
          client.destroy()
        }),
      )

    test('::1 is IPv6 only', HANG, async () => {
      await using one = await sockets.bindDatagram({
        signal: NEVER,
        local: { host: '::1', port: 0, family: 6 },
      })
      // The port is still to be had of IPv4.
      const local = { host: '127.0.0.1', port: one.local.port, family: 4 } as const
      await using other = await sockets.bindDatagram({ signal: NEVER, local })
      assert.equal(other.local.port, one.local.port)
    })
  })
}

describe('the native engine', { skip: obstacleToNative() ?? false }, () => {
  for (const family of [4, 6] as const)
    test(`${ANY[family].host} answers from the address that was asked, of several`, HANG, () =>
      leavesNothingOpen(async () => {
        const sockets = await loadNativeSockets()
        await using all = await sockets.bindDatagram({ signal: NEVER, local: ANY[family] })
        // All of 127.0.0.0/8 is this host: without a word the system would answer from 127.0.0.1.
        const { asked, answered } = await conversation(sockets, all, '127.0.0.77', '127.0.0.1')
        assert.deepEqual([asked.via, answered], ['127.0.0.77', 'answer'])
        // The next answer, to another address, is none of that one.
        const next = await conversation(sockets, all, '127.0.0.1', '127.0.0.1')
        assert.deepEqual([next.asked.via, next.answered], ['127.0.0.1', 'answer'])
      }),
    )

  test('a datagram to a zone that this host does not have goes nowhere, and the socket goes on', HANG, () =>
    leavesNothingOpen(async () => {
      const sockets = await loadNativeSockets()
      await using sender = await sockets.bindDatagram({ signal: NEVER, local: ANY[6] })
      await using other = await sockets.bindDatagram({ signal: NEVER, local: { ...ANY[6], host: '::1' } })
      const heard: string[] = []
      const done = later<void>()
      other.read((memory, start, end) => {
        if (heard.push(memory.toString('latin1', start, end)) === 2) done.resolve()
      })
      const nowhere = { host: 'fe80::7%nowhere', port: other.local.port, family: 6 } as const
      for (const [text, to, code] of [
        ['1', other.local, undefined],
        ['lost', nowhere, 'ENODEV'],
        ['lost', nowhere, 'ENODEV'],
        ['2', other.local, undefined],
      ] as const) {
        const tally = newTally()
        await sender.send(Buffer.from(text), text.length, 0, 1, tally, to)
        assert.deepEqual([tally.accepted, tally.failure?.code], [code ? 0 : 1, code])
      }
      await done.promise
      assert.deepEqual(heard, ['1', '2'])
    }),
  )
})

test('an address is read as it was written, an IPv4 one at a socket of IPv6 too', () => {
  const memory = Buffer.alloc(SOCKADDR_BYTES)
  const port = fc.integer({ min: 0, max: 65_535 })
  fc.assert(
    fc.property(fc.ipV4(), port, fc.constantFrom(4 as const, 6 as const), (host, port, socketFamily) => {
      const endpoint = { host, port, family: 4 } as const
      writeAddress(memory, 0, endpoint, socketFamily)
      assert.deepEqual(readAddress(memory, 0), endpoint)
    }),
  )
  fc.assert(
    fc.property(fc.ipV6(), port, (host, port) => {
      writeAddress(memory, 0, { host, port, family: 6 })
      const read = readAddress(memory, 0)
      writeAddress(memory, 0, read, 6)
      assert.deepEqual(readAddress(memory, 0), read)
      assert.equal(read.port, port)
    }),
  )
})

test('a link-local address keeps its zone, by name or by number', t => {
  const found = Object.entries(networkInterfaces())
    .flatMap(([name, addresses = []]) => addresses.map(each => ({ name, ...each })))
    .find(each => each.family === 'IPv6' && each.scopeid > 0)
  if (found?.family !== 'IPv6') return t.skip('no interface here has a link-local address')
  const memory = Buffer.alloc(SOCKADDR_BYTES)
  for (const zone of [found.name, String(found.scopeid)]) {
    writeAddress(memory, 0, { host: `fe80::7%${zone}`, port: 7, family: 6 })
    assert.deepEqual(readAddress(memory, 0), { host: `fe80::7%${found.name}`, port: 7, family: 6 })
  }
})

test('a zone that is none of this host is an error with a code', () => {
  const endpoint = { host: 'fe80::7%nowhere', port: 7, family: 6 } as const
  assert.throws(() => writeAddress(Buffer.alloc(SOCKADDR_BYTES), 0, endpoint), { code: 'ENODEV' })
})

test('texts of addresses', () => {
  for (const host of ['0.0.0.0', '::', '0::0', '0:0:0:0:0:0:0:0']) assert.ok(isWildcard(host), host)
  for (const host of ['127.0.0.1', '::1', '10.0.0.0']) assert.ok(!isWildcard(host), host)
  assert.equal(unmapped('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(unmapped('2001:db8::1'), '2001:db8::1')
  assert.equal(withoutZone('fe80::1%eth0'), 'fe80::1')
})

/** Somebody at `from` asks at `to`, where `all` answers: what it saw of the other, and what that one heard. */
async function conversation(sockets: Sockets, all: DatagramSocket, to: string, from: string) {
  const family = to.includes(':') ? 6 : 4
  const connect: Endpoint = { host: to, port: all.local.port, family }
  await using peer = await sockets.bindDatagram({
    signal: NEVER,
    local: { host: from, port: 0, family },
    connect,
  })
  const asked = later<Endpoint>()
  const answered = later<string>()
  listeners.set(all, asked.resolve)
  if (!read.has(all)) {
    read.add(all)
    all.read((_memory, _start, _end, source) => listeners.get(all)?.(source))
  }
  peer.read((memory, start, end) => answered.resolve(memory.toString('latin1', start, end)))
  const question = Buffer.from('question')
  await peer.send(question, question.length, 0, 1, newTally())
  const source = await asked.promise
  const answer = Buffer.from('answer')
  await all.send(answer, answer.length, 0, 1, newTally(), source)
  return { asked: source, answered: await answered.promise }
}

function later<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>(take => {
    resolve = take
  })
  return { promise, resolve }
}
