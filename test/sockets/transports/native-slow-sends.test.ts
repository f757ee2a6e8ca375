/** Sends that a kernel is slow with, short of memory for, or refuses: memory is not used again too early, and counts stay exact. */
import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { Sockets, StreamSocket } from '../../../transports/contract/sockets.ts'
import { MSG_ERRQUEUE } from '../../../transports/engines/native/abi.ts'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import { createNativeSockets, loadNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { CARRIERS, isSingle } from '../../support/carriers.ts'
import { libcWith, scarceLibc } from '../../support/faulty-libc.ts'
import { test } from '../../support/patient.ts'
import { heldBytes, leavesNothingOpen, loopback, NEVER, transfer } from '../../support/transfers.ts'
import { withOptions } from '../../support/with-options.ts'

const HANG = { timeout: 20_000 }
const SUITE = { skip: obstacleToNative() ?? false }
const { EAGAIN, ENOBUFS } = constants.errno
const SIZE = 300_000
const CHUNK = 1000
/** Sends besides the chunks. */
const SIGNALS: Readonly<Record<string, number>> = { 'udp-header': 1, 'udp-marker': 2, 'udp-multicast': 2 }

describe('a socket that is closed while the kernel is not done', SUITE, () => {
  const asked = { completions: 0 }
  const neverDone = async () => {
    const libc = await libcWith((call, args) => {
      if (call !== 'recvmmsg' || !((args[3] ?? 0) & MSG_ERRQUEUE)) return undefined
      asked.completions++
      return EAGAIN
    })
    asked.completions = 0
    return { sockets: createNativeSockets(libc) }
  }
  /** Whoever waits for the kernel asks it, and leaves the event loop its turns. */
  const hasTurns = async () => {
    const before = asked.completions
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    assert.ok(asked.completions - before < 20 * 1000, `${asked.completions - before} times within 20 turns`)
  }

  test('datagrams: the send that waits for it ends', HANG, () =>
    leavesNothingOpen(async () => {
      const { sockets } = await neverDone()
      const { sender, close } = await pair(sockets, { zerocopy: true })
      const tally = newTally()
      let over = false
      const sending = sender.send(Buffer.alloc(5000), 1000, 0, 5, tally).then(() => {
        over = true
      })
      await until(() => asked.completions > 10)
      assert.equal(over, false)
      await hasTurns()
      await close()
      await sending
      assert.equal(tally.accepted, 5)
      assert.deepEqual([sender.info().zerocopySends, sender.info().zerocopyCopied], [0, 0])
    }),
  )

  test('a stream: the second write waits for the first, and ends', HANG, () =>
    leavesNothingOpen(async () => {
      const { sockets } = await neverDone()
      const { near, close } = await connection(sockets, { zerocopy: true }, stream => stream.read(() => {}))
      await near.write(Buffer.alloc(5000), 1000)
      let over = false
      const writing = near.write(Buffer.alloc(5000), 1000).then(() => {
        over = true
      })
      await until(() => asked.completions > 10)
      assert.equal(over, false)
      await hasTurns()
      await close()
      await Promise.allSettled([writing])
      assert.equal(over, true)
    }),
  )

  for (const family of [4, 6] as const) {
    test(`a peer that never reads and goes, IPv${family}: the write fails`, HANG, () =>
      leavesNothingOpen(async () => {
        const sockets = await loadNativeSockets()
        let far: StreamSocket | undefined
        const { near, close } = await connection(
          sockets,
          { zerocopy: true },
          stream => {
            far = stream
          },
          family,
        )
        const bytes = Buffer.alloc(64 << 20)
        const writing = near.write(bytes, 100_000)
        writing.catch(() => {})
        await until(() => far !== undefined)
        for (let turn = 0; turn < 100; turn++) await nextTurn()
        await far?.[Symbol.asyncDispose]()
        await assert.rejects(writing, error => {
          assert.match(String((error as { code?: string }).code), /^(ECONNRESET|EPIPE)$/)
          return true
        })
        await close()
      }),
    )
  }
})

describe('a kernel that says late, and of many at once, that it is done', SUITE, () => {
  for (const transport of CARRIERS) {
    if (transport.traits.limit || transport.traits.secured) continue
    for (const [sends, silent] of [
      [1e9, 40],
      [5, 0],
      [5, 10],
    ] as const) {
      test(`${transport.name}, memory for ${sends} sends, silent ${silent} times`, HANG, () =>
        leavesNothingOpen(async () => {
          const { libc, happened } = await scarceLibc(sends, silent)
          const sockets = withOptions(createNativeSockets(libc), { zerocopy: true })
          const payload = new GeneratedPayload(SIZE, CHUNK, 1)
          const { sent, received } = await transfer(transport, sockets, payload, {
            family: 4,
            receive: { expected: payload, holdBytes: SIZE },
          })
          assert.equal(sent.failure, undefined)
          // To be held up is no refusal.
          assert.equal(sent.refusal, undefined)
          assert.equal(received.intact, true)
          assert.deepEqual(heldBytes(received), payload.whole())
          // What sends one datagram at a time needs memory for no more.
          if (sends < SIZE / CHUNK && silent > 0 && !isSingle(transport)) assert.ok(happened.full > 0)
          assert.equal(happened.silent > 0, silent > 0)
          if (transport.traits.socket === 'stream') return
          // All of them had been told when it ended, and none twice.
          assert.equal(
            sent.info.zerocopySends,
            SIZE / CHUNK + (SIGNALS[transport.name] ?? 0) + (sent.datagramsResent ?? 0),
          )
        }),
      )
    }
  }

  test('what it says is heard while nothing is sent, and does not keep the poller awake', HANG, () =>
    leavesNothingOpen(async () => {
      const real = await loadLibc()
      const polled: number[] = []
      const ppoll = (fds: number, count: number, timeout: number, mask: number) => {
        const ready = real.ppoll(fds, count, timeout, mask)
        polled.push(ready)
        return ready
      }
      const sockets = createNativeSockets({ ...real, ppoll })
      const { near, close } = await connection(sockets, { zerocopy: true }, stream => stream.read(() => {}))
      // It waits for an answer.
      near.read(() => {})
      await near.write(Buffer.alloc(100_000), 1000)
      // With something in the error queue, no poll of it would find nothing.
      await until(() => polled.filter(ready => ready === 0).length > 30)
      // The last ones are told when the peer has acknowledged them.
      await until(() => near.info().zerocopySends === 100)
      await close()
      assert.equal(near.info().zerocopySends, 100)
    }),
  )

  test('without any send under way, a want of buffers is a refusal', HANG, () =>
    leavesNothingOpen(async () => {
      let calls = 0
      const libc = await libcWith(call =>
        call === 'sendmmsg' && [2, 3].includes(++calls) ? ENOBUFS : undefined,
      )
      const { sender, received, close } = await pair(createNativeSockets(libc), { zerocopy: true })
      const tally = newTally()
      for (let index = 0; index < 3; index++) await sender.send(Buffer.alloc(30, 'abc'), 10, index, 1, tally)
      const refusal = { code: 'ENOBUFS', datagramBytes: 10, emulated: false }
      assert.deepEqual(tally, { ...newTally(), accepted: 2, acceptedBytes: 20, refused: 1, refusal })
      await until(() => received.length === 2)
      assert.equal(sender.info().zerocopySends, 2)
      await close()
    }),
  )
})

describe('a send that is cut and finds no buffers', SUITE, () => {
  const EACH = 63
  const WHOLE = 3 * EACH
  const LAST = 10
  const chunkBytes = 1024
  const bytes = Buffer.alloc((WHOLE + LAST - 1) * chunkBytes + 500)
  for (let index = 0; index < WHOLE + LAST; index++) bytes.writeUInt32LE(index, index * chunkBytes)

  for (const [failing, from, refused] of [
    [1, 0, EACH],
    [2, EACH, EACH],
    [4, WHOLE, LAST],
  ] as const) {
    for (const errno of [ENOBUFS, constants.errno.ENOMEM]) {
      test(`send ${failing}, ${errno}: just its ${refused} datagrams are refused`, HANG, () =>
        leavesNothingOpen(async () => {
          let calls = 0
          const failed = await libcWith(call =>
            call === 'sendmmsg' && [failing, failing + 1].includes(++calls) ? errno : undefined,
          )
          // One message a system call.
          const libc = { ...failed, sendmmsg: oneByOne(failed.sendmmsg) }
          const { sender, received, close } = await pair(createNativeSockets(libc), { gso: true })
          const tally = newTally()
          await sender.send(bytes, chunkBytes, 0, WHOLE + LAST, tally)
          const refusedBytes = from === WHOLE ? (LAST - 1) * chunkBytes + 500 : refused * chunkBytes
          assert.deepEqual(tally, {
            // What one message a call leaves for the next is a short count with room in the send buffer.
            repeated: tally.repeated,
            accepted: WHOLE + LAST - refused,
            acceptedBytes: bytes.length - refusedBytes,
            refused,
            refusal: {
              code: errno === ENOBUFS ? 'ENOBUFS' : 'ENOMEM',
              datagramBytes: chunkBytes,
              emulated: false,
            },
          })
          await until(() => received.length === tally.accepted)
          const indices = Array.from({ length: WHOLE + LAST }, (_, index) => index)
          assert.deepEqual(
            received.map(each => each.readUInt32LE()),
            indices.filter(index => index < from || index >= from + refused),
          )
          // The kernel does cut here: the next transfer is cut again.
          assert.equal(sender.info().segmentedSends, 3)
          await close()
        }),
      )
    }
  }

  test('an error that is no refusal ends it', HANG, async () => {
    let calls = 0
    const failed = await libcWith(call =>
      call === 'sendmmsg' && ++calls === 2 ? constants.errno.ENETUNREACH : undefined,
    )
    const libc = { ...failed, sendmmsg: oneByOne(failed.sendmmsg) }
    const { sender, close } = await pair(createNativeSockets(libc), { gso: true })
    const tally = newTally()
    await sender.send(bytes, chunkBytes, 0, WHOLE + LAST, tally)
    assert.deepEqual([tally.accepted, tally.refused, tally.failure?.code], [EACH, 0, 'ENETUNREACH'])
    assert.equal(calls, 2)
    await close()
  })
})

type Sendmmsg = (fd: number, messages: number, count: number, flags: number) => number

function oneByOne(sendmmsg: Sendmmsg): Sendmmsg {
  return (fd, messages, _count, flags) => sendmmsg(fd, messages, 1, flags)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn()
}

/** A socket with these options, connected to one that keeps what it gets. */
async function pair(sockets: Sockets, options: SocketOptions) {
  const request = { signal: NEVER, local: loopback(4) }
  const receiver = await sockets.bindDatagram({ ...request, options: { rcvbufBytes: 4 << 20 } })
  const received: Buffer[] = []
  receiver.read((memory, start, end) => received.push(Buffer.from(memory.subarray(start, end))))
  const sender = await sockets.bindDatagram({ ...request, connect: receiver.local, options })
  const close = async () => {
    await sender[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  }
  return { sender, received, close }
}

async function connection(
  sockets: Sockets,
  options: SocketOptions,
  accepted: (stream: StreamSocket) => void,
  family: 4 | 6 = 4,
) {
  const listener = await sockets.listen({ signal: NEVER, local: loopback(family) }, accepted)
  const near = await sockets.connect({ signal: NEVER, to: listener.local, options })
  const close = async () => {
    await near[Symbol.asyncDispose]()
    await listener[Symbol.asyncDispose]()
  }
  return { near, close }
}
