/** Clients of `bench serve` that know the token and keep to nothing: they get what a client may have, and the daemon lives on. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { GO, prepare, SETTLE, WARM_UP } from '../support/hostile-client.ts'
import { test } from '../support/patient.ts'
import { childrenOf, withoutProc } from './cli.ts'
import { useDaemons } from './hostile-daemons.ts'
import { startServer } from './two-hosts.ts'

describe('clients that are known', { concurrency: 4, skip: withoutProc }, () => {
  const daemons = useDaemons(withoutProc)
  const { entered, denied, alive } = daemons

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
    const agents = childrenOf(daemons.server.pid).flatMap(startedAs)
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
    const client = await entered(context, daemons.impatient)
    client.tell(prepare())
    // On a busy machine its agent may not even be ready by then.
    assert.match((await client.hear('refused')).reason ?? '', /--max-duration/)
    await client.closed()
  })

  test('a client that falls silent is let go after --idle-timeout', async context => {
    const client = await entered(context, daemons.impatient)
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
