/** Whoever comes to `bench serve` without knowing the token: he gets nothing, and is in nobody's way. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { after, before, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { PROTOCOL } from '../../bench/fleet/calls/protocol.ts'
import { encodeFrame } from '../../bench/fleet/link/frames.ts'
import { newNonce } from '../../bench/fleet/link/proof.ts'
import { HostileClient } from '../support/hostile-client.ts'
import { test } from '../support/patient.ts'
import { withoutProc } from './cli.ts'
import { logOf, memoryOf } from './daemon.ts'
import { type Server, startServer, TOKEN } from './two-hosts.ts'

/** A server bears a stranger for 5 s. On a busy machine it takes longer: who came a second later shows that it is no second time. */
const AT_LEAST_MS = 4500
const LATER_MS = 1000

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

  /** A connection that does this is borne for 5 s, and not as long as one that says nothing and comes a second later. */
  async function assertBorneOnce(act: (client: HostileClient) => Promise<void>): Promise<void> {
    const since = monotonic()
    using client = await HostileClient.connect(server.port)
    const acting = act(client)
    await sleep(LATER_MS)
    using silent = await HostileClient.connect(server.port)
    await Promise.all([acting, client.closed()])
    const [closedAt = 0, silentClosedAt = Number.POSITIVE_INFINITY] = [client.closedAt, silent.closedAt]
    assert(closedAt - since > AT_LEAST_MS, `${closedAt - since}`)
    assert(closedAt <= silentClosedAt, 'who came later was let go earlier')
  }

  test('who says nothing is borne for 5 s', () => assertBorneOnce(async () => {}))

  test('who says a byte every 100 ms is borne for 5 s in all', () =>
    assertBorneOnce(async client => {
      const bytes = hello()
      for (let at = 0; client.closedAt === undefined; at++) {
        client.write(bytes.subarray(at, at + 1))
        await sleep(100)
      }
    }))

  test('who says hello late has no second 5 s for the proof', () =>
    assertBorneOnce(async client => {
      await sleep(2500)
      client.write(hello())
      await client.hear('challenge')
    }))

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
    for (const bytes of junk) {
      using silent = await HostileClient.connect(server.port)
      using client = await HostileClient.connect(server.port)
      client.write(bytes)
      await client.closed()
      assert.equal(silent.closedAt, undefined, 'who says nothing was let go before')
    }
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
