/** What an answering end does not answer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { echoUdp } from '../../../transports/protocols/echo.ts'
import { messagesUdp } from '../../../transports/protocols/messages.ts'
import { leavesNothingOpen, loopback, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }

test('nobody gets more bytes than it sent, and what is no JSON no answer', HANG, () =>
  leavesNothingOpen(async () => {
    const notes: string[] = []
    const noted = (_from: Endpoint, what: string) => notes.push(what)
    await using answerer = await messagesUdp.exchange.serve(nodeSockets, {
      ...{ signal: NEVER, local: loopback(4), noted },
    })
    for (const [text, wanted] of [
      ['[1]', 0],
      ['no JSON at all', 0],
      ['[0, 0, 0, 1]', 1],
    ] as const)
      assert.equal(await answersTo(answerer.endpoint, Buffer.from(text)), wanted, text)
    assert.deepEqual(notes, ['a request of 3 B, shorter than its answer', '14 B that are no request'])
  }),
)

test('two services do not answer each other for ever', HANG, () =>
  leavesNothingOpen(async () => {
    const notes: string[] = []
    const noted = (_from: Endpoint, what: string) => notes.push(what)
    const local = loopback(4)
    await using one = await echoUdp.exchange.serve(nodeSockets, { signal: NEVER, local, noted })
    // Another address of the same host, and the same port.
    const other = { ...one.endpoint, host: '127.0.0.2' }
    await using twin = await nodeSockets.bindDatagram({ signal: NEVER, local: other, connect: one.endpoint })
    let answers = 0
    twin.read(() => answers++)
    await twin.send(Buffer.from('round and round'), 15, 0, 1, newTally())
    // A request from elsewhere is answered after it.
    assert.equal(await answersTo(one.endpoint, Buffer.from('hello')), 1)
    assert.equal(answers, 0)
    assert.equal(notes.length, 1)
    assert.match(notes[0] ?? '', /go round for ever/)
  }),
)

test('answers that are empty, too short or doubled are counted, and belong to no other request', HANG, () =>
  leavesNothingOpen(async () => {
    for (const transport of [echoUdp, messagesUdp]) {
      await using peer = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4) })
      const right = (request: Buffer) => (transport === echoUdp ? request : Buffer.from('get the msg'))
      peer.read(async (memory, start, end, from) => {
        const answer = Buffer.from(right(memory.subarray(start, end)))
        for (const each of [answer, answer]) await peer.send(each, each.length, 0, 1, newTally(), from)
        for (const each of [Buffer.alloc(0), Buffer.from('ge')])
          await peer.send(each, each.length, 0, 1, newTally(), from)
      })
      const { failure, exchange } = await transport.exchange.ask(nodeSockets, peer.local, {
        ...{ signal: NEVER, sizeBytes: transport.exchange.usualBytes, requests: 12, intervalMs: 20 },
        answerTimeoutMs: 10_000,
        sent: () => {},
      })
      assert.equal(failure, undefined)
      const { made, answered, late, duplicated = 0, damaged = 0 } = exchange ?? {}
      assert.deepEqual([made, answered, late], [12, 12, 0], transport.name)
      // What follows the last right answer may come when all is over.
      assert.ok(duplicated + damaged >= 11 && duplicated + damaged <= 36, `${duplicated} and ${damaged}`)
    }
  }),
)

/** How many answers a request gets before another one, which is answered, has its own. */
async function answersTo(to: Endpoint, request: Buffer): Promise<number> {
  const last = Buffer.from('[0, 0, 0, 999999]')
  let answers = 0
  let resolve = () => {}
  const both = new Promise<void>(done => {
    resolve = done
  })
  await using first = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4), connect: to })
  await using second = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4), connect: to })
  first.read(() => answers++)
  second.read(() => resolve())
  await first.send(request, request.length, 0, 1, newTally())
  await second.send(last, last.length, 0, 1, newTally())
  await both
  // What was answered before the last one has arrived before its answer, and is read in this turn.
  await first.pause(0)
  return answers
}
