/** Clients of `bench serve` that know the token and keep to nothing: they get what a client may have, and the daemon lives on. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newNonce, proofOf } from '../../bench/fleet/link/proof.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { encodeLength } from '../../transports/protocols/udp-header.ts'
import { GO, HostileClient, prepare, SETTLE, WARM_UP } from '../support/hostile-client.ts'
import { allGone, childrenOf, withoutProc } from './cli.ts'
import { eventually, logOf, memoryOf } from './daemon.ts'
import { type Server, startServer, TOKEN } from './two-hosts.ts'

const LIMITS = ['--max-size', '64M', '--max-rate', '100M', '--max-sessions', '100']
/** Of a server of its own: others are not to be let go because the machine is busy. */
const IMPATIENT = ['--max-duration', '3s', '--idle-timeout', '2s']

describe('clients that are known', { concurrency: 4, skip: withoutProc }, () => {
  let server: Server
  let impatient: Server
  before(async () => {
    server = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0', words: LIMITS })
    impatient = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0', words: IMPATIENT })
  })
  after(async () => {
    await impatient[Symbol.asyncDispose]()
    const agents = childrenOf(server.pid)
    assert.doesNotMatch(server.stderr, /internal error|TypeError|RangeError/)
    logOf(server)
    server.kill('SIGTERM')
    assert.equal((await server.over()).code, 0)
    await allGone(agents)
  })

  async function entered(context: TestContext, at = server): Promise<HostileClient> {
    // On a busy machine a handshake may take longer than the server allows: that is not what is tested.
    const enter = () => HostileClient.enter(at.port, TOKEN)
    const client = await enter().catch(enter).catch(enter)
    context.after(() => client[Symbol.dispose]())
    return client
  }

  async function denied(client: HostileClient, message: object): Promise<string> {
    client.tell(message)
    const { message: said } = await client.hear('failed')
    return `${said?.failure?.code} ${said?.failure?.message}`
  }

  async function alive(client: HostileClient): Promise<void> {
    client.say({ type: 'ping', id: 77 })
    while ((await client.hear('pong')).id !== 77);
  }

  test('sizes, rates, chunks and buffers over the limits are denied, one by one, and the session goes on', async context => {
    const client = await entered(context)
    const payload = (over: object) => ({
      kind: 'generated',
      sizeBytes: 1000,
      chunkBytes: 100,
      seed: 1,
      ...over,
    })
    const send = { role: 'send', rateBps: 1e6 }
    for (const [message, reason] of [
      [prepare({ payload: payload({ sizeBytes: 2 ** 40 }) }), /LIMIT .*--max-size/],
      [prepare({ payload: payload({ chunkBytes: 2 ** 40 }) }), /LIMIT .*--max-size/],
      [prepare({ payload: payload({ sizeBytes: 6e7, chunkBytes: 6e7 }) }), /LIMIT .*chunks of at most/],
      [prepare({ socket: { rcvbufBytes: 2 ** 40 } }), /LIMIT .*buffers/],
      [prepare({ role: 'send' }), /LIMIT .*--max-rate/],
      [prepare({ ...send, rateBps: 1e300 }), /LIMIT .*--max-rate/],
      [prepare({ ...send, transport: 'tcp', engine: 'node', socket: { maxPacingBps: 1 } }), /LIMIT/],
      [
        prepare({ ...send, payload: { kind: 'file', path: '/etc/passwd', sizeBytes: 9, chunkBytes: 9 } }),
        /sends only generated payloads, not files/,
      ],
      [prepare({ engine: 'no-such-engine' }), /no engine no-such-engine/],
      [prepare({ transport: 'no-such-transport' }), /no transport no-such-transport/],
      [prepare({ transport: '__proto__' }), /no transport/],
      [{ ...WARM_UP, engine: 'constructor' }, /no engine/],
    ] as const)
      assert.match(await denied(client, message), reason)
    await alive(client)
  })

  test('paths, addresses, arguments and an environment are nothing that a client has a say in', async context => {
    const client = await entered(context)
    const kept = join(tmpdir(), `bench-hostile-${process.pid}`)
    client.tell(
      prepare({
        payload: { kind: 'file', path: '/etc/passwd', sizeBytes: 100, chunkBytes: 100 },
        keepAs: kept,
        local: { host: '0.0.0.0', port: 1, family: 4 },
        peer: '127.0.0.2',
        env: { NODE_OPTIONS: '--inspect' },
        execArgv: ['--inspect'],
        cpu: 0,
        rehearse: true,
      }),
    )
    const { message } = await client.hear('ready')
    assert.equal(message?.endpoint?.host, '127.0.0.1')
    assert.equal(message?.rehearsal, undefined)
    client.tell({ ...SETTLE, fingerprint: { sha256: 'x' }, keepAs: kept })
    await client.hear('receive-report')
    assert(!existsSync(kept))
    const agents = childrenOf(server.pid).flatMap(startedAs)
    assert.notEqual(agents.length, 0)
    for (const { environment, words } of agents) {
      assert.doesNotMatch(environment, /BENCH_TOKEN/)
      assert.doesNotMatch(words, /inspect/)
    }
  })

  test('data go nowhere but to the client, and once', async context => {
    const client = await entered(context)
    const catcher = createSocket('udp4').bind(0, '127.0.0.1')
    context.after(() => catcher.close())
    await once(catcher, 'listening')
    let caught = 0
    catcher.on('message', () => caught++)
    client.tell(prepare({ role: 'send', transport: 'udp-marker', rateBps: 1e6 }))
    await client.hear('ready')
    for (const host of ['127.0.0.2', '8.8.8.8', 'localhost'])
      assert.match(
        await denied(client, { ...GO, to: { host, port: 9, family: 4 } }),
        /sends only to 127\.0\.0\.1/,
      )
    const elsewhere = { host: '127.0.0.1', port: catcher.address().port, family: 4 }
    for (let again = 0; again < 20; again++) client.tell({ ...GO, to: elsewhere, rehearsal: elsewhere })
    await client.hear('send-report')
    await alive(client)
    await sleep(100)
    // 10 chunks and two markers.
    assert.equal(caught, 12)
    client.say({ type: 'visit', id: 5, host: 'localhost', port: 1, tls: false, ticket: '0'.repeat(64) })
    assert.match((await client.hear('refused')).reason ?? '', /unknown request/)
  })

  test('two trials at once are one too many', async context => {
    const client = await entered(context)
    client.tell(prepare())
    await client.hear('ready')
    for (const message of [prepare({ trial: 2 }), { ...WARM_UP, trial: 3 }])
      assert.match(await denied(client, message), /one trial at a time/)
    client.tell({ type: 'abort', trial: 1 })
    await client.hear('failed')
    client.tell({ ...WARM_UP, trial: 4 })
    for (let trial = 5; trial < 50; trial++) client.tell({ ...WARM_UP, trial })
    await client.hear('ready')
    await alive(client)
  })

  test('whoever calls off before anything began is answered by an agent that has started', async context => {
    await using own = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0' })
    const client = await entered(context, own)
    assert.deepEqual(childrenOf(own.pid), [])
    assert.match(await denied(client, { type: 'abort', trial: 0 }), /^ABORTED /)
    const agents = childrenOf(own.pid)
    assert.equal(agents.length, 1)
    // What was never prepared is called off without asking it.
    assert.match(await denied(client, { type: 'abort', trial: 7 }), /^ABORTED /)
    assert.deepEqual(childrenOf(own.pid), agents)
  })

  test('a trial that is prepared and left is over after --max-duration', async context => {
    const client = await entered(context, impatient)
    client.tell(prepare())
    // On a busy machine its agent may not even be ready by then.
    assert.match((await client.hear('refused')).reason ?? '', /--max-duration/)
    await client.closed()
  })

  test('a client that falls silent is let go after --idle-timeout', async context => {
    const client = await entered(context, impatient)
    assert.match((await client.hear('refused')).reason ?? '', /--idle-timeout/)
    await client.closed()
  })

  test('questions with numbers that no system takes are answered, and end nobody', async context => {
    const client = await entered(context)
    const strange = [
      { maxPacingBps: 1e308 },
      { mssBytes: Number.MAX_SAFE_INTEGER },
      { dscp: 2 ** 53 - 1 },
      { sndbufBytes: 2 ** 40 },
      { congestion: 'reno\0\u0001' },
      { congestion: '' },
    ]
    let id = 0
    for (const engine of ['native', 'node', 'no-such-engine', '__proto__'])
      for (const kind of ['stream', 'datagram'])
        for (const options of strange) {
          client.say({ type: 'check', id: ++id, engine, kind, family: 4, options })
          assert.equal((await client.hear('checked')).id, id)
        }
  })

  test('trials of numbers that make no sense end, one way or the other', async context => {
    const client = await entered(context)
    const sizes = (sizeBytes: number, chunkBytes: number) => ({
      kind: 'generated',
      sizeBytes,
      chunkBytes,
      seed: 2 ** 53 - 1,
    })
    const odd = [
      { role: 'receive', payload: sizes(0, 1) },
      { role: 'receive', payload: sizes(1 << 26, 1) },
      { role: 'receive', transport: 'tcp', engine: 'native', socket: { mssBytes: 2 ** 53 - 1 } },
      { role: 'receive', engine: 'native', socket: { dscp: 2 ** 53 - 1 } },
      { role: 'receive', engine: 'native', maxDatagramBytes: 0, rateBps: 1e308 },
      { role: 'send', rateBps: 100e6, payload: sizes(0, 1) },
      { role: 'send', rateBps: 100e6, maxDatagramBytes: 0 },
      { role: 'send', rateBps: 100e6, payload: sizes(1 << 16, 1 << 16), engine: 'native' },
      { role: 'send', rateBps: 5e-324, payload: sizes(10, 1) },
      { role: 'send', transport: 'tcp', engine: 'native', socket: { maxPacingBps: 5e-324, congestion: '' } },
    ]
    for (const [index, each] of odd.entries()) {
      const trial = index + 1
      client.tell(prepare({ trial, answerTimeoutMs: 0, ...each }))
      const { message } = await client.hear('ready', 'failed')
      if (message?.type === 'failed') continue
      if (each.role === 'send') client.tell({ ...GO, trial })
      else
        client.tell({
          ...SETTLE,
          trial,
          sent: { bytesAccepted: 2 ** 53 - 1, datagramsAccepted: 2 ** 53 - 1 },
          quietMs: 0,
          deadlineMs: 0,
        })
      await sleep(50)
      client.tell({ type: 'abort', trial })
      await client.hear('send-report', 'receive-report', 'failed')
    }
    await alive(client)
  })

  for (const [what, text] of [
    ['a negative number', '{"type":"ping","id":-1}'],
    ['no number', '{"type":"ping","id":NaN}'],
    ['a number beyond all', '{"type":"ping","id":1e999}'],
    ['an unknown type', '{"type":"exec","command":"id"}'],
    ['deep nesting', `{"type":"ping","id":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    ['a prototype', '{"__proto__":{"type":"ping","id":1}}'],
    ['half a document', '{"type":"ping",'],
    [
      'a transport with a long name',
      JSON.stringify({ type: 'agent', message: prepare({ transport: 'x'.repeat(60_000) }) }),
    ],
  ] as const)
    test(`${what} ends its own session only`, async context => {
      const [client, other] = [await entered(context), await entered(context)]
      client.sayText(text)
      await client.closed()
      await alive(other)
    })

  test('thousands of pings are answered; of who does not read the answers no more is read', async context => {
    const client = await entered(context)
    for (let id = 0; id < 5000; id++) client.say({ type: 'ping', id })
    await alive(client)
    const deaf = await entered(context)
    deaf.socket.pause()
    const before = memoryOf(server.pid)
    for (let id = 0; id < 400_000; id++) deaf.say({ type: 'ping', id })
    await sleep(500)
    assert(memoryOf(server.pid) - before < 100, `${memoryOf(server.pid) - before} MiB more`)
    await alive(client)
  })

  test('frames of 16 MiB in a row are not taken, and with a file one is', async context => {
    const before = memoryOf(server.pid)
    const long = JSON.stringify({
      type: 'agent',
      message: { ...SETTLE, filling: 'x'.repeat((16 << 20) - 1000) },
    })
    for (let round = 0; round < 4; round++) {
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
    assert(memoryOf(server.pid) - before < 160, `${memoryOf(server.pid) - before} MiB more`)
  })

  test('an agent that is killed ends its session, and no other one', async context => {
    const [client, other] = [await entered(context), await entered(context)]
    const before = childrenOf(server.pid)
    client.tell({ ...WARM_UP })
    await client.hear('ready')
    const [agent] = childrenOf(server.pid).filter(pid => !before.includes(pid))
    assert(agent !== undefined)
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
      using visitor = await HostileClient.connect(server.port)
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
      logOf(server).some(
        ({ event, reason }) => event === 'session-closed' && /ECONNRESET/.test(reason ?? ''),
      ),
    )
  })
})

/** With which environment and words a process was started; nothing of one that has ended since. */
function startedAs(pid: number): readonly { readonly environment: string; readonly words: string }[] {
  const read = (what: string) => readFileSync(`/proc/${pid}/${what}`, 'latin1')
  try {
    return [{ environment: read('environ'), words: read('cmdline') }]
  } catch {
    return []
  }
}
