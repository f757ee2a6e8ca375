/** A server visits another one from the address that its data come from. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { monotonic } from '../../../base/clock.ts'
import { Visits, visitServer } from '../../../bench/fleet/daemon/visit.ts'
import { environment } from '../../../bench/fleet/facts/environment.ts'
import { Channel } from '../../../bench/fleet/link/channel.ts'
import { answer, HANDSHAKE_MS } from '../../../bench/fleet/link/handshake.ts'
import { newNonce } from '../../../bench/fleet/link/proof.ts'
import { test } from '../../support/patient.ts'

// Elsewhere the network of loopback has one address.
const skip = process.platform !== 'linux'

test('a visit comes from the address of --bind', { skip }, async context => {
  const ticket = newNonce()
  const { signal } = new AbortController()
  const cameFrom: (string | undefined)[] = []
  const server = createServer(socket => {
    cameFrom.push(socket.remoteAddress)
    const visited = () => ({ ticket })
    const until = monotonic() + HANDSHAKE_MS
    const welcome = { environment: environment(), engines: [] }
    void answer(new Channel(socket), undefined, welcome, () => undefined, visited, until, signal)
  }).listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert(address !== null && typeof address === 'object')
  const to = { host: '127.0.0.1', port: address.port, tls: false, ticket }
  const visit = (from: string | undefined) =>
    visitServer(to, { from, token: undefined, tls: undefined }, new Visits())
  assert.deepEqual(await visit('127.0.0.2'), { localHost: '127.0.0.2' })
  assert.deepEqual(await visit(undefined), { localHost: '127.0.0.1' })
  assert.deepEqual(cameFrom, ['127.0.0.2', '127.0.0.1'])
})
