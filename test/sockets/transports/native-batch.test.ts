/** `--batch`: how many datagrams or writes a system call has, and how many it is counted to have had. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import { createNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { carrierNamed } from '../../support/carriers.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, transfer } from '../../support/transfers.ts'
import { withOptions } from '../../support/with-options.ts'

const SIZE = 200_000
const CHUNK = 1000

/** The real library, and how many messages each call was given. */
async function countingLibc() {
  const real = await loadLibc()
  const sends: number[] = []
  const reads: number[] = []
  const libc = {
    ...real,
    sendmmsg: (fd: number, messages: number, count: number, flags: number) => {
      sends.push(count)
      return real.sendmmsg(fd, messages, count, flags)
    },
    recvmmsg: (fd: number, messages: number, count: number, flags: number, timeout: number) => {
      reads.push(count)
      return real.recvmmsg(fd, messages, count, flags, timeout)
    },
  }
  return { libc, sends, reads }
}

describe('batches of the native engine', { skip: obstacleToNative() ?? false }, () => {
  for (const name of ['tcp', 'udp-marker'])
    for (const batch of [1, 7, undefined])
      test(`${name}, ${batch ?? 'as many as there are'}`, { timeout: 20_000 }, () =>
        leavesNothingOpen(async () => {
          const transport = carrierNamed(name)
          const { libc, sends, reads } = await countingLibc()
          const sockets = withOptions(createNativeSockets(libc), { batch, rcvbufBytes: 1 << 20 })
          const payload = new GeneratedPayload(SIZE, CHUNK, 1)
          const { sent, received } = await transfer(transport, sockets, payload, {
            family: 4,
            receive: { expected: payload },
          })
          assert.equal(received.intact, true)
          const most = batch ?? 64
          assert.equal(Math.max(...sends), most)
          assert.equal(sent.state.batch, most)
          const perCall = sent.info.sendsPerCall ?? 0
          if (batch === 1) assert.equal(perCall, 1)
          else assert.ok(perCall > 1 && perCall <= most, String(perCall))
          if (name !== 'tcp') assert.deepEqual([...new Set(reads)], [most])
        }),
      )
})

test('the node engine makes a call for each, and objects to more', () => {
  for (const [kind, what] of [
    ['datagram', 'node:dgram makes a system call for each datagram'],
    ['stream', 'node:net makes a system call for each write'],
  ] as const) {
    assert.equal(nodeSockets.objection(kind, 4, { batch: 1 }), undefined)
    assert.deepEqual(nodeSockets.objection(kind, 4, { batch: 2 }), { option: 'batch', reason: what })
  }
})
