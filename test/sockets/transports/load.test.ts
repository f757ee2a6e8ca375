/** Requests on a loaded connection, and on one that carries nothing yet. */
import assert from 'node:assert/strict'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { FrameReader, frameOf, REQUEST } from '../../../transports/load/frames.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 30_000 }

test('requests that are made at once leave once each', HANG, () =>
  leavesNothingOpen(async () => {
    let requests = 0
    const local = { host: '127.0.0.1', port: 0, family: 4 } as const
    await using listener = await nodeSockets.listen({ signal: NEVER, local }, stream => {
      const reader = new FrameReader(type => {
        if (type === REQUEST) requests++
      })
      stream.read(bytes => {
        reader.take(bytes)
        if (requests < 3) return
        const answers = Buffer.concat(Array.from({ length: requests }, () => frameOf(2, 1)))
        void stream.write(answers, answers.length)
      })
    })
    const options = { signal: NEVER, answerTimeoutMs: 5000 }
    const attempt = await tcp.load?.connect(nodeSockets, listener.local, options)
    assert.ok(attempt && !attempt.failure)
    await using connection = attempt.connection
    await Promise.all([connection.ask(), connection.ask(), connection.ask()])
    assert.equal(requests, 3)
  }),
)
