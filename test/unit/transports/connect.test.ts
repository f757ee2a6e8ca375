/** Connections that do not come about: said in the same words by every transport of streams. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SendReport } from '../../../transports/contract/reports.ts'
import type { ConnectRequest, Sockets } from '../../../transports/contract/sockets.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { FilePayload } from '../../../transports/payload/generated.ts'
import { echoTcp } from '../../../transports/protocols/echo.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { loopback, sendOptions } from '../../support/transfers.ts'

type Options = { readonly signal: AbortSignal; readonly answerTimeoutMs: number; readonly sent: () => void }

const WAYS: Readonly<Record<string, (sockets: Sockets, options: Options) => Promise<SendReport>>> = {
  'a payload': (sockets, options) =>
    tcp.transfer.send(sockets, loopback(4), new FilePayload(Buffer.alloc(10), 10), sendOptions(options)),
  requests: (sockets, options) =>
    echoTcp.exchange.ask(sockets, loopback(4), { sizeBytes: 64, requests: 1, ...options }),
}

/** A peer that never answers. */
const silent: Sockets = {
  ...nodeSockets,
  connect: ({ signal, starting }: ConnectRequest) => {
    starting?.()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  },
}

for (const [what, send] of Object.entries(WAYS)) {
  test(`${what}: a peer that never answers is given up, and named`, async () => {
    let notices = 0
    const options = { signal: new AbortController().signal, answerTimeoutMs: 20, sent: () => notices++ }
    const { failure, bytesAccepted } = await send(silent, options)
    assert.deepEqual(failure, { phase: 'connect', code: 'TIMEOUT', message: 'no connection within 20 ms' })
    assert.deepEqual([bytesAccepted, notices], [0, 1])
  })

  test(`${what}: whoever calls it off ends the wait`, async () => {
    const caller = new AbortController()
    setImmediate(() => caller.abort())
    const options = { signal: caller.signal, answerTimeoutMs: 60_000, sent: () => {} }
    const { failure } = await send(silent, options)
    assert.deepEqual([failure?.phase, failure?.code], ['connect', 'ABORTED'])
  })
}
