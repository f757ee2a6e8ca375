/** Clients that flood a daemon, kill its agents, or send from elsewhere. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newNonce, proofOf } from '../../bench/fleet/link/proof.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { encodeLength } from '../../transports/protocols/udp-header.ts'
import { HostileClient, prepare, SETTLE, WARM_UP } from '../support/hostile-client.ts'
import { test } from '../support/patient.ts'
import { childrenOf, withoutProc } from './cli.ts'
import { eventually, logOf, memoryOf } from './daemon.ts'
import { useDaemons } from './hostile-daemons.ts'
import { startServer, TOKEN } from './two-hosts.ts'

describe('clients that are known, and do what they should not', { concurrency: 4, skip: withoutProc }, () => {
  const daemons = useDaemons(withoutProc)
  const { entered, alive } = daemons

  test('thousands of pings are answered; of who does not read the answers no more is read', async context => {
    const client = await entered(context)
    client.sayAll(Array.from({ length: 5000 }, (_, id) => ({ type: 'ping', id })))
    await alive(client)
    const deaf = await entered(context)
    deaf.socket.pause()
    const before = memoryOf(daemons.server.pid)
    for (let id = 0; id < 400_000; id += 1000)
      deaf.sayAll(Array.from({ length: 1000 }, (_, more) => ({ type: 'ping', id: id + more })))
    await sleep(500)
    assert(memoryOf(daemons.server.pid) - before < 100, `${memoryOf(daemons.server.pid) - before} MiB more`)
    await alive(client)
  })

  test('frames of 16 MiB in a row are not taken, and with a file one is', async context => {
    const before = memoryOf(daemons.server.pid)
    const long = JSON.stringify({
      type: 'agent',
      message: { ...SETTLE, filling: 'x'.repeat((16 << 20) - 1000) },
    })
    for (let round = 0; round < 2; round++) {
      const client = await entered(context)
      client.sayText(long)
      await client.closed()
    }
    const client = await entered(context)
    client.tell(prepare({ payload: { kind: 'file', sizeBytes: 1000, chunkBytes: 100 } }))
    await client.hear('ready')
    client.sayText(long)
    await client.hear('receive-report')
    client.sayText(long)
    await client.closed()
    assert(memoryOf(daemons.server.pid) - before < 160, `${memoryOf(daemons.server.pid) - before} MiB more`)
  })

  test('an agent that is killed ends its session, and no other one', async context => {
    // Of a server of its own: the agents of the other tests are not to be taken for it.
    await using own = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0' })
    const [client, other] = [await entered(context, own), await entered(context, own)]
    client.tell({ ...WARM_UP })
    await client.hear('ready')
    const [agent = assert.fail('no agent'), ...more] = childrenOf(own.pid)
    assert.deepEqual(more, [])
    process.kill(agent, 'SIGKILL')
    assert.match((await client.hear('agent-gone')).reason ?? '', /SIGKILL/)
    await client.closed()
    await alive(other)
  })

  test('datagrams of another host are stray and get no answer; an answer is never longer than what came', async context => {
    const client = await entered(context)
    const payload = new GeneratedPayload(1000, 100, 1)
    client.tell(prepare())
    const { message } = await client.hear('ready')
    const port = message?.endpoint?.port ?? 0
    const [ours, spoofed] = [
      createSocket('udp4').bind(0, '127.0.0.1'),
      createSocket('udp4').bind(0, '127.0.0.2'),
    ]
    context.after(() => [ours, spoofed].map(socket => socket.close()))
    const got = { ours: 0, spoofed: 0 }
    ours.on('message', bytes => {
      got.ours += bytes.length
    })
    spoofed.on('message', () => got.spoofed++)
    await Promise.all([once(ours, 'listening'), once(spoofed, 'listening')])
    const say = async (socket: typeof ours, bytes: Buffer) => {
      await new Promise(resolve => socket.send(bytes, port, '127.0.0.1', resolve))
      await sleep(2)
    }
    const whole = payload.whole()
    const chunks = Array.from({ length: 10 }, (_, at) => whole.subarray(at * 100, at * 100 + 100))
    for (const bytes of [encodeLength(1000), ...chunks]) await say(spoofed, bytes)
    for (const bytes of [encodeLength(1000), ...chunks]) await say(ours, bytes)
    for (const bytes of [encodeLength(1000), ...chunks]) await say(spoofed, bytes)
    client.tell({ ...SETTLE, sent: { bytesAccepted: 1000, datagramsAccepted: 10 } })
    const { report } = (await client.hear('receive-report')).message ?? {}
    assert.equal(report?.bytesDelivered, 1000)
    assert.equal(report?.datagrams?.stray, 22)
    assert.equal(got.spoofed, 0)
    assert(got.ours > 0 && got.ours <= 1008)
  })

  test('a ticket is good for one visit, and for nobody who made it up', async context => {
    const client = await entered(context)
    client.say({ type: 'invite', id: 1 })
    const { ticket } = (await client.hear('invited')) as { ticket?: string }
    const visit = async (ticket: string | undefined) => {
      using visitor = await HostileClient.connect(daemons.server.port)
      const nonce = newNonce()
      const proof = proofOf(`${ticket} ${TOKEN}`, 'client', { client: nonce, server: nonce })
      visitor.say({ type: 'visit', nonce, proof })
      return (await visitor.hear('visited', 'refused')).type
    }
    assert.equal(await visit('0'.repeat(64)), 'refused')
    assert.equal(await visit(ticket), 'visited')
    assert.equal(await visit(ticket), 'refused')
  })

  test('who is gone leaves nothing behind', async context => {
    const client = await entered(context)
    client.tell(prepare())
    await client.hear('ready')
    client.socket.resetAndDestroy()
    await eventually('session closed', () =>
      logOf(daemons.server).some(
        ({ event, reason }) => event === 'session-closed' && /ECONNRESET/.test(reason ?? ''),
      ),
    )
  })
})
