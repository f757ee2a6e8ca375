/** A server that joins a real NATS server: who answers for a name, and how many may ask at once. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, type TestContext } from 'node:test'
import { Kvm } from '@nats-io/kv'
import { connectBus } from '../../../bench/fleet/bus/connection.ts'
import { Leases } from '../../../bench/fleet/bus/leases.ts'
import type { OwnPresence } from '../../../bench/fleet/bus/presence.ts'
import {
  doorOf,
  INBOXES_OF_RUNS,
  inboxOfHost,
  newEndOfRun,
  newInboxOfRun,
} from '../../../bench/fleet/bus/subjects.ts'
import { joinBus } from '../../../bench/fleet/daemon/join.ts'
import { NatsServer, withoutNats } from '../../support/nats.ts'
import { test } from '../../support/patient.ts'

/** So soon a name that is not refreshed is free. */
const TTL_MS = 3000
const OWN: OwnPresence = {
  ...{ name: 'a', address: '192.0.2.7', port: 5990, tls: false, labels: {}, engines: ['node'] },
}
/** Of whom nobody authenticates. */
const SILENT = { take: () => new Promise<never>(() => {}) }

async function fleetOf(context: TestContext) {
  const server = await NatsServer.start()
  context.after(() => server[Symbol.asyncDispose]())
  const connect = async (inbox: string) => {
    const bus = await connectBus({ host: server.host, port: server.port, tls: false, inbox })
    context.after(() => bus[Symbol.asyncDispose]())
    return bus
  }
  const client = await connect(newInboxOfRun())
  await new Kvm(client.nats).create('bench-hosts', { ttl: TTL_MS, history: 1 })
  const join = async (signal = new AbortController().signal) =>
    joinBus(await connect(inboxOfHost('a')), OWN, SILENT, () => {}, { lost: () => {}, signal })
  const lease = await (await Leases.open(client)).hold(['a'], 'run-1')
  const question = () => JSON.stringify({ link: newEndOfRun(), lease: lease.id })
  const ask = async () => {
    const answer = await client.nats.request(doorOf('a'), question(), { timeout: 30_000 })
    return answer.json<{ readonly link?: string; readonly refused?: string }>()
  }
  return { client, join, question, ask }
}

describe('a server that joins', { skip: withoutNats, concurrency: 2 }, () => {
  test('answers nobody before it has the name', async context => {
    const { client, join, question, ask } = await fleetOf(context)
    await join()
    let isWaiting = true
    const second = join().finally(() => {
      isWaiting = false
    })
    const refused = assert.rejects(second, /^SetupError: --name a: another bench serve .+ has that name;/)
    // All answers: whoever asks hears the first alone.
    const answers: string[] = []
    const inbox = `${INBOXES_OF_RUNS}all`
    client.nats.subscribe(inbox, { callback: (_, message) => void answers.push(message.string()) })
    let asked = 0
    for (; isWaiting && asked < 60; asked++) {
      client.nats.publish(doorOf('a'), question(), { reply: inbox })
      await new Promise(resolve => setTimeout(resolve, 30))
    }
    await refused
    // Answered after those before it.
    await ask()
    assert.equal(answers.length, asked)
    for (const answer of answers) assert.match(answer, /"link"/)
  })

  test('lets 64 in at once that have not authenticated, however many ask', async context => {
    const { join, ask } = await fleetOf(context)
    await join()
    const answers = await Promise.all(Array.from({ length: 200 }, ask))
    assert.equal(answers.filter(({ link }) => link !== undefined).length, 64)
    for (const { link, refused } of answers)
      if (link === undefined) assert.equal(refused, 'busy: too many clients ask at once')
  })

  test('waits for a name no longer than it is asked to', async context => {
    const { join } = await fleetOf(context)
    await join()
    const ending = new AbortController()
    const reason = new Error(randomUUID())
    const waiting = assert.rejects(join(ending.signal), reason)
    ending.abort(reason)
    await waiting
  })
})
