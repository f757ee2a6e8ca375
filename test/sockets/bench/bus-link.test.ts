/** Links over a real NATS server: all arrives once and in order, what is unread holds the sender back, and an end that is gone is noticed. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext } from 'node:test'
import { connectBus } from '../../../bench/fleet/bus/connection.ts'
import { BusLink } from '../../../bench/fleet/bus/link.ts'
import { inboxOfHost, newEndOfHost, newEndOfRun, newInboxOfRun } from '../../../bench/fleet/bus/subjects.ts'
import { NatsServer, type NatsSetting, withoutNats } from '../../support/nats.ts'
import { test } from '../../support/patient.ts'

/** Both ends of a link, each with a connection of its own. */
async function linkOf(context: TestContext, setting: NatsSetting = {}) {
  const server = await NatsServer.start(setting)
  const address = { host: server.host, port: server.port, tls: false }
  const inboxes = { near: newInboxOfRun(), far: inboxOfHost('b') }
  const near = await connectBus({ ...address, inbox: inboxes.near })
  const far = await connectBus({ ...address, inbox: inboxes.far })
  const [ours, theirs] = [newEndOfRun(), newEndOfHost('b')]
  const a = new BusLink(near, { own: ours, other: theirs, answers: inboxes.far, name: 'b' })
  const b = new BusLink(far, { own: theirs, other: ours, answers: inboxes.near, name: 'a' })
  await Promise.all([near.nats.flush(), far.nats.flush()])
  context.after(async () => {
    a.destroy()
    b.destroy()
    await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()])
    await server[Symbol.asyncDispose]()
  })
  return { server, near, far, a, b, ours, theirs }
}

/** Bytes that differ from their neighbours, and from those of another seed. */
function payload(bytes: number, seed: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(bytes / 4) }, (_, index) => index * 2_654_435_761 + seed).buffer,
  ).subarray(0, bytes)
}

/** What comes until the end. (Iterating would destroy the link, before it has said all.) */
async function all(link: BusLink): Promise<Buffer> {
  const parts: Buffer[] = []
  link.on('data', part => parts.push(part))
  await once(link, 'end')
  return Buffer.concat(parts)
}

async function failure(link: BusLink): Promise<unknown> {
  const [error] = await once(link, 'error')
  return error
}

describe('a link over a NATS server', { skip: withoutNats, concurrency: 4 }, () => {
  for (const sizeBytes of [0, 1, 64 * 1024, 64 * 1024 + 1, 5_000_000])
    test(`carries ${sizeBytes} bytes both ways, whole and in order`, async context => {
      const { a, b } = await linkOf(context)
      const sent = [payload(sizeBytes, 1), payload(sizeBytes, 2)]
      for (const [link, bytes] of [
        [a, sent[0]],
        [b, sent[1]],
      ] as const) {
        for (let at = 0; at < sizeBytes; at += 100_000) link.write(bytes?.subarray(at, at + 100_000))
        link.end()
      }
      const came = await Promise.all([all(b), all(a)])
      assert.deepEqual(came, sent)
    })

  test('keeps chunks under what the server takes', async context => {
    const { a, b } = await linkOf(context, { config: 'max_payload: 4096' })
    a.end(payload(50_000, 1))
    assert.deepEqual(await all(b), payload(50_000, 1))
  })

  test('reads nothing twice, and nothing out of turn', async context => {
    const { near, far, b, theirs } = await linkOf(context)
    far.nats.publish(theirs, '')
    const say = (number: number, text: string) =>
      near.nats.publish(theirs, Buffer.from([0, 0, 0, 0, number, ...Buffer.from(text)]))
    for (const number of [2, 0, 0, 3, 1, 1, 2, 200]) say(number, `${number}`)
    await near.nats.flush()
    let came = ''
    for await (const part of b) {
      came += part
      if (came.length >= 4) break
    }
    assert.equal(came, '0123')
  })

  test('holds the sender back while nobody reads', async context => {
    const { a, b } = await linkOf(context)
    let written = 0
    const part = payload(64 * 1024, 1)
    const more = () => {
      while (written < 100 && a.write(part)) written++
      written++
    }
    more()
    a.on('drain', more)
    await once(b, 'readable')
    // It is asked again and again whether it was read, and the link stays.
    await new Promise(resolve => setTimeout(resolve, 2500))
    assert(written < 12, `${written} chunks of 64 KiB were taken unread`)
    const until = 12 * part.length
    let came = 0
    for await (const bytes of b) {
      came += bytes.length
      if (came >= until) break
    }
  })

  test('goes on after the server was killed and started again', async context => {
    const { server, a, b } = await linkOf(context)
    const bytes = payload(3_000_000, 3)
    const coming = all(b)
    a.write(bytes.subarray(0, 1_000_000))
    await server.kill()
    a.write(bytes.subarray(1_000_000, 2_000_000))
    await server.start()
    a.end(bytes.subarray(2_000_000))
    assert.deepEqual(await coming, bytes)
  })

  test('answers its other end alone, whatever subject a chunk asks for', async context => {
    const { far, ours, server } = await linkOf(context)
    const alive = Uint8Array.of(2, 0, 0, 0, 0)
    const asked = (inbox: string | undefined) => ({ host: server.host, port: server.port, tls: false, inbox })
    await using other = await connectBus(asked('bench.rows'))
    await assert.rejects(other.nats.request(ours, alive, { timeout: 500 }), /TimeoutError/)
    assert.equal((await far.nats.request(ours, alive, { timeout: 30_000 })).data[0], 0)
  })

  test('ends when the other end closes, is lost or stands still', async context => {
    const closed = await linkOf(context)
    const first = failure(closed.a)
    closed.b.destroy()
    assert.match(String(await first), /the other side closed the connection/)

    const lost = await linkOf(context)
    const second = failure(lost.a)
    await lost.far.nats.close()
    const third = failure((await frozen(context)).a)
    assert.match(String(await second), /b has not answered for 10 s \(nobody listens there any more\)$/)
    assert.match(String(await third), /b has not answered for 10 s \(the NATS server does not answer\)$/)
  })
})

/** Its other end hears and never answers. */
async function frozen(context: TestContext) {
  const link = await linkOf(context)
  link.b.destroy()
  await once(link.b, 'close')
  const silent = newEndOfHost('b')
  link.far.nats.subscribe(silent, { callback: () => {} })
  await link.far.nats.flush()
  const a = new BusLink(link.near, {
    own: newEndOfRun(),
    other: silent,
    answers: inboxOfHost('b'),
    name: 'b',
  })
  context.after(() => a.destroy())
  return { a }
}
