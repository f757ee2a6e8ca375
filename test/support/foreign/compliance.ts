/**
 * `node --test compliance.js` with FOREIGN=freebsd or darwin: the compliance suite of the native engine as it runs on that system, and what
 * the suite does not look at.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
// Loads its library for the system that this really is.
import 'koffi'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Foreign } from './headers.ts'

const system = process.env['FOREIGN'] as Foreign
Object.defineProperty(process, 'platform', { value: system })

const { BUILT_IN } = await import('../../../transports/catalog.ts')
const { loadLibc } = await import('../../../transports/engines/native/libc.ts')
const { createNativeSockets } = await import('../../../transports/engines/native/native.ts')
const { newTally } = await import('../../../transports/engines/tally.ts')
const { complianceSuite } = await import('../../compliance/suite.ts')
const { NEVER } = await import('../transfers.ts')
const { foreignBinding } = await import('./foreign-libc.ts')

const sockets = createNativeSockets(await loadLibc(await foreignBinding(system)))
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

test('options: those that it has are read back, and those that it does not have are objected to', async () => {
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
})

test('a batch over the send buffer goes by several calls', async () => {
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

test('several datagrams go by one call, and one write of a stream', async () => {
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

test('it is used only if asked for by name, and then says that it is untested', async () => {
  const { engines } = BUILT_IN
  assert.deepEqual(await engines.choose('auto'), { engine: 'node', there: 'auto' })
  // This C library has none of the calls of macOS.
  const asked = engines.choose('native')
  if (system === 'darwin') await assert.rejects(asked, /--engine native: .*sendmsg_x.*; use --engine node/)
  else
    assert.match(
      (await asked).warning ?? '',
      /^the native engine is untested here: nobody has run it on freebsd/,
    )
})
