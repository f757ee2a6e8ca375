/** What an answering end does not answer. */
import assert from 'node:assert/strict'
import { Latencies } from '../../../base/latencies.ts'
import { Bell } from '../../../base/waiting.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { datagramExchange } from '../../../transports/exchange/exchanges.ts'
import type { MessageFormat } from '../../../transports/exchange/format.ts'
import { echoTcp, echoUdp } from '../../../transports/protocols/echo.ts'
import { messagesUdp } from '../../../transports/protocols/messages.ts'
import { test } from '../../support/patient.ts'
import { RawServer } from '../../support/raw-tcp.ts'
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
    assert.deepEqual(notes, ['a request of 3 B, shorter than its answer', '14 B that are not a request'])
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

test('a port that opens while requests are called off is closed', HANG, () =>
  leavesNothingOpen(async () => {
    await using peer = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4) })
    const answer = Buffer.from('get the msg')
    let heard = 0
    // Of the ports that are opened first, one waits for its answer: when the others have been used, one more is opened.
    peer.read((_memory, _start, _end, from) => {
      if (heard++ > 0) void peer.send(answer, answer.length, 0, 1, newTally(), from)
    })
    const controller = new AbortController()
    const late = new Bell()
    let opened = 0
    const sockets: Sockets = {
      ...nodeSockets,
      async bindDatagram(request) {
        const socket = await nodeSockets.bindDatagram(request)
        if (++opened === 17) {
          controller.abort()
          await late.wait(10_000, NEVER)
        }
        return socket
      },
    }
    const { failure } = await messagesUdp.exchange.ask(sockets, peer.local, {
      ...{ signal: controller.signal, sizeBytes: 12, requests: 100, answerTimeoutMs: 50, sent: () => {} },
    })
    assert.deepEqual([failure?.code, opened], ['ABORTED', 17])
    late.ring()
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

test('in a closed loop the next request follows an answer, even a damaged one', HANG, () =>
  leavesNothingOpen(async () => {
    const options = {
      ...{ signal: NEVER, sizeBytes: 64, requests: 30, answerTimeoutMs: 10_000, sent: () => {} },
    }
    const damaged = (request: Buffer) => {
      const answer = Buffer.from(request)
      answer.writeUInt8(answer.readUInt8(63) ^ 1, 63)
      return answer
    }
    await using peer = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4) })
    peer.read((memory, start, end, from) => {
      void peer.send(damaged(memory.subarray(start, end)), 64, 0, 1, newTally(), from)
    })
    await using server = await RawServer.open(async ({ socket }) => {
      socket.on('data', bytes => socket.write(damaged(bytes)))
    })
    for (const [transport, endpoint] of [
      [echoUdp, peer.local],
      [echoTcp, server.endpoint],
    ] as const) {
      const { failure, exchange } = await transport.exchange.ask(nodeSockets, endpoint, options)
      assert.equal(failure, undefined, transport.name)
      assert.deepEqual([exchange?.made, exchange?.answered, exchange?.damaged], [30, 0, 30], transport.name)
    }
  }),
)

test('a port that cannot be opened for a request ends the exchange, and says why', HANG, () =>
  leavesNothingOpen(async () => {
    await using peer = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4) })
    let asked = 0
    const answer = Buffer.from('get the msg')
    // Each request without an answer keeps its port.
    peer.read((_memory, _start, _end, from) => {
      if (asked++ % 2 === 0) void peer.send(answer, answer.length, 0, 1, newTally(), from)
    })
    let ports = 0
    const scarce: Sockets = {
      ...nodeSockets,
      bindDatagram(request) {
        if (ports++ < 16) return nodeSockets.bindDatagram(request)
        return Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))
      },
    }
    for (const intervalMs of [undefined, 1]) {
      ports = 0
      const { failure } = await messagesUdp.exchange.ask(scarce, peer.local, {
        ...{ signal: NEVER, sizeBytes: 13, requests: 100, intervalMs, answerTimeoutMs: 20 },
        sent: () => {},
      })
      assert.deepEqual([failure?.code, failure?.message], ['EMFILE', 'too many open files'])
    }
  }),
)

test('requests without a number arrive at most as often as they left', HANG, () =>
  leavesNothingOpen(async () => {
    const options = { signal: NEVER, local: loopback(4), sizeBytes: 1 }
    await using answerer = await echoUdp.exchange.serve(nodeSockets, options)
    // The network doubles one of two.
    for (let sent = 0; sent < 3; sent++) await answersTo(answerer.endpoint, Buffer.from('x'))
    const { datagrams, complete } = await answerer.settle({ bytesAccepted: 5, datagramsAccepted: 5 }, 1, 1000)
    assert.deepEqual([datagrams?.delivered, datagrams?.duplicated, complete], [5, 1, true])
  }),
)

test('a peer over TCP that does not read holds requests back, and their lateness shows it', HANG, () =>
  leavesNothingOpen(async () => {
    const stallMs = 400
    let stalled = true
    await using peer = await nodeSockets.listen({ signal: NEVER, local: loopback(4) }, async stream => {
      await stream.pause(stallMs)
      stalled = false
      stream.read(bytes => void stream.write(Buffer.from(bytes), bytes.length).catch(() => {}))
    })
    const requests = 100
    // More than both ends' buffers hold: the first that waits was due long before the peer reads.
    const options = { sizeBytes: 256 * 1024, requests, intervalMs: 1, answerTimeoutMs: 15_000 }
    const { failure, exchange } = await echoTcp.exchange.ask(nodeSockets, peer.local, {
      ...{ ...options, signal: NEVER },
      sent: () => assert.equal(stalled, false, 'all left while nobody read'),
    })
    assert.equal(failure, undefined)
    assert.deepEqual([exchange?.made, exchange?.answered], [requests, requests])
    const [late, trips] = [exchange?.lateness, exchange?.rtt].map(text => Latencies.from(text ?? ''))
    assert.ok(late && trips && late.maxMs >= (stallMs - requests) / 2, `${late?.maxMs} ms late`)
    // A round trip begins when its request was due.
    assert.ok(trips.maxMs >= late.maxMs)
  }),
)

test(
  '512 requests are in flight at most, each from a port of its own; those that are overdue make room',
  HANG,
  () =>
    leavesNothingOpen(async () => {
      await using deaf = await nodeSockets.bindDatagram({ signal: NEVER, local: loopback(4) })
      const asked = (answerTimeoutMs: number) =>
        messagesUdp.exchange.ask(nodeSockets, deaf.local, {
          ...{ signal: NEVER, sizeBytes: messagesUdp.exchange.usualBytes, answerTimeoutMs },
          ...{ requests: 700, intervalMs: 0.2, sent: () => {} },
        })
      const full = await asked(15_000)
      assert.equal(full.failure?.code, 'TOO_MANY')
      assert.deepEqual([full.exchange?.made, full.datagramsOffered], [513, 512])
      const overdue = await asked(10)
      assert.equal(overdue.failure, undefined)
      assert.deepEqual([overdue.exchange?.made, overdue.exchange?.answered], [700, 0])
      assert.equal(overdue.datagramsOffered, 700)
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

test('echoes are told apart by what their format says, wherever their number stands', HANG, () =>
  leavesNothingOpen(async () => {
    const sizeBytes = 8
    const format: MessageFormat = {
      usualBytes: sizeBytes,
      leastBytes: sizeBytes,
      message() {
        const bytes = Buffer.alloc(sizeBytes)
        const become = (number: number) => bytes.writeUInt32BE(number, 2) && sizeBytes
        return { bytes, numbered: true, lengthOf: () => sizeBytes, become }
      },
      numberOf: (memory, start, end) =>
        end - start < sizeBytes ? undefined : memory.readUInt32BE(start + 2),
    }
    const { serve, ask } = datagramExchange(format, () => format)
    await using answerer = await serve(nodeSockets, { signal: NEVER, local: loopback(4), sizeBytes })
    const { exchange } = await ask(nodeSockets, answerer.endpoint, {
      ...{ signal: NEVER, sizeBytes, requests: 3, answerTimeoutMs: 2000 },
      sent: () => {},
    })
    assert.deepEqual([exchange?.answered, exchange?.damaged], [3, 0])
  }),
)
