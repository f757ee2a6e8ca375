/** Errors that concern one datagram: it is offered once more, and only its own error is counted. */
import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe } from 'node:test'
import fc from 'fast-check'
import type { DatagramSocket, SendTally } from '../../../transports/contract/sockets.ts'
import { createNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { newTally, SendErrors, UNKNOWN } from '../../../transports/engines/tally.ts'
import { faultyLibc, libcWith } from '../../support/faulty-libc.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, loopback, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 30_000 }
const NATIVE = { skip: obstacleToNative() ?? false }
const { EPERM, ECONNREFUSED, EHOSTUNREACH, EACCES, ENOBUFS, ENETUNREACH } = constants.errno
const COUNT = 10
const CHUNK = 100

describe('what the errors of a socket mean', () => {
  for (const code of ['EPERM', 'EACCES', 'ENOBUFS', 'ENOMEM', 'EHOSTUNREACH', 'EMSGSIZE']) {
    test(`${code} is of one datagram: once more, then refused, and it ends no path`, () => {
      const errors = new SendErrors()
      assert.equal(errors.judge(code, undefined), 'repeat')
      assert.equal(errors.judge(code, code), 'refuse')
      assert.equal(errors.endsPath(code), false)
    })
  }

  test('a closed port ends the transfer of a peer that never answered', () => {
    assert.equal(new SendErrors().judge('ECONNREFUSED', undefined), 'fail')
    assert.equal(new SendErrors().endsPath('ECONNREFUSED'), true)
  })

  test('once the peer has answered, the hundredth in a row ends it, whichever way it comes', () => {
    const errors = new SendErrors()
    errors.heard()
    for (let time = 1; time < 100; time++) {
      if (time % 2) assert.equal(errors.judge('ECONNREFUSED', undefined), 'refuse')
      else assert.equal(errors.endsPath('ECONNREFUSED'), false)
    }
    assert.equal(errors.judge('ECONNREFUSED', undefined), 'fail')
  })

  test('an answer in between begins the row anew', () => {
    const errors = new SendErrors()
    for (let time = 0; time < 1000; time++) {
      if (time % 99 === 0) errors.heard()
      assert.equal(errors.judge('ECONNREFUSED', undefined), 'refuse')
    }
  })

  test('after an error that was hidden it may be the ICMP of a local firewall: once more', () => {
    assert.equal(new SendErrors().judge('ECONNREFUSED', UNKNOWN), 'repeat')
    assert.equal(new SendErrors().judge('ECONNREFUSED', 'ECONNREFUSED'), 'fail')
    assert.equal(new SendErrors().judge('EPERM', UNKNOWN), 'refuse')
  })

  test('what ends a path is no refusal', () => {
    assert.equal(new SendErrors().judge('ENETUNREACH', undefined), 'fail')
    assert.equal(new SendErrors().endsPath('ENETUNREACH'), true)
  })
})

describe('datagrams of the native engine', NATIVE, () => {
  for (const [name, errno] of Object.entries({ EPERM, EHOSTUNREACH, EACCES, ENOBUFS })) {
    test(
      `${name} once: repeated and accepted; twice: refused with its code, and the next one is sent`,
      HANG,
      async () => {
        const once = await sending([undefined, errno])
        assert.deepEqual([once.accepted, once.refused, once.repeated], [COUNT, 0, 1])
        const twice = await sending([undefined, errno, errno])
        assert.deepEqual([twice.accepted, twice.refused, twice.repeated], [COUNT - 1, 1, 0])
        assert.deepEqual(twice.refusal, { code: name, datagramBytes: CHUNK, emulated: false })
        const thrice = await sending([undefined, errno, errno, errno])
        assert.deepEqual([thrice.accepted, thrice.refused, thrice.repeated], [COUNT - 1, 1, 1])
      },
    )
  }

  test('a local firewall that rejects is not a closed port', HANG, async () => {
    const tally = await sending([undefined, EPERM, ECONNREFUSED])
    assert.equal(tally.failure, undefined)
    assert.deepEqual([tally.accepted, tally.refused, tally.refusal?.code], [COUNT - 1, 1, 'EPERM'])
  })

  test('a closed port and no route end it', HANG, async () => {
    for (const errno of [ECONNREFUSED, ENETUNREACH]) {
      const tally = await sending([undefined, errno])
      assert.deepEqual([tally.accepted, tally.refused, tally.failure !== undefined], [1, 0, true])
    }
  })

  test(
    'any share of datagrams may be filtered: what was offered is accepted or refused, and in order',
    HANG,
    async () => {
      const share = fc.double({ min: 0, max: 1, noNaN: true })
      await fc.assert(
        fc.asyncProperty(share, share, fc.integer(), async (filtered, short, seed) => {
          const { libc } = await faultyLibc({ filtered, short, interrupted: 0.1, blocked: 0.1 }, seed)
          await leavesNothingOpen(async () => {
            const { sender, received, close } = await pair(createNativeSockets(libc))
            const bytes = Buffer.alloc(200 * 4)
            for (let index = 0; index < 200; index++) bytes.writeUInt32LE(index, index * 4)
            const tally = newTally()
            await sender.send(bytes, 4, 0, 200, tally)
            await close(() => received.length === tally.accepted)
            assert.equal(tally.accepted + tally.refused, 200)
            assert.equal(tally.acceptedBytes, tally.accepted * 4)
            assert.ok(tally.repeated <= tally.accepted)
            assert.equal(tally.refused > 0, tally.refusal !== undefined)
            assert.equal(received.length, tally.accepted)
            assert.deepEqual(
              received,
              received.toSorted((a, b) => a - b),
            )
          })
        }),
        { numRuns: 40 },
      )
    },
  )
})

/** Sends COUNT datagrams one a call; the calls meet these errors in turn, and none after them. */
async function sending(errors: readonly (number | undefined)[]): Promise<SendTally> {
  let calls = 0
  const libc = await libcWith(call => (call === 'sendmmsg' ? errors[calls++] : undefined))
  const tally = newTally()
  await leavesNothingOpen(async () => {
    const { sender, close } = await pair(createNativeSockets(libc))
    for (let index = 0; index < COUNT; index++)
      await sender.send(Buffer.alloc(COUNT * CHUNK), CHUNK, index, 1, tally)
    await close(() => true)
  })
  return tally
}

async function pair(sockets: ReturnType<typeof createNativeSockets>) {
  const receiver = await sockets.bindDatagram({ signal: NEVER, local: loopback(4) })
  const received: number[] = []
  receiver.read((memory, start) => received.push(memory.readUInt32LE(start)))
  const sender: DatagramSocket = await sockets.bindDatagram({
    signal: NEVER,
    local: loopback(4),
    connect: receiver.local,
  })
  const close = async (arrived: () => boolean) => {
    while (!arrived()) await new Promise(resolve => setImmediate(resolve))
    await sender[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  }
  return { sender, received, close }
}
