/**
 * `node --test compliance.js` with FOREIGN=freebsd, darwin or win32: the compliance suite of the native engine as it runs on that system, and what
 * the suite does not look at.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
// Loads its library for the system that this really is.
import 'koffi'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Binding } from '../../../transports/engines/native/binding.ts'
import type { Foreign } from './headers.ts'

const system = process.env['FOREIGN'] as Foreign
Object.defineProperty(process, 'platform', { value: system })

const { BUILT_IN } = await import('../../../transports/catalog.ts')
const { loadLibc } = await import('../../../transports/engines/native/libc.ts')
const { createNativeSockets } = await import('../../../transports/engines/native/native.ts')
const { newTally } = await import('../../../transports/engines/tally.ts')
const { complianceSuite } = await import('../../compliance/suite.ts')
const { NEVER } = await import('../transfers.ts')

const sockets = createNativeSockets(await loadLibc(await bindingOf(system)))

async function bindingOf(foreign: Foreign): Promise<Binding> {
  if (foreign === 'win32') return (await import('./windows-libc.ts')).windowsBinding()
  return (await import('./foreign-libc.ts')).foreignBinding(foreign)
}
for (const transport of BUILT_IN.transports.values())
  complianceSuite(transport, sockets, `native as on ${system}`)

for (const [family, to] of [
  [4, '127.0.0.77'],
  [6, '127.0.0.77'],
  [6, '::1'],
] as const)
  test(`a socket of IPv${family} bound to all addresses answers from ${to}, which was asked`, async () => {
    const local = { host: family === 4 ? '0.0.0.0' : '::', port: 0, family } as const
    await using all = await sockets.bindDatagram({ signal: NEVER, local })
    const connect: Endpoint = { host: to, port: all.local.port, family: to.includes(':') ? 6 : 4 }
    const own = { host: to.includes(':') ? '::1' : '127.0.0.1', port: 0, family: connect.family }
    await using client = await sockets.bindDatagram({ signal: NEVER, local: own, connect })
    const send = (from: typeof all, text: string, at?: Endpoint) =>
      from.send(Buffer.from(text), text.length, 0, 1, newTally(), at)
    const answered = new Promise(resolve => {
      client.read((memory, start, end) => resolve(memory.toString('latin1', start, end)))
      all.read((memory, start, end, source) => {
        assert.deepEqual([source.host, source.via], [own.host, to])
        void send(all, `${memory.toString('latin1', start, end)} answered`, { ...source })
      })
    })
    await send(client, 'asked')
    assert.equal(await answered, 'asked answered')
  })

const OF_BSD = { skip: system === 'win32' && 'of BSD' }
const OF_WINDOWS = { skip: system !== 'win32' && 'of Windows' }

test(
  'options: those that it has are read back, and those that it does not have are objected to',
  OF_BSD,
  async () => {
    const local = { host: '127.0.0.1', port: 0, family: 4 } as const
    const options = { rcvbufBytes: 100_000, sndbufBytes: 100_000, dscp: 46, batch: 8 }
    await using socket = await sockets.bindDatagram({ signal: NEVER, local, options })
    const { dscp, batch, df } = socket.state
    assert.deepEqual({ dscp, batch, df }, { dscp: 46, batch: 8, df: undefined })
    assert((socket.state.rcvbufBytes ?? 0) >= 100_000)
    assert.deepEqual(sockets.objection('datagram', 4, { gso: true }), {
      option: 'gso',
      reason: 'this system does not have it; leave it out',
    })
    assert.equal(sockets.objection('datagram', 4, { ...options, df: 'do' })?.option, 'df')
    assert.equal(sockets.objection('stream', 4, { nodelay: false, mssBytes: 1000 }), undefined)
  },
)

test('a batch over the send buffer goes by several calls', OF_BSD, async () => {
  const local = { host: '127.0.0.1', port: 0, family: 4 } as const
  await using receiver = await sockets.bindDatagram({ signal: NEVER, local, options: { rcvbufBytes: 1e6 } })
  const options = { sndbufBytes: 10_000 }
  await using sender = await sockets.bindDatagram({ signal: NEVER, local, connect: receiver.local, options })
  let arrived = 0
  const all = new Promise<void>(resolve => {
    receiver.read(() => {
      if (++arrived === 64) resolve()
    })
  })
  const tally = newTally()
  await sender.send(Buffer.alloc(64_000), 1000, 0, 64, tally)
  await all
  assert.deepEqual([tally.accepted, tally.refused, tally.acceptedBytes], [64, 0, 64_000])
  const most = system === 'darwin' ? 10 : 64
  const { sendsPerCall = 0, fullSends } = sender.info()
  assert(sendsPerCall > 1 && sendsPerCall <= most, `${sendsPerCall} datagrams a call`)
  assert.equal(fullSends, 0)
})

test('several datagrams go by one call, and one write of a stream', OF_BSD, async () => {
  const local = { host: '127.0.0.1', port: 0, family: 4 } as const
  await using receiver = await sockets.bindDatagram({ signal: NEVER, local })
  await using sender = await sockets.bindDatagram({ signal: NEVER, local, connect: receiver.local })
  await sender.send(Buffer.alloc(6400), 100, 0, 64, newTally())
  // macOS has learned of smaller batches above, and offers more with each call.
  assert((sender.info().sendsPerCall ?? 0) >= (system === 'darwin' ? 16 : 64))
  await using listener = await sockets.listen({ signal: NEVER, local }, () => {})
  await using stream = await sockets.connect({ signal: NEVER, to: listener.local })
  await stream.write(Buffer.alloc(6400), 100)
  assert.deepEqual([stream.info().sendsPerCall, stream.state.batch], [1, 1])
})

test('Windows: the same, of its options', OF_WINDOWS, async () => {
  const local = { host: '127.0.0.1', port: 0, family: 4 } as const
  const options = { rcvbufBytes: 100_000, sndbufBytes: 100_000 }
  await using socket = await sockets.bindDatagram({ signal: NEVER, local, options })
  assert((socket.state.rcvbufBytes ?? 0) >= 100_000)
  assert.equal(socket.state.batch, 1)
  for (const lacking of [{ dscp: 46 }, { batch: 8 }, { df: 'do' }, { device: 'lo' }] as const)
    assert.match(sockets.objection('datagram', 4, lacking)?.reason ?? '', /^this system does not have it/)
  assert.equal(sockets.objection('datagram', 4, { gso: true, gro: true }), undefined)
  assert.equal(sockets.objection('multicast', 4, { device: 'lo' }), undefined)
  assert.equal(sockets.objection('stream', 4, { mssBytes: 1000 })?.option, 'mssBytes')
  await using listener = await sockets.listen({ signal: NEVER, local }, () => {})
  for (const nodelay of [true, false]) {
    await using stream = await sockets.connect({ signal: NEVER, to: listener.local, options: { nodelay } })
    assert.equal(stream.state.nodelay, nodelay)
  }
})

test('Windows: a socket hears on after an error that came of one datagram', OF_WINDOWS, async () => {
  const local = { host: '127.0.0.1', port: 0, family: 4 } as const
  const answering = async (port: number) => {
    const server = await sockets.bindDatagram({ signal: NEVER, local: { ...local, port } })
    server.read((memory, start, end, from) => {
      void server.send(Buffer.from(memory.subarray(start, end)), 4, 0, 1, newTally(), from)
    })
    return server
  }
  const first = await answering(0)
  await using client = await sockets.bindDatagram({ signal: NEVER, local, connect: first.local })
  const heard: string[] = []
  client.read((memory, start, end) => heard.push(memory.toString('latin1', start, end)))
  const ask = (text: string) => client.send(Buffer.from(text), 4, 0, 1, newTally())
  const until = async (text: string) => {
    while (!heard.includes(text)) await client.pause(1)
  }
  await ask('once')
  await until('once')
  await first[Symbol.asyncDispose]()
  await ask('lost')
  await client.pause(20)
  await using _second = await answering(first.local.port)
  await ask('more')
  await until('more')
  assert.deepEqual(heard, ['once', 'more'])
})

for (const family of [4, 6] as const)
  test(
    `Windows: IPv${family}, one call sends what the system segments, and one reads what it coalesced`,
    OF_WINDOWS,
    async () => {
      const local = { host: family === 4 ? '127.0.0.1' : '::1', port: 0, family } as const
      const reading = { gro: true, rcvbufBytes: 1e6 }
      await using receiver = await sockets.bindDatagram({
        signal: NEVER,
        local,
        options: reading,
        hops: true,
      })
      await using sender = await sockets.bindDatagram({
        signal: NEVER,
        local,
        connect: receiver.local,
        options: { gso: true },
      })
      const sizes: number[] = []
      const all = new Promise<void>(resolve => {
        receiver.read((_, start, end, _from, _at, eachBytes, hops) => {
          assert.equal(hops, 64)
          const length = end - start
          for (let at = 0; at < length; at += eachBytes ?? length)
            sizes.push(Math.min(eachBytes ?? length, length - at))
          if (sizes.length === 40) resolve()
        })
      })
      const tally = newTally()
      await sender.send(Buffer.alloc(39_500), 1000, 0, 40, tally)
      await all
      assert.deepEqual(sizes, [...Array.from({ length: 39 }, () => 1000), 500])
      assert.deepEqual([tally.accepted, tally.acceptedBytes], [40, 39_500])
      assert.equal(sender.info().segmentedSends, 1)
      assert((receiver.info().gluedReads ?? 0) > 0)
    },
  )

test('it is used only if asked for by name, and then says that it is untested', async () => {
  const { engines } = BUILT_IN
  assert.deepEqual(await engines.choose('auto'), { engine: 'node', there: 'auto' })
  // This C library has none of the calls of macOS, and there is no ws2_32.dll.
  const asked = engines.choose('native')
  if (system === 'darwin') await assert.rejects(asked, /--engine native: .*sendmsg_x.*; use --engine node/)
  else if (system === 'win32')
    await assert.rejects(asked, /--engine native: Failed to load shared library.*; use --engine node/)
  else
    assert.match(
      (await asked).warning ?? '',
      /^the native engine is untested here: nobody has run it on freebsd/,
    )
})
