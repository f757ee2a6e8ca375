/** Whoever comes to `bench serve` without knowing the token: he gets nothing, and is in nobody's way. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { PROTOCOL } from '../../bench/fleet/calls/protocol.ts'
import { encodeFrame } from '../../bench/fleet/link/frames.ts'
import { newNonce } from '../../bench/fleet/link/proof.ts'
import { HostileClient } from '../support/hostile-client.ts'
import { withoutProc } from './cli.ts'
import { logOf, memoryOf } from './daemon.ts'
import { type Server, startServer, TOKEN } from './two-hosts.ts'

/** A server may take 5 s of its own, and the machine is busy. */
const AT_LEAST_MS = 4500
const WELL_UNDER_TWICE_MS = 8500

const hello = () =>
  encodeFrame(
    Buffer.from(JSON.stringify({ type: 'hello', protocol: PROTOCOL, version: '0.1.0', nonce: newNonce() })),
  )

describe('strangers', { concurrency: 8 }, () => {
  let server: Server
  before(async () => {
    server = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0' })
  })
  after(async () => {
    // Whatever strangers do, each line is one JSON object, and there are few of them.
    assert(logOf(server).length < 500)
    await server[Symbol.asyncDispose]()
  })

  /** How long the server bears a connection that does this. */
  async function borne(act: (client: HostileClient) => void, every = 0): Promise<number> {
    const since = monotonic()
    using client = await HostileClient.connect(server.port)
    act(client)
    const timer = every > 0 ? setInterval(() => act(client), every) : undefined
    await client.closed()
    clearInterval(timer)
    return (client.closedAt ?? 0) - since
  }

  test('who says nothing is borne for 5 s', async () => {
    const ms = await borne(() => {})
    assert(ms > AT_LEAST_MS && ms < WELL_UNDER_TWICE_MS, `${ms}`)
  })

  test('who says a byte every 100 ms is borne for 5 s in all', async () => {
    const bytes = hello()
    let at = 0
    const ms = await borne(client => client.write(bytes.subarray(at, ++at)), 100)
    assert(ms > AT_LEAST_MS && ms < WELL_UNDER_TWICE_MS, `${ms}`)
  })

  test('who says hello late has no second 5 s for the proof', async () => {
    const since = monotonic()
    using client = await HostileClient.connect(server.port)
    await sleep(3500)
    client.write(hello())
    await client.hear('challenge')
    await client.closed()
    assert((client.closedAt ?? 0) - since < WELL_UNDER_TWICE_MS)
  })

  test('who says what is no hello is turned away at once', async () => {
    const junk = [
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0, 1, 0, 1]),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(100_000, 0x55),
      encodeFrame(Buffer.from('[[[[')),
      encodeFrame(Buffer.from('['.repeat(65_000))),
      encodeFrame(Buffer.from('{"__proto__":{"type":"hello"}}')),
      encodeFrame(Buffer.from('{"type":"agent","message":{"type":"abort","trial":1}}')),
      encodeFrame(Buffer.from('{"type":["hello"],"protocol":null,"nonce":{}}')),
      encodeFrame(Buffer.from([0xff, 0xfe, 0x00])),
    ]
    for (const bytes of junk) assert((await borne(client => client.write(bytes))) < AT_LEAST_MS)
  })

  test('who says again what a client that is known has said, byte for byte, is not let in', async () => {
    using honest = await HostileClient.enter(server.port, TOKEN)
    honest.say({ type: 'ping', id: 1 })
    await honest.hear('pong')
    using eavesdropper = await HostileClient.connect(server.port)
    for (const bytes of honest.written) eavesdropper.write(bytes)
    assert.equal((await eavesdropper.hear('refused')).code, 'DENIED')
    await eavesdropper.closed()
    assert(!eavesdropper.heard.some(({ type }) => type === 'pong' || type === 'welcome'))
    honest.say({ type: 'ping', id: 2 })
    await honest.hear('pong')
  })

  test('a thousand at once, silent or in the middle of a hello, keep nobody out', {
    skip: withoutProc,
  }, async () => {
    const before = memoryOf(server.pid)
    const sockets = Array.from({ length: 1000 }, (_, index) => {
      const socket = connect({ host: '127.0.0.1', port: server.port })
      socket.on('error', () => {})
      if (index % 2 === 0) socket.write(hello().subarray(0, 50))
      return socket
    })
    const honest = await Promise.all([1, 2, 3].map(() => HostileClient.enter(server.port, TOKEN)))
    for (const client of honest) client.say({ type: 'ping', id: 1 })
    for (const client of honest) await client.hear('pong')
    assert(memoryOf(server.pid) - before < 64, 'MiB')
    for (const client of honest) client[Symbol.dispose]()
    for (const socket of sockets) {
      socket.destroy()
      if (!socket.closed) await once(socket, 'close')
    }
  })
})
