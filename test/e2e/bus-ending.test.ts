/** How `bench serve --join` ends: what is running there ends first, and its client is told over the NATS server. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, type TestContext } from 'node:test'
import { parseBusUrl } from '../../bench/fleet/bus/address.ts'
import { connectBus } from '../../bench/fleet/bus/connection.ts'
import { busWay } from '../../bench/fleet/bus/host.ts'
import { Leases } from '../../bench/fleet/bus/leases.ts'
import { findHost, openPresence } from '../../bench/fleet/bus/presence.ts'
import { newInboxOfRun } from '../../bench/fleet/bus/subjects.ts'
import { responseSchema } from '../../bench/fleet/calls/server-calls.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { NatsServer, withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { startJoined } from './bus-fleet.ts'
import { bench, folder, startBench } from './cli.ts'
import { TOKEN } from './two-hosts.ts'

const PATIENCE_MS = 60_000
const { signal } = new AbortController()

async function busOf(context: TestContext) {
  const nats = await NatsServer.start()
  context.after(() => nats[Symbol.asyncDispose]())
  const bus = await connectBus({ ...parseBusUrl(nats.url), inbox: newInboxOfRun() })
  context.after(() => bus[Symbol.asyncDispose]())
  return { bus, words: ['--listen', '127.0.0.1:0', '--name', 'a', '--join', nats.url] }
}

describe('a server that has joined ends by SIGTERM', { skip: withoutNats, concurrency: 2 }, () => {
  test('once what is running has ended, and its client knows', async context => {
    const { bus, words } = await busOf(context)
    const server = await startJoined(words, { cwd: folder(context) })
    context.after(() => server[Symbol.asyncDispose]())
    await using lease = await (await Leases.open(bus)).hold(['a'], 'run-1')
    const host = await findHost(bus, await openPresence(bus), 'a')
    const way = busWay(bus, host, { lease: lease.id, run: 'run-1', token: TOKEN })
    await using channel = (await way.connect(signal)).channel
    const work = { transport: 'tcp', engine: 'node', chunkBytes: 1000, ipFamily: 4 }
    channel.send({ type: 'agent', message: { type: 'warm-up', trial: 1, ...work } })
    channel.send({ type: 'ping', id: 1 })
    const next = async () => responseSchema.parse(await channel.receive(PATIENCE_MS, signal))
    assert.equal((await next()).type, 'pong')
    server.kill('SIGTERM')
    const done = await next()
    assert.equal(done.type === 'agent' && done.message.type, 'ready')
    const last = await next()
    assert.equal(last.type === 'refused' && last.code, 'CLOSING')
    assert.equal((await server.over()).code, 0)
  })

  test('while it waits for a name that is not free yet', async context => {
    const { bus, words } = await busOf(context)
    const { kv } = await openPresence(bus)
    await kv.put('a', JSON.stringify({ instance: randomUUID(), of: 'one that has crashed' }))
    await using server = startBench(['serve', ...words], {
      cwd: folder(context),
      env: { BENCH_TOKEN: TOKEN },
    })
    await server.until('listening', ({ stdout }) => /^listening at /m.test(stdout))
    server.kill('SIGTERM')
    const { code, stdout, stderr } = await server.over()
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stdout, /^joined /m)
    assert.match(stderr, /"event":"closed"/)
  })
})

test('a server that finds no way to the NATS server says so in a line', {
  skip: withoutNamespaces(),
}, async context => {
  using apart = new Namespace(1500)
  const words = ['serve', '--listen', '0.0.0.0:0', '--join', 'nats://192.0.2.1']
  const options = { cwd: folder(context), at: apart.words, env: { BENCH_TOKEN: TOKEN } }
  const { code, stderr } = await bench(words, options)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^bench: --join 192\.0\.2\.1:4222: no address of this host leads there: [^\n]+; give the address [^\n]+ --address$/m,
  )
})
