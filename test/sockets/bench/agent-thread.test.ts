/** The thread of an agent blocks in system calls: its process answers all the same, and a message ends what it waits for. */
import assert from 'node:assert/strict'
import { writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { after, describe } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Prepare } from '../../../bench/fleet/calls/agent-calls.ts'
import { LocalAgent } from '../../../bench/fleet/local/local.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import { createNativeSockets, loadNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { carriersOver } from '../../support/carriers.ts'
import { ENGINES } from '../../support/engines.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, loopback, NEVER, receiveOptions, sendOptions } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
const SUITE = { skip: obstacleToNative() ?? false }
const LIMIT_MS = 30_000
const SIZE = 3000

function prepare(over: Pick<Prepare, 'trial' | 'role' | 'transport' | 'engine'>): Prepare {
  return {
    type: 'prepare',
    payload: { kind: 'generated', sizeBytes: SIZE, chunkBytes: 1000, seed: 1 },
    local: loopback(4),
    socket: {},
    answerTimeoutMs: LIMIT_MS,
    ...over,
  }
}

for (const engine of ENGINES) {
  const sockets = await BUILT_IN.engines.sockets(engine)
  describe(`an agent on ${engine}`, () => {
    const agent = new LocalAgent('agent', {})
    after(() => agent[Symbol.asyncDispose]())

    test('a sender that waits for an answer is called off, and can be used again', HANG, async () => {
      await using silent = await silentServer()
      agent.post(prepare({ trial: 1, role: 'send', transport: 'tcp', engine }))
      await agent.next(1, ['ready'], LIMIT_MS, NEVER)
      agent.post({ type: 'go', trial: 1, to: silent.endpoint })
      await silent.spokenTo
      agent.post({ type: 'abort', trial: 1 })
      const { report } = await agent.next(1, ['send-report'], LIMIT_MS, NEVER)
      assert.equal(report.failure?.code, 'ABORTED')
      assert.equal(report.failure?.phase, 'handshake')
      agent.post(prepare({ trial: 2, role: 'send', transport: 'tcp', engine }))
      await agent.next(2, ['ready'], LIMIT_MS, NEVER)
      agent.post({ type: 'abort', trial: 2 })
      await assert.rejects(agent.next(2, ['ready'], LIMIT_MS, NEVER), { code: 'ABORTED' })
    })

    for (const { name: transport } of carriersOver(sockets)) {
      test(`a receiver of ${transport} that waits for a sender is called off`, HANG, async () => {
        agent.post(prepare({ trial: 3, role: 'receive', transport, engine }))
        const { endpoint } = await agent.next(3, ['ready'], LIMIT_MS, NEVER)
        assert.ok((endpoint?.port ?? 0) > 0)
        agent.post({ type: 'abort', trial: 3 })
        await assert.rejects(agent.next(3, ['receive-report'], LIMIT_MS, NEVER), { code: 'ABORTED' })
      })
    }
  })
}

describe('waits of the native engine', SUITE, () => {
  test('the parts of a TCP transfer follow one another without a turn of the event loop', HANG, () =>
    leavesNothingOpen(async () => {
      const sockets = await loadNativeSockets()
      // A machine that is busy may interrupt one of them for longer than the event loop is kept waiting.
      for (let tried = 0; tried < 50; tried++) if ((await turnsOfTransfer(sockets)) === 0) return
      assert.fail('each of 50 transfers needed the event loop')
    }),
  )

  test('a write to the wake descriptor ends a wait, and the event loop has its turn', HANG, () =>
    leavesNothingOpen(async () => {
      const real = await loadLibc()
      let woken = 0
      const ppoll = (fds: number, count: number, timeout: number, mask: number) => {
        const ready = real.ppoll(fds, count, timeout, mask)
        if (ready > 0) woken++
        return ready
      }
      const sockets = createNativeSockets({ ...real, ppoll })
      const wake = sockets.wake?.()
      assert.ok(wake)
      await using socket = await sockets.bindDatagram({ signal: NEVER, local: loopback(4) })
      socket.read(() => assert.fail('nobody sends'))
      assert.equal(woken, 0)
      for (let message = 1; message <= 3; message++) {
        writeSync(wake.descriptor, Buffer.from(new BigUint64Array([1n]).buffer))
        while (woken < message) await nextTurn()
      }
      // Each ended one wait: it is read, so that the next one lasts.
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      assert.equal(woken, 3)
      assert.equal(Atomics.load(wake.waiting, 0), 0, 'no wait goes on while JavaScript runs')
    }),
  )
})

/** Turns of the event loop from the connect call to the acknowledgement, both ends in this thread. */
async function turnsOfTransfer(sockets: Sockets): Promise<number> {
  const payload = new GeneratedPayload(SIZE, 1000, 1)
  await using receiver = await tcp.transfer.receive(sockets, receiveOptions(4, { expected: payload }))
  let turns = 0
  let counting = true
  const count = () => {
    turns++
    if (counting) setImmediate(count)
  }
  setImmediate(count)
  let from = 0
  let until = 0
  const sending = tcp.transfer.send(
    {
      ...sockets,
      connect: request =>
        sockets.connect({
          ...request,
          starting: () => {
            request.starting?.()
            from = turns
          },
        }),
    },
    receiver.endpoint,
    payload,
    sendOptions({
      sent: () => {
        until = turns
      },
    }),
  )
  const report = await sending
  counting = false
  assert.equal(report.acknowledged, true)
  return until - from
}

/** A TCP server that takes what comes and says nothing. */
async function silentServer() {
  let heard = () => {}
  const spokenTo = new Promise<void>(resolve => {
    heard = resolve
  })
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => heard())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    endpoint: { ...loopback(4), port: address.port },
    spokenTo,
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}
