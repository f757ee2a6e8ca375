/** Whatever reads bytes from outside, as properties: nothing but its own errors is thrown, and what it says of the bytes is true. */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { errorCode } from '../../base/errors.ts'
import { fromServerSchema, helloSchema, visitSchema } from '../../bench/fleet/calls/protocol.ts'
import { requestSchema, responseSchema } from '../../bench/fleet/calls/server-calls.ts'
import { judge, type Limits } from '../../bench/fleet/daemon/policy.ts'
import { Channel } from '../../bench/fleet/link/channel.ts'
import { encodeFrame, FrameReader, ProtocolError } from '../../bench/fleet/link/frames.ts'
import { greet } from '../../bench/fleet/link/handshake.ts'
import { BUILT_IN } from '../../transports/catalog.ts'
import { pair, serve } from '../support/control-pair.ts'
import { NEVER } from '../support/transfers.ts'
import { bytes, type Target } from './arbitraries.ts'
import { anyControlMessages, anyDatagrams, anySizeHeader, anyStream } from './data-targets.ts'
import { anyPicture } from './picture-target.ts'

const TOKEN = 'a token of enough letters'

/** Numbers where mistakes are made. */
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, -1, 1e308, 5e-324, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, Number.MAX_SAFE_INTEGER),
)
const word = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'tcp',
    'udp-header',
    'udp-datagram',
    'node',
    '../../etc/passwd',
    '127.0.0.1',
    '::1',
  ),
)
const id = fc.oneof(fc.nat({ max: 5 }), number)

/** Near to what is said, so that more than the first check is reached. */
const near = fc.oneof(
  { weight: 4, arbitrary: fc.record(fields(), { requiredKeys: ['type'] }) },
  { weight: 1, arbitrary: fc.jsonValue() },
)

function fields(): Record<string, fc.Arbitrary<unknown>> {
  const payload = fc.record({
    kind: fc.constantFrom('generated', 'file', 'made', 'other'),
    made: fc.constantFrom('png', 'zeros', 'other'),
    sizeBytes: id,
    chunkBytes: id,
    seed: id,
    path: word,
  })
  const socket = fc.dictionary(
    fc.constantFrom(
      'sndbufBytes',
      'rcvbufBytes',
      'dscp',
      'mssBytes',
      'maxPacingBps',
      'congestion',
      'df',
      'gso',
      '__proto__',
    ),
    fc.oneof(number, word, fc.boolean()),
  )
  const to = fc.record({ host: word, port: id, family: fc.constantFrom(4, 6, 5) })
  const message = fc.record(
    {
      type: fc.constantFrom('prepare', 'warm-up', 'go', 'settle', 'unanswered', 'abort', 'ready', 'failed'),
      trial: id,
      role: fc.constantFrom('send', 'receive', 'both'),
      transport: word,
      engine: word,
      payload,
      socket,
      to,
      sent: fc.record({ bytesAccepted: id }),
      rateBps: number,
      maxDatagramBytes: id,
      answerTimeoutMs: number,
      quietMs: number,
      deadlineMs: number,
      chunkBytes: id,
      ipFamily: fc.constantFrom(4, 6),
      keepAs: word,
      local: to,
      peer: word,
    },
    { requiredKeys: ['type', 'trial'] },
  )
  return {
    type: fc.constantFrom(
      'hello',
      'proof',
      'visit',
      'agent',
      'ping',
      'check',
      'invite',
      'examine',
      'challenge',
      'welcome',
      'refused',
      'pong',
      'checked',
    ),
    protocol: id,
    version: word,
    nonce: fc.oneof(word, fc.constant('0'.repeat(64))),
    proof: fc.oneof(word, fc.constant('0'.repeat(64))),
    ticket: fc.oneof(word, fc.constant('0'.repeat(64))),
    auth: fc.constantFrom('token', 'none', 'both'),
    id,
    engine: word,
    kind: fc.constantFrom('stream', 'datagram', 'other'),
    family: fc.constantFrom(4, 6, 5),
    options: socket,
    message,
    host: word,
    port: id,
    tls: fc.boolean(),
    reason: word,
    code: fc.constantFrom('BUSY', 'DENIED', 'OTHER'),
  }
}

const said = fc.array(
  fc.oneof(
    near.map(each => encodeFrame(Buffer.from(JSON.stringify(each) ?? ''))),
    bytes(80).map(encodeFrame),
    bytes(40),
  ),
  { minLength: 1, maxLength: 4 },
)

/** The reader gives frames within its limit, or says that it cannot, and holds what it was given. */
export const anyBytesAsFrames: Target = () =>
  fc.property(fc.array(bytes(60)), fc.nat({ max: 100 }), (pieces, limit) => {
    const reader = new FrameReader(limit)
    let left = 0
    for (const piece of pieces) {
      reader.push(piece)
      left += piece.length
      try {
        for (let frame = reader.next(); frame; frame = reader.next()) {
          assert(frame.length <= limit)
          left -= 4 + frame.length
        }
      } catch (error) {
        assert(error instanceof ProtocolError)
        return
      }
      assert.equal(reader.heldBytes, left)
      assert(left < 4 + limit)
    }
  })

/** A server lets nobody in who does not know the token, and never breaks. */
export const anyHandshakeOfClients: Target = () =>
  fc.asyncProperty(said, async pieces => {
    const { client, server } = pair()
    client.on('error', () => {}).resume()
    const serving = serve(server, { token: TOKEN, withinMs: 1000 })
    for (const piece of pieces) client.write(piece)
    client.end()
    const outcome = await serving
    assert.match(outcome, /^(PROTOCOL|DENIED|CLOSED|TIMEOUT)$/)
    client.destroy()
  })

/** A client takes no server that does not know the token, and never breaks. */
export const anyHandshakeOfServers: Target = () =>
  fc.asyncProperty(said, async pieces => {
    const { client, server } = pair()
    server.on('error', () => {}).resume()
    for (const piece of pieces) server.write(piece)
    server.end()
    const channel = new Channel(client)
    await assert.rejects(greet(channel, TOKEN, NEVER), error =>
      /^(PROTOCOL|DENIED|CLOSED|BUSY|CLOSING|TIMEOUT)$/.test(errorCode(error) ?? ''),
    )
    channel[Symbol.dispose]()
    server.destroy()
  })

const LIMITS: Limits = {
  maxSessions: 8,
  maxSizeBytes: 1 << 20,
  maxRateBps: 1e9,
  maxDurationMs: 60_000,
  idleTimeoutMs: 60_000,
  ports: [6000, 6099],
}
const SCHEMAS = [requestSchema, responseSchema, fromServerSchema, helloSchema, visitSchema]

/** No JSON makes a schema throw; and what passes judgement names no path, no address, and nothing over the limits. */
export const anyMessages: Target = () =>
  fc.property(near, value => {
    const message: unknown = JSON.parse(JSON.stringify(value) ?? 'null')
    for (const schema of SCHEMAS) schema.safeParse(message)
    const request = requestSchema.safeParse(message).data
    if (request?.type !== 'agent') return
    const verdict = judge(
      request.message,
      LIMITS,
      { localHost: '10.0.0.1', peerHost: '10.0.0.2' },
      new Map([['10.0.0.2', '10.0.0.1']]),
      BUILT_IN,
    )
    if ('denied' in verdict) return
    const { allowed } = verdict
    if (allowed.type === 'go') assert.deepEqual([allowed.to.host, allowed.from], ['10.0.0.2', '10.0.0.1'])
    if (allowed.type !== 'prepare') return
    assert.equal(allowed.keepAs, undefined)
    assert.deepEqual(allowed.local, { host: '10.0.0.1', port: 0, family: 4 })
    assert.equal(allowed.peer, '10.0.0.2')
    assert.deepEqual(allowed.ports, [6000, 6099])
    assert(allowed.payload.sizeBytes <= LIMITS.maxSizeBytes)
    if (allowed.payload.kind === 'file') {
      assert.equal(allowed.payload.path, '')
      assert.equal(allowed.role, 'receive')
    }
  })

export const TARGETS: Readonly<Record<string, Target>> = {
  'frames of the control channel': anyBytesAsFrames,
  'handshakes at a server': anyHandshakeOfClients,
  'handshakes at a client': anyHandshakeOfServers,
  'messages and their judgement': anyMessages,
  'datagrams at receivers': anyDatagrams,
  'bytes at a receiver of TCP': anyStream,
  'SIZE headers': anySizeHeader,
  pictures: anyPicture,
  'control messages of the kernel': anyControlMessages,
}
