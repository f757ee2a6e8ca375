/** The size handshake with servers that are not ours, byte for byte. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import * as z from 'zod'
import type { SendReport, SentCounts } from '../../../transports/contract/reports.ts'
import { loadNativeSockets } from '../../../transports/engines/native/native.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { FilePayload } from '../../../transports/payload/generated.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { test } from '../../support/patient.ts'
import { type RawConnection, RawServer } from '../../support/raw-tcp.ts'
import { leavesNothingOpen, sendOptions } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const PICTURE = Buffer.from('a picture of many bytes'.repeat(100), 'latin1')

interface Sent {
  readonly report: SendReport
  readonly counts: readonly SentCounts[]
  readonly heard: string
}

/** Sends the picture to a server that converses as told. */
async function sendTo(
  converse: (server: RawConnection) => Promise<void>,
  bytes = PICTURE,
  answerTimeoutMs = 10_000,
): Promise<Sent> {
  let connection: RawConnection | undefined
  await using server = await RawServer.open(async each => {
    connection = each
    await converse(each)
  })
  const counts: SentCounts[] = []
  const chunkBytes = bytes === PICTURE ? 100 : 65_536
  const options = sendOptions({ answerTimeoutMs, sent: each => counts.push(each) })
  const report = await tcp.transfer.send(
    nodeSockets,
    server.endpoint,
    new FilePayload(bytes, chunkBytes),
    options,
  )
  await connection?.ended
  assert.equal(counts.length, 1)
  return { report, counts, heard: connection?.text ?? '' }
}

/** A server that answers as it should, in these pieces. */
const polite = (size: readonly string[], image: readonly string[]) => async (server: RawConnection) => {
  await server.hear('\n')
  await server.say(...size)
  await server.hear(PICTURE.toString('latin1'))
  await server.say(...image)
}

const answered = {
  'each in one piece': polite(['GOT SIZE'], ['GOT IMAGE']),
  'GOT SIZE split': polite(['GO', 'T SI', 'ZE'], ['GOT IMAGE']),
  'GOT IMAGE split': polite(['GOT SIZE'], ['G', 'OT IMAG', 'E']),
  'with line ends': polite(['GOT SIZE\r\n'], ['GOT IMAGE\r\n']),
  'both at once, before the picture': polite(['GOT SIZEGOT IMAGE'], []),
}
for (const [name, converse] of Object.entries(answered)) {
  test(`a server that answers: ${name}`, HANG, () =>
    leavesNothingOpen(async () => {
      const { report, heard } = await sendTo(converse)
      assert.equal(report.failure, undefined)
      assert.equal(report.acknowledged, true)
      assert.equal(report.bytesAccepted, PICTURE.length)
      assert.equal(heard, `SIZE ${PICTURE.length}\n${PICTURE.toString('latin1')}BYE BYE `)
      for (const phase of [report.connectMs, report.handshakeMs, report.transferMs, report.ackMs])
        assert.ok(phase !== undefined && phase >= 0)
    }),
  )
}

test('a server that closes right after GOT IMAGE has all the same answered', HANG, () =>
  leavesNothingOpen(async () => {
    const { report } = await sendTo(async server => {
      await server.hear('\n')
      await server.say('GOT SIZE')
      await server.hear(PICTURE.toString('latin1'))
      server.socket.end('GOT IMAGE')
    })
    assert.equal(report.failure, undefined)
    assert.equal(report.acknowledged, true)
  }),
)

test('a server that answers early and stops reading has answered; what it was not sent is told', HANG, () =>
  leavesNothingOpen(async () => {
    const large = Buffer.alloc(64 << 20, 'x')
    const { report } = await sendTo(async server => {
      await server.hear('\n')
      server.socket.pause()
      await server.say('GOT SIZE', 'GOT IMAGE')
      // What it says has to be on its way before its end resets the connection.
      setTimeout(() => server.socket.destroy(), 50)
    }, large)
    assert.equal(report.failure, undefined)
    assert.equal(report.acknowledged, true)
    assert.ok(report.bytesAccepted < large.length)
  }),
)

const failures: Record<
  string,
  { converse: (server: RawConnection) => Promise<void>; phase: string; codes: readonly string[] }
> = {
  'says something else than GOT SIZE': {
    converse: async server => server.say('HTTP/1.1 400 Bad Request\r\n'),
    phase: 'handshake',
    codes: ['PROTOCOL'],
  },
  'says something else than GOT IMAGE': {
    converse: polite(['GOT SIZE'], ['NO ROOM']),
    phase: 'ack',
    codes: ['PROTOCOL'],
  },
  'says half of GOT SIZE': { converse: polite(['GOT'], []), phase: 'handshake', codes: ['TIMEOUT'] },
  'never says GOT IMAGE': { converse: polite(['GOT SIZE'], []), phase: 'ack', codes: ['TIMEOUT'] },
  'closes at once': {
    converse: async server => void server.socket.end(),
    phase: 'handshake',
    codes: ['CLOSED', 'ECONNRESET', 'EPIPE'],
  },
  'closes before GOT IMAGE': {
    converse: async server => {
      await server.hear('\n')
      await server.say('GOT SIZE')
      await server.hear(PICTURE.toString('latin1'))
      server.socket.end()
    },
    phase: 'ack',
    codes: ['CLOSED'],
  },
}
for (const [name, { converse, phase, codes }] of Object.entries(failures)) {
  test(`a server that ${name} is a failure`, HANG, () =>
    leavesNothingOpen(async () => {
      const { report } = await sendTo(converse, PICTURE, 200)
      assert.equal(report.failure?.phase, phase)
      assert.ok(codes.includes(report.failure?.code ?? ''), report.failure?.code)
      assert.equal(report.acknowledged, false)
    }),
  )
}

test('a connection reset in the middle of the picture is a failure that counts what was taken', HANG, () =>
  leavesNothingOpen(async () => {
    const large = Buffer.alloc(64 << 20, 'x')
    const { report, counts } = await sendTo(async server => {
      await server.hear('\n')
      await server.say('GOT SIZE')
      await server.hear('x')
      server.socket.resetAndDestroy()
    }, large)
    assert.equal(report.failure?.phase, 'transfer')
    assert.ok(['ECONNRESET', 'EPIPE', 'CLOSED'].includes(report.failure?.code ?? ''), report.failure?.code)
    assert.ok(report.bytesAccepted < large.length)
    assert.equal(counts[0]?.bytesAccepted, report.bytesAccepted)
  }),
)

test(
  'a server that answers and closes before it has everything has answered (native: what it said can still be read)',
  { ...HANG, skip: process.platform === 'linux' ? false : 'the native engine is for Linux' },
  () =>
    leavesNothingOpen(async () => {
      const server = createServer(socket => {
        socket.once('data', () => {
          socket.write('GOT SIZE')
          socket.once('data', () => {
            // Unread bytes make the close a reset.
            socket.write('GOT IMAGE', () => socket.resetAndDestroy())
          })
        })
        socket.on('error', () => {})
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = z.object({ port: z.number() }).parse(server.address())
      const sockets = await loadNativeSockets()
      const payload = new FilePayload(Buffer.alloc(8 << 20), 1024)
      const to = { host: '127.0.0.1', port, family: 4 } as const
      const report = await tcp.transfer.send(sockets, to, payload, sendOptions({ answerTimeoutMs: 10_000 }))
      assert.equal(report.failure, undefined)
      assert.equal(report.acknowledged, true)
      assert.ok(report.bytesAccepted < payload.sizeBytes)
      server.close()
      await once(server, 'close')
    }),
)
