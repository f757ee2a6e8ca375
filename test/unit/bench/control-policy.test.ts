/** What a server lets a client do, and in which order. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestSchema } from '../../../bench/fleet/calls/server-calls.ts'
import { judge, type Limits, takesMs } from '../../../bench/fleet/daemon/policy.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { GO, parsed, prepare, WARM_UP } from '../../support/hostile-client.ts'

const LIMITS: Limits = {
  maxSessions: 8,
  maxSizeBytes: 1 << 20,
  maxRateBps: 100e6,
  maxDurationMs: 1000,
  idleTimeoutMs: 1000,
  ports: undefined,
}
const PREMISES = { localHost: '10.0.0.1', peerHost: '10.0.0.2' }

function verdict(
  message: object,
  limits = LIMITS,
  sendTo = [[PREMISES.peerHost, PREMISES.localHost]] as const,
) {
  return judge(parsed(message), limits, PREMISES, new Map(sendTo), BUILT_IN)
}

function denied(message: object, limits = LIMITS): string {
  const said = verdict(message, limits)
  assert('denied' in said, JSON.stringify(said))
  return said.denied
}

function allowed(message: object, limits = LIMITS) {
  const said = verdict(message, limits)
  assert('allowed' in said, JSON.stringify(said))
  return said.allowed
}

const generated = (over: object = {}) => ({
  kind: 'generated',
  sizeBytes: 1000,
  chunkBytes: 100,
  seed: 1,
  ...over,
})
const payloadOf = (sizeBytes: number, chunkBytes: number) =>
  ({ kind: 'generated', sizeBytes, chunkBytes, seed: 1 }) as const
const sends = (over: object = {}) => prepare({ role: 'send', transport: 'udp-header', rateBps: 1e6, ...over })

describe('judgement', () => {
  test('a session that knows no address neither receives nor sends, and warms up', () => {
    const said = (message: object) => judge(parsed(message), LIMITS, undefined, new Map(), BUILT_IN)
    for (const message of [prepare(), sends(), GO]) {
      const verdict = said(message)
      assert('denied' in verdict)
      assert.match(verdict.denied, /^no other host is known to this session yet/)
    }
    assert('allowed' in said(WARM_UP))
  })

  test('a group is joined by transports that have receivers there, where the client may reach this server', () => {
    const joins = (over: object = {}) =>
      prepare({ transport: 'udp-multicast', group: { host: '239.255.7.7', port: 0 }, ...over })
    const { type, ...said } = allowed(joins())
    assert.equal(type, 'prepare')
    assert.deepEqual(said, { ...said, group: { host: '239.255.7.7', port: 0 }, peer: PREMISES.peerHost })
    assert.match(denied(joins({ transport: 'udp-marker' })), /^udp-marker is not received from a group$/)
    assert.match(denied(joins({ group: { host: 'ff15::7:7', port: 0 } })), /only a group of that IP version/)
    const limits: Limits = { ...LIMITS, ports: [6000, 6009] }
    assert.equal(allowed(joins({ group: { host: '239.255.7.7', port: 6009 } }), limits).type, 'prepare')
    assert.match(
      denied(joins({ group: { host: '239.255.7.7', port: 6010 } }), limits),
      /ports 6000 to 6009 only/,
    )
    for (const host of ['10.0.0.9', '::1', 'a.group', '239.255.7.7%eth0'])
      assert.throws(() => parsed(joins({ group: { host, port: 0 } })), host)
    // A server sends to no group.
    const to = { host: '239.255.7.7', port: 5007, family: 4 }
    assert.match(denied({ ...GO, to }), /^this server sends only to 10\.0\.0\.2/)
  })

  test('addresses, ports and paths are the server’s, whatever a client says', () => {
    const message = prepare({
      local: { host: '0.0.0.0', port: 22, family: 4 },
      ports: [1, 65_535],
      peer: '8.8.8.8',
      keepAs: '/etc/passwd',
      env: { PATH: '/tmp' },
      execArgv: ['--inspect'],
    })
    const told = allowed(message, { ...LIMITS, ports: [6000, 6009] })
    assert(told.type === 'prepare')
    assert.deepEqual(told.local, { host: '10.0.0.1', port: 0, family: 4 })
    assert.deepEqual(told.ports, [6000, 6009])
    assert.equal(told.peer, '10.0.0.2')
    for (const key of ['keepAs', 'env', 'execArgv']) assert(!(key in told), key)
  })

  test('a link-local address has the zone of this host, whatever a client calls it', () => {
    const premises = { localHost: 'fe80::1%eth0', peerHost: 'fe80::2%eth0' }
    for (const host of ['fe80::2', 'fe80::2%wlan0', 'fe80::2%eth0']) {
      const message = parsed({ ...GO, to: { host, port: 7, family: 6 } })
      const said = judge(
        message,
        LIMITS,
        premises,
        new Map([[premises.peerHost, premises.localHost]]),
        BUILT_IN,
      )
      assert('allowed' in said && said.allowed.type === 'go', JSON.stringify(said))
      assert.deepEqual([said.allowed.to.host, said.allowed.from], ['fe80::2%eth0', 'fe80::1%eth0'])
    }
    const other = parsed({ ...GO, to: { host: 'fe80::3', port: 7, family: 6 } })
    assert(
      'denied' in
        judge(other, LIMITS, premises, new Map([[premises.peerHost, premises.localHost]]), BUILT_IN),
    )
  })

  test('the interface of data is the server’s, and no client chooses one', () => {
    const asked = prepare({ socket: { device: 'eth9' }, engine: 'native' })
    const told = allowed(asked)
    assert(told.type === 'prepare')
    assert.equal(told.socket.device, undefined)
    const bound = allowed(asked, { ...LIMITS, device: 'eth0' })
    assert(bound.type === 'prepare')
    assert.equal(bound.socket.device, 'eth0')
    // Which would leave it to the routes.
    assert.match(
      denied(prepare({ engine: 'node' }), { ...LIMITS, device: 'eth0' }),
      /--interface.*node engine cannot/,
    )
  })

  test('with --bind data go by that address, or not at all', () => {
    assert.match(denied(prepare(), { ...LIMITS, bind: '10.0.0.9' }), /10\.0\.0\.9 only \(--bind\)/)
    const told = allowed(prepare(), { ...LIMITS, bind: PREMISES.localHost })
    assert(told.type === 'prepare')
    assert.equal(told.local.host, PREMISES.localHost)
  })

  test('a file is received and has no path here; it is never sent', () => {
    const file = { kind: 'file', path: '/etc/passwd', sizeBytes: 10, chunkBytes: 10 }
    const told = allowed(prepare({ payload: file }))
    assert(told.type === 'prepare')
    assert.deepEqual(told.payload, { kind: 'file', path: '', sizeBytes: 10, chunkBytes: 10 })
    assert.match(denied(sends({ payload: file })), /sends only generated payloads, not files/)
  })

  test('sizes, chunks and buffers have a most', () => {
    assert.match(denied(prepare({ payload: generated({ sizeBytes: 2 ** 20 + 1 }) })), /--max-size/)
    assert.match(denied(prepare({ payload: generated({ chunkBytes: 2 ** 20 + 1 }) })), /--max-size/)
    const wide = { ...LIMITS, maxSizeBytes: 2 ** 40 }
    assert.match(
      denied(prepare({ payload: generated({ chunkBytes: 2 ** 30 }) }), wide),
      /chunks of at most 16,777,216 B/,
    )
    assert.match(
      denied(prepare({ transport: 'udp-datagram', payload: generated({ sizeBytes: 2 ** 30 }) }), wide),
      /chunks of at most/,
    )
    assert.match(denied(prepare({ socket: { rcvbufBytes: 2 ** 40 } })), /buffers of at most/)
    const warm = allowed({ ...WARM_UP, chunkBytes: 2 ** 40 }, wide)
    assert(warm.type === 'warm-up' && warm.chunkBytes <= 2 ** 24)
  })

  test('with --max-rate whatever is sent is paced, by what can pace it', () => {
    // Chunks of 100 bytes, and 62 of headers with each.
    allowed(sends({ rateBps: 61e6 }))
    assert.match(denied(sends({ rateBps: 62e6 })), /--max-rate/)
    assert.match(denied(sends({ rateBps: undefined })), /--max-rate/)
    const tcp = (over: object) => sends({ transport: 'tcp', ...over })
    allowed(tcp({ engine: 'native', socket: { maxPacingBps: 1e6 } }))
    denied(tcp({ engine: 'native', rateBps: 1e6 }))
    // The node engine has no such option, and would send as fast as it can.
    denied(tcp({ engine: 'node', socket: { maxPacingBps: 1e6 } }))
    // Each of its connections would be paced.
    const full = { workload: 'responsiveness', engine: 'native', socket: { maxPacingBps: 1e6 } }
    assert.match(denied(tcp(full)), /responsiveness needs all that there is/)
    allowed(prepare({ ...full, transport: 'tcp' }))
    allowed(prepare({ rateBps: undefined }))
    allowed(sends({ rateBps: undefined }), { ...LIMITS, maxRateBps: undefined })
  })

  test('requests are paced by their interval, at the end that answers too', () => {
    for (const role of ['send', 'receive']) {
      const asks = (requests: object) =>
        prepare({ role, workload: 'exchange', transport: 'echo-udp', requests })
      // 1,000 bytes, and 62 of headers.
      allowed(asks({ most: 10, intervalMs: 0.085 }))
      assert.match(denied(asks({ most: 10, intervalMs: 0.084 })), /--max-rate.*--interval/)
      assert.match(denied(asks({ most: 10 })), /--max-rate.*--interval/)
      allowed(asks({ most: 10 }), { ...LIMITS, maxRateBps: undefined })
    }
  })

  test('at the highest rate a payload takes its time, headers included', () => {
    assert.equal(takesMs({ payload: payloadOf(1000, 100) }, { ...LIMITS, maxRateBps: 8000 }), 1620)
    assert.equal(
      takesMs(
        { payload: payloadOf(65_000, 65_000) },
        {
          ...LIMITS,
          maxRateBps: 1e6,
        },
      ),
      520.496,
    )
    assert.equal(
      takesMs(
        { payload: payloadOf(1000, 100) },
        {
          ...LIMITS,
          maxRateBps: undefined,
        },
      ),
      0,
    )
  })

  test('pictures in a row take as long as they are due, and as their bytes', () => {
    const film = (frames: object) => sends({ workload: 'frames', frames })
    allowed(film({ most: 25, everyMs: 40 }))
    assert.match(denied(film({ most: 26, everyMs: 40 })), /choose fewer --frames/)
    assert.match(denied(film({ most: 5, durationMs: 1001 })), /choose a shorter --duration/)
    // A picture has 1,000 bytes, and 620 of headers.
    const slow = { ...LIMITS, maxRateBps: 324_000 }
    const paced = { workload: 'frames', rateBps: 1000, transport: 'udp-marker' }
    allowed(sends({ ...paced, frames: { most: 2, everyMs: 40 } }), slow)
    for (const frames of [{ most: 2, everyMs: 39.9 }, { most: 2 }])
      assert.match(denied(sends({ ...paced, frames }), slow), /--max-rate.*fewer a second with --fps/)
    allowed(prepare({ ...paced, frames: { most: 2 } }), slow)
    const payload = payloadOf(1000, 100)
    assert.equal(takesMs({ payload, frames: { most: 3 } }, { ...LIMITS, maxRateBps: 8000 }), 3 * 1620)
  })

  test('a trial is one thing: what another may do, it may not', () => {
    const stream = { durationMs: 100, everyMs: 100 }
    const payload = generated({ sizeBytes: 2 ** 40 })
    allowed(prepare({ payload, stream }))
    const both = { payload, stream, workload: 'frames', frames: { most: 1, everyMs: 40 } }
    assert.match(denied(prepare(both)), /of requests, of pictures or of a stream/)
    assert.match(denied(sends({ stream, requests: { most: 1 } })), /of requests, of pictures or of a stream/)
  })

  test('a file that is received is held in memory, which is not for more than 1 GiB', () => {
    const file = (sizeBytes: number) => prepare({ payload: { kind: 'file', sizeBytes, chunkBytes: 1024 } })
    const limits = { ...LIMITS, maxSizeBytes: 10 * 2 ** 30 }
    allowed(file(2 ** 30), limits)
    assert.match(denied(file(2 ** 30 + 1), limits), /held in memory/)
  })

  test('data go only to who has shown that he is there', () => {
    assert('allowed' in verdict({ ...GO, to: { host: '10.0.0.2', port: 5000, family: 4 } }))
    for (const host of ['10.0.0.3', '8.8.8.8', '', '010.0.0.2', '::ffff:10.0.0.2', 'localhost'])
      assert('denied' in verdict({ ...GO, to: { host, port: 5000, family: 4 } }), host)
  })

  test('a server is sent to addresses, never to names', () => {
    const visit = { type: 'visit', id: 1, port: 1, tls: false, ticket: '0'.repeat(64) }
    assert(requestSchema.safeParse({ ...visit, host: '10.0.0.3' }).success)
    assert(requestSchema.safeParse({ ...visit, host: '2001:db8::1' }).success)
    for (const host of ['example.org', 'localhost', '127.1', '0x7f.1', '', '10.0.0.3 ', '/tmp/socket'])
      assert(!requestSchema.safeParse({ ...visit, host }).success, host)
  })
})
