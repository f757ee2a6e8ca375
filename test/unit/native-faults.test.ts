/** The native engine when system calls fail: nothing is lost, counted twice or waited for in vain. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GeneratedPayload } from '../../bench/payload.ts'
import { transports } from '../../transports/registry.ts'
import { createNativeSockets } from '../../transports/sockets/native/native.ts'
import type { Sockets } from '../../transports/sockets/sockets.ts'
import { type Faults, faultyLibc } from '../support/faulty-libc.ts'
import { leavesNothingOpen, transfer } from '../support/transfers.ts'

const HANG = { timeout: 30_000 }
const LINUX = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)
const SIZE = 300_000
const CHUNK = 1000

const FAULTS: Readonly<Record<string, Faults>> = {
  'half of them are interrupted': { interrupted: 0.5 },
  'half of them would block': { blocked: 0.5 },
  'most take a part only': { short: 0.8 },
  'all of it at once': { interrupted: 0.2, blocked: 0.2, short: 0.5 },
}

describe('system calls of which', { skip: LINUX ? false : 'the native engine is for Linux' }, () => {
  for (const [name, faults] of Object.entries(FAULTS)) {
    for (const transport of transports.values()) {
      if (transport.traits.limit) continue
      test(`${name}: ${transport.name} arrives exactly`, HANG, () =>
        leavesNothingOpen(async () => {
          const { libc, happened } = await faultyLibc(faults)
          const payload = new GeneratedPayload(SIZE, CHUNK, 1)
          const receive = { expected: payload }
          const { sent, received } = await transfer(transport, createNativeSockets(libc), payload, {
            family: 4,
            receive,
          })
          assert.equal(sent.failure, undefined)
          assert.equal(sent.bytesAccepted, SIZE)
          assert.equal(received.bytesDelivered, SIZE)
          assert.equal(received.intact, true)
          for (const kind of Object.keys(faults))
            assert.ok((happened[kind as keyof Faults] ?? 0) > 0, `no ${kind}`)
        }),
      )
    }
  }

  for (const transport of transports.values()) {
    if (transport.traits.socket !== 'datagram' || transport.traits.limit) continue
    test(
      `some batches find no buffers: ${transport.name} counts just the datagrams that were refused`,
      HANG,
      () =>
        leavesNothingOpen(async () => {
          const { libc, happened } = await faultyLibc({ noBuffers: 0.3, short: 0.5 }, 3)
          const payload = new GeneratedPayload(SIZE, CHUNK, 1)
          const sockets = createNativeSockets(libc)
          const { sent, received } = await transfer(transport, sockets, payload, {
            family: 4,
            receive: { expected: payload },
            sendSockets: onlyPayload(sockets),
          })
          assert.equal(sent.refusal?.code, 'ENOBUFS')
          assert.equal(sent.datagramsOffered, SIZE / CHUNK)
          assert.ok(happened.noBuffers > 0)
          assert.equal(received.datagrams?.delivered, sent.datagramsAccepted)
          assert.equal(received.bytesDelivered, sent.bytesAccepted)
        }),
    )
  }
})

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
