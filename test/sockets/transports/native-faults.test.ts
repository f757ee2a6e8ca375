/** The native engine when system calls fail: nothing is lost, counted twice or waited for in vain. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { ReceiveReport, SendReport } from '../../../transports/contract/reports.ts'
import type { SocketOptions } from '../../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { createNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { CARRIERS, carrierNamed, isSingle } from '../../support/carriers.ts'
import { type Faults, faultyLibc } from '../../support/faulty-libc.ts'
import { test } from '../../support/patient.ts'
import { heldBytes, leavesNothingOpen, transfer } from '../../support/transfers.ts'
import { withOptions } from '../../support/with-options.ts'

const HANG = { timeout: 30_000 }
const SIZE = 300_000
const CHUNK = 1000

/** What sockets are asked for, beside nothing. */
const OPTIONS: Readonly<Record<string, SocketOptions>> = {
  '': {},
  ', with offload': { gso: true, gro: true },
  ', with zerocopy': { zerocopy: true },
}

const FAULTS: Readonly<Record<string, Faults>> = {
  'half of them are interrupted': { interrupted: 0.5 },
  'half of them would block': { blocked: 0.5 },
  'most take a part only': { short: 0.8 },
  'all of it at once': { interrupted: 0.2, blocked: 0.2, short: 0.5 },
}

describe('system calls of which', { skip: obstacleToNative() ?? false }, () => {
  for (const [name, faults] of Object.entries(FAULTS)) {
    for (const transport of CARRIERS) {
      if (transport.traits.limit || transport.traits.secured) continue
      for (const [added, options] of Object.entries(OPTIONS)) {
        if (options.gso && transport.traits.socket === 'stream') continue
        test(`${name}: ${transport.name}${added} arrives exactly`, HANG, () =>
          leavesNothingOpen(async () => {
            // With offload there are few system calls: not every seed has a fault of each kind.
            const { libc, happened } = await faultyLibc(faults, 2)
            const payload = new GeneratedPayload(SIZE, CHUNK, 1)
            const sockets = withOptions(createNativeSockets(libc), options)
            const receive = { expected: payload, holdBytes: SIZE }
            const { sent, received } = await transfer(transport, sockets, payload, { family: 4, receive })
            assert.equal(sent.failure, undefined)
            assert.equal(sent.refusal, undefined)
            assert.equal(sent.bytesAccepted, SIZE)
            assert.equal(received.bytesDelivered, SIZE)
            assert.equal(received.intact, true)
            assert.deepEqual(heldBytes(received), payload.whole())
            // Single datagrams are never glued.
            if (options.gso && !isSingle(transport)) assert.ok((sent.info.segmentedSends ?? 0) > 0)
            for (const kind of Object.keys(faults))
              assert.ok((happened[kind as keyof Faults] ?? 0) > 0, `no ${kind}`)
          }),
        )
      }
    }
  }

  for (const zerocopy of [false, true]) {
    test(
      `buffers that hold a part of a write${zerocopy ? ', with zerocopy' : ''}: tcp arrives exactly`,
      HANG,
      () =>
        leavesNothingOpen(async () => {
          const { libc } = await faultyLibc({ interrupted: 0.1, blocked: 0.1, short: 0.3 })
          const small = { sndbufBytes: 5000, rcvbufBytes: 5000, zerocopy }
          const sockets = withOptions(createNativeSockets(libc), small)
          const payload = new GeneratedPayload(SIZE, 70_001, 1)
          const receive = { expected: payload, holdBytes: SIZE, socket: small }
          const tcp = carrierNamed('tcp')
          const { sent, received } = await transfer(tcp, sockets, payload, { family: 6, receive })
          assert.equal(sent.failure, undefined)
          assert.equal(sent.bytesAccepted, SIZE)
          assert.deepEqual(heldBytes(received), payload.whole())
        }),
    )
  }

  for (const transport of CARRIERS) {
    if (transport.traits.socket !== 'datagram' || transport.traits.limit) continue
    for (const [added, options] of Object.entries(OPTIONS)) {
      test(
        `some batches find no buffers: ${transport.name}${added} counts just the datagrams that were refused`,
        HANG,
        () =>
          leavesNothingOpen(async () => {
            const { libc, happened } = await faultyLibc({ noBuffers: 0.3, short: 0.5 }, 3)
            const payload = new GeneratedPayload(SIZE, CHUNK, 1)
            const sockets = withOptions(createNativeSockets(libc), options)
            const { sent, received } = await transfer(transport, sockets, payload, {
              family: 4,
              receive: { expected: payload },
              sendSockets: onlyPayload(sockets),
            })
            assert.ok(happened.noBuffers > 0)
            if (transport.traits.reliable) {
              assertOfferedAgain(sent, received)
              return
            }
            assert.equal(sent.datagramsOffered, SIZE / CHUNK)
            // Of sends with zerocopy, those under way may be what holds the buffers: then it is no refusal.
            if (!options.zerocopy) {
              assert.equal(sent.refusal?.code, 'ENOBUFS')
              assert.ok((sent.sendsRepeated ?? 0) > 0)
            }
            assert.equal(received.datagrams?.delivered, sent.datagramsAccepted)
            assert.equal(received.bytesDelivered, sent.bytesAccepted)
          }),
      )
    }
  }
})

/** A reliable transport offers again what was refused. */
function assertOfferedAgain(sent: SendReport, received: ReceiveReport): void {
  const { datagramsOffered = 0, datagramsRefused = 0, datagramsResent = 0 } = sent
  assert.equal(datagramsOffered, SIZE / CHUNK + datagramsResent)
  assert.ok(datagramsResent >= datagramsRefused)
  assert.deepEqual([sent.acknowledged, sent.refusal, sent.bytesAccepted], [true, undefined, SIZE])
  assert.equal(received.datagrams?.delivered, sent.datagramsAccepted)
  assert.equal(received.intact, true)
}

/** Offers a marker or header until it is taken: a beginning that was refused would end the transfer before its payload. */
function onlyPayload(sockets: Sockets): Sockets {
  return {
    ...sockets,
    async bindDatagram(request) {
      const socket = await sockets.bindDatagram(request)
      const send = socket.send.bind(socket)
      socket.send = async (bytes, chunkBytes, first, count, tally, to) => {
        const marker = bytes.length < CHUNK
        do {
          if (marker) {
            tally.refused = 0
            delete tally.refusal
          }
          await send(bytes, chunkBytes, first, count, tally, to)
        } while (marker && tally.refused > 0)
      }
      return socket
    },
  }
}
