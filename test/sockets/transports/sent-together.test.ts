/** A transfer of few datagrams leaves in one system call; on the wire and in the counts it is what it was one by one. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { constants } from 'node:os'
import { describe } from 'node:test'
import type { Carrier } from '../../../transports/contract/transport.ts'
import { type Libc, loadLibc } from '../../../transports/engines/native/libc.ts'
import { createNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../../transports/protocols/udp-marker.ts'
import { test } from '../../support/patient.ts'
import { NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 30_000 }
const NATIVE = { skip: obstacleToNative() ?? false }
const { EPERM } = constants.errno
const CHUNK = 100
const SHORT = new GeneratedPayload(250, CHUNK, 1)
const CHUNKS = [0, 1, 2].map(index => SHORT.whole().subarray(index * CHUNK, (index + 1) * CHUNK))
const MARKED = ['bin', ...CHUNKS, 'end'].map(each => Buffer.from(each))

describe('a transfer of few datagrams on the native engine', NATIVE, () => {
  test('leaves in one system call', HANG, async () => {
    const { report, arrived, calls } = await transfer(udpMarker, SHORT)
    assert.deepEqual(arrived, MARKED)
    assert.deepEqual(calls, [5])
    assert.equal(report.info.sendsPerCall, 5)
    assert.deepEqual(countsOf(report), { offered: 3, accepted: 3, refused: 0, repeated: 0, bytes: 250 })
    assert.equal(report.longestBytes, CHUNK)
  })

  test('with a header too, and without an end', HANG, async () => {
    const { report, arrived, calls } = await transfer(udpHeader, SHORT)
    const header = Buffer.alloc(8)
    header.writeUInt8(250)
    assert.deepEqual(arrived, [header, ...CHUNKS])
    assert.deepEqual(calls, [4])
    assert.deepEqual(countsOf(report), { offered: 3, accepted: 3, refused: 0, repeated: 0, bytes: 250 })
  })

  for (const first of [1, 2, 3, 4]) {
    test(`the system takes ${first} of 5 at first: the others follow, each once`, HANG, async () => {
      const { report, arrived } = await transfer(udpMarker, SHORT, {}, [first])
      assert.deepEqual(arrived, MARKED)
      // There was room, so an error was hidden behind the short count.
      assert.deepEqual(countsOf(report), { offered: 3, accepted: 3, refused: 0, repeated: 1, bytes: 250 })
    })
  }

  test('its beginning is refused once: offered once more, and the rest follows', HANG, async () => {
    const { report, arrived } = await transfer(udpMarker, SHORT, {}, ['refused'])
    assert.deepEqual(arrived, MARKED)
    assert.deepEqual(countsOf(report), { offered: 3, accepted: 3, refused: 0, repeated: 1, bytes: 250 })
  })

  test('its beginning is refused twice: nothing else is offered', HANG, async () => {
    const { report, arrived } = await transfer(udpMarker, SHORT, {}, ['refused', 'refused'])
    assert.deepEqual(report.refusal, { code: 'EPERM', datagramBytes: 3, emulated: false })
    assert.deepEqual(countsOf(report), { offered: 0, accepted: 0, refused: 0, repeated: 0, bytes: 0 })
    assert.deepEqual(arrived, [Buffer.from('end')])
  })

  test('the datagram behind the first two is refused twice: it alone is missing', HANG, async () => {
    const { report, arrived } = await transfer(udpMarker, SHORT, {}, [2, 'refused'])
    assert.deepEqual(arrived, MARKED.toSpliced(2, 1))
    assert.deepEqual(countsOf(report), { offered: 3, accepted: 2, refused: 1, repeated: 0, bytes: 150 })
  })

  test('paced, with one datagram a call, or of more datagrams, it leaves step by step', HANG, async () => {
    const paced = await transfer(udpMarker, SHORT, { rateBps: 1e6 })
    assert.equal(paced.calls[0], 1)
    const single = await transfer(udpMarker, SHORT, { socket: { batch: 1 } })
    assert.deepEqual(single.calls, [1, 1, 1, 1, 1])
    const long = await transfer(udpMarker, new GeneratedPayload(17 * CHUNK, CHUNK, 1))
    assert.deepEqual(long.calls, [1, 17, 1])
    for (const { arrived } of [paced, single]) assert.deepEqual(arrived, MARKED)
  })
})

type Answer = number | 'refused'

/** Sends to a plain socket. @param answers of the system to the first calls: how many datagrams it takes, or that a firewall refuses */
async function transfer(
  transport: Carrier,
  payload: GeneratedPayload,
  options: { rateBps?: number; socket?: { batch: number } } = {},
  answers: readonly Answer[] = [],
) {
  const real = await loadLibc()
  const calls: number[] = []
  let forced: number | undefined
  const libc: Libc = {
    ...real,
    sendmmsg(fd, messages, count, flags) {
      const answer = answers[calls.length] ?? count
      calls.push(count)
      forced = answer === 'refused' ? EPERM : undefined
      return answer === 'refused' ? -1 : real.sendmmsg(fd, messages, Math.min(count, answer), flags)
    },
    errno: () => forced ?? real.errno(),
  }
  const receiver = createSocket('udp4')
  receiver.bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const arrived: Buffer[] = []
  receiver.on('message', message => arrived.push(message))
  try {
    const to = { host: '127.0.0.1', port: receiver.address().port, family: 4 } as const
    const report = await transport.transfer.send(createNativeSockets(libc), to, payload, {
      signal: NEVER,
      unanswered: AbortSignal.timeout(50),
      answerTimeoutMs: 10_000,
      sent: () => {},
      ...options,
    })
    // Whatever has left is in the buffer of the receiver: a last one overtakes nothing.
    receiver.send('over', to.port, to.host)
    while (!arrived.at(-1)?.equals(Buffer.from('over'))) await once(receiver, 'message')
    return { report, arrived: arrived.slice(0, -1), calls }
  } finally {
    receiver.close()
  }
}

function countsOf(report: Awaited<ReturnType<Carrier['transfer']['send']>>) {
  const { datagramsOffered: offered, datagramsAccepted: accepted, datagramsRefused: refused } = report
  return { offered, accepted, refused, repeated: report.sendsRepeated, bytes: report.bytesAccepted }
}
