/** Whatever reads bytes from outside, as properties: nothing but its own errors is thrown, and what it says of the bytes is true. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Channel } from '../../bench/control/channel.ts'
import { encodeFrame, FrameReader, ProtocolError } from '../../bench/control/frames.ts'
import { greet } from '../../bench/control/handshake.ts'
import {
  fromServerSchema,
  helloSchema,
  requestSchema,
  responseSchema,
  visitSchema,
} from '../../bench/control/protocol.ts'
import { errorCode } from '../../bench/errors.ts'
import { GeneratedPayload } from '../../bench/payload.ts'
import { judge, type Limits } from '../../bench/serve/policy.ts'
import { transports } from '../../transports/registry.ts'
import { controlData } from '../../transports/sockets/native/control.ts'
import type { Endpoint } from '../../transports/sockets/sockets.ts'
import { isFarewell, readSizeHeader } from '../../transports/tcp-messages.ts'
import { pair, serve } from '../support/control-pair.ts'
import { MemorySockets } from '../support/memory-sockets.ts'
import { NEVER, receiveOptions } from '../support/transfers.ts'

export type Target = () => fc.IRawProperty<unknown>

const TOKEN = 'a token of enough letters'
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(each => Buffer.from(each))

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
    kind: fc.constantFrom('generated', 'file', 'other'),
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
      new Set(['10.0.0.2']),
    )
    if ('denied' in verdict) return
    const { allowed } = verdict
    if (allowed.type === 'go') assert.equal(allowed.to.host, '10.0.0.2')
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

const PEER: Endpoint = { host: '127.0.0.1', port: 7, family: 4 }
const OTHER: Endpoint = { host: '127.0.0.2', port: 7, family: 4 }

/** Any datagrams at a receiver with one peer: answers go to the peer, with no more bytes than came from it; the counts hold. */
export const anyDatagrams: Target = () => {
  const payload = new GeneratedPayload(40, 10, 1)
  const [chunks] = [...payload.windows()]
  const real = [0, 10, 20, 30].map(at => Buffer.from(chunks?.bytes.subarray(at, at + 10) ?? []))
  const length = Buffer.alloc(8)
  length.writeBigInt64LE(40n)
  const datagram = fc.oneof(
    bytes(70),
    fc.constantFrom(
      ...real,
      length,
      length.subarray(0, 4),
      Buffer.from('bin'),
      Buffer.from('end'),
      payload.whole(),
    ),
  )
  const arrivals = fc.array(fc.tuple(datagram, fc.boolean()), { maxLength: 30 })
  const names = [...transports.values()].filter(each => each.traits.socket === 'datagram')
  return fc.asyncProperty(
    arrivals,
    fc.constantFrom(...names),
    fc.boolean(),
    async (arrivals, transport, checked) => {
      const sent: { bytes: number; to: Endpoint }[] = []
      const sockets = new MemorySockets((bytes, from, to) => {
        if (from.port === PEER.port) return [{ bytes }]
        sent.push({ bytes: bytes.length, to })
        return []
      })
      await using receiver = await transport.receive(
        sockets,
        receiveOptions(4, {
          peer: PEER.host,
          maxSizeBytes: 1000,
          ...(checked ? { expected: payload } : { holdBytes: 40 }),
        }),
      )
      let fromPeer = 0
      let fromOthers = 0
      for (const [bytes, ours] of arrivals) {
        if (ours) fromPeer += bytes.length
        else fromOthers++
        sockets.carry(bytes, ours ? PEER : OTHER, receiver.endpoint)
      }
      await new Promise(resolve => setImmediate(resolve))
      const report = await receiver.settle({ bytesAccepted: 0, datagramsAccepted: arrivals.length }, 0, 0)
      assert(sent.every(({ to }) => to.host === PEER.host))
      assert(sent.reduce((sum, each) => sum + each.bytes, 0) <= fromPeer)
      assert((report.datagrams?.stray ?? 0) >= fromOthers)
      assert(report.bytesDelivered <= fromPeer)
      if (checked) assert(report.bytesDelivered <= payload.sizeBytes)
    },
  )
}

/** A header of TCP is whole only when it is one, and never reaches into what follows it. */
export const anySizeHeader: Target = () =>
  fc.property(
    fc.oneof(
      bytes(60),
      fc
        .tuple(
          fc.constantFrom('SIZE ', 'SIZE\t', 'SIZ', 'size ', 'SIZE'),
          fc.bigInt({ min: 0n, max: 10n ** 17n }),
          bytes(5),
        )
        .map(([start, digits, rest]) => Buffer.concat([Buffer.from(`${start}${digits}`), rest])),
    ),
    arrived => {
      const header = readSizeHeader(arrived)
      isFarewell(arrived.toString('latin1'))
      if (header.kind !== 'whole') return
      assert(header.length <= arrived.length)
      assert(Number.isSafeInteger(header.sizeBytes) && header.sizeBytes >= 0)
      assert.match(arrived.toString('latin1', 0, header.length), /^SIZE[ \t]+\d+(\r\n|[ \t\n])$/)
    },
  )

/** What is found among control messages of the kernel lies within them. */
export const anyControlMessages: Target = () =>
  fc.property(
    bytes(200),
    fc.nat({ max: 64 }),
    fc.nat({ max: 250 }),
    fc.nat({ max: 20 }),
    (memory, start, length, data) => {
      const level = memory.length >= start + 16 ? memory.readInt32LE(start + 8) : 0
      const type = memory.length >= start + 16 ? memory.readInt32LE(start + 12) : 0
      const at = controlData(memory, start, length, level, type, data)
      if (at !== undefined) assert(at >= start + 16 && at + data <= Math.min(start + length, memory.length))
    },
  )

/** Bytes of a client at a receiver of TCP: never more is told than came, and an announced length is no claim to memory. */
export const anyStream: Target = () => {
  const piece = fc.oneof(
    bytes(50),
    fc
      .constantFrom(
        'SIZE 40\n',
        'SIZE 40',
        'SIZE 9007199254740991\n',
        'SIZE 0\n',
        'BYE ',
        'BYE BYE ',
        '\r\n',
        'SIZE 1e9\n',
      )
      .map(text => Buffer.from(text)),
  )
  return fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async pieces => {
    const sockets = new MemorySockets()
    const tcp = transports.get('tcp')
    assert(tcp)
    await using receiver = await tcp.receive(
      sockets,
      receiveOptions(4, { maxSizeBytes: 1000, holdBytes: 1000 }),
    )
    const stream = await sockets.connect({ signal: NEVER, to: receiver.endpoint })
    stream.read(() => {})
    for (const each of pieces) await stream.write(each, each.length).catch(() => {})
    stream.end()
    const report = await receiver.settle({ bytesAccepted: 0 }, 20, 20)
    const came = pieces.reduce((sum, each) => sum + each.length, 0)
    assert(report.bytesDelivered <= came)
    if (report.announcedBytes !== undefined) assert(report.announcedBytes <= 1000)
    await stream[Symbol.asyncDispose]()
  })
}

export const TARGETS: Readonly<Record<string, Target>> = {
  'frames of the control channel': anyBytesAsFrames,
  'handshakes at a server': anyHandshakeOfClients,
  'handshakes at a client': anyHandshakeOfServers,
  'messages and their judgement': anyMessages,
  'datagrams at receivers': anyDatagrams,
  'bytes at a receiver of TCP': anyStream,
  'SIZE headers': anySizeHeader,
  'control messages of the kernel': anyControlMessages,
}
