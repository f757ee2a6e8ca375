/** TLS with peers that do it wrong, and what a sender makes of certificates and tickets. */
import assert from 'node:assert/strict'
import { constants, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type TlsOptions } from 'node:tls'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { SendOptions } from '../../../transports/contract/transport.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { tls } from '../../../transports/protocols/tls.ts'
import { fingerprintOf, makeCertificate } from '../../../transports/tls/certificate.ts'
import { Collector } from '../../support/collector.ts'
import { test } from '../../support/patient.ts'
import { RawConnection, RawServer } from '../../support/raw-tcp.ts'
import { deliver, leavesNothingOpen, receiveOptions, sendOptions } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const PAYLOAD = new GeneratedPayload(5000, 1000, 1)
/** A handshake record whose length says more than the protocol allows. */
const TOO_LONG = Buffer.from('160303ffff', 'hex')
const resume = { resume: true }
/** A certificate that no test before has met. */
const OTHER = makeCertificate()

function send(to: Endpoint, over: Partial<SendOptions> = {}) {
  return tls.transfer.send(nodeSockets, to, PAYLOAD, sendOptions(over))
}

async function sendToRaw(
  converse: (server: RawConnection) => Promise<void>,
  over: Partial<SendOptions> = {},
) {
  await using server = await RawServer.open(converse)
  return await send(server.endpoint, over)
}

/** A TLS server of node's own that speaks the dialogue. */
async function foreignServer(options: TlsOptions) {
  const server = createServer({ ...makeCertificate(), ...options }, socket => {
    let bytes = -1
    socket.on('error', () => {})
    socket.on('data', data => {
      if (bytes < 0) socket.write('GOT SIZE')
      bytes += bytes < 0 ? 1 : data.length
      if (bytes === PAYLOAD.sizeBytes) socket.end('GOT IMAGE')
    })
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const endpoint: Endpoint = { host: '127.0.0.1', port: address.port, family: 4 }
  return { endpoint, [Symbol.asyncDispose]: () => new Promise<void>(over => server.close(() => over())) }
}

test('a certificate made for a run is its own issuer, valid, and for the key that comes with it', () => {
  const { cert, key } = makeCertificate('some name', new Date('2049-12-31T23:59:59Z'))
  const read = new X509Certificate(cert)
  assert.equal(read.subject, 'CN=some name')
  assert.ok(read.checkIssued(read))
  assert.ok(read.verify(read.publicKey))
  assert.equal(new Date(read.validFrom).toISOString(), '2048-12-31T23:59:59.000Z')
  assert.equal(new Date(read.validTo).toISOString(), '2059-12-31T23:59:59.000Z')
  assert.match(key, /^-----BEGIN PRIVATE KEY-----/)
  assert.notEqual(makeCertificate().cert, makeCertificate().cert)
})

const wrong = {
  'says nothing': { says: [], code: 'TIMEOUT' },
  'speaks no TLS': { says: ['HTTP/1.1 400 Bad Request\r\n\r\n'], code: 'TLS' },
  'sends a record that is too long': { says: [TOO_LONG], code: 'TLS' },
}
for (const [name, { says, code }] of Object.entries(wrong))
  test(`a receiver that ${name} fails the handshake`, HANG, () =>
    leavesNothingOpen(async () => {
      const report = await sendToRaw(server => server.say(...says), { answerTimeoutMs: 300 })
      assert.deepEqual([report.failure?.phase, report.failure?.code], ['tls-handshake', code])
      assert.doesNotMatch(report.failure?.message ?? '', /\n|openssl|\.c:/)
      assert.ok(report.connectMs !== undefined && report.tlsMs === undefined)
      assert.equal(report.bytesAccepted, 0)
    }),
  )

test('a receiver that closes in the handshake is said to have closed', HANG, () =>
  leavesNothingOpen(async () => {
    const report = await sendToRaw(async server => {
      await once(server.socket, 'data')
      server.socket.end()
    })
    assert.deepEqual([report.failure?.phase, report.failure?.code], ['tls-handshake', 'CLOSED'])
    assert.match(report.failure?.message ?? '', /^the receiver closed the connection in the TLS handshake/)
  }),
)

test('a receiver that knows older versions only is refused', HANG, () =>
  leavesNothingOpen(async () => {
    await using server = await foreignServer({ maxVersion: 'TLSv1.2' })
    const report = await send(server.endpoint)
    assert.deepEqual([report.failure?.phase, report.failure?.code], ['tls-handshake', 'TLS'])
    assert.match(report.failure?.message ?? '', /does the other end speak TLS 1\.3\?$/)
  }),
)

test(
  'a receiver with another certificate than its endpoint says is not accepted, nor is its ticket',
  HANG,
  () =>
    leavesNothingOpen(async () => {
      await using receiver = await tls.transfer.receive(nodeSockets, receiveOptions(4))
      const certificate = fingerprintOf(makeCertificate().cert)
      for (const options of [undefined, resume]) {
        const report = await send({ ...receiver.endpoint, certificate }, { tls: options })
        assert.deepEqual([report.failure?.phase, report.failure?.code], ['tls-handshake', 'CERTIFICATE'])
        assert.match(report.failure?.message ?? '', new RegExp(certificate))
      }
    }),
)

test(
  'a session is resumed where that is asked for, from the very first transfer on; else it is not',
  HANG,
  () =>
    leavesNothingOpen(async () => {
      for (const options of [undefined, resume, resume, undefined]) {
        await using receiver = await tls.transfer.receive(
          nodeSockets,
          receiveOptions(4, { expected: PAYLOAD, ...(options ? { tls: OTHER } : {}) }),
        )
        const transferred = await deliver(tls, nodeSockets, receiver, PAYLOAD, {
          family: 4,
          send: { tls: options },
        })
        const { sent, received } = transferred
        assert.equal(sent.tlsResumed, options !== undefined)
        assert.deepEqual([sent.tlsVersion, received.intact], ['TLSv1.3', true])
        assert.match(sent.tlsCipher ?? '', /^TLS_[A-Z0-9_]+$/)
        for (const phase of [sent.connectMs, sent.tlsMs, sent.handshakeMs]) assert.ok((phase ?? -1) >= 0)
      }
    }),
)

test('a server that issues no tickets is not resumed, and the report says so', HANG, () =>
  leavesNothingOpen(async () => {
    // SSL_OP_NO_TICKET: what is left in TLS 1.3 is a session that only the server remembers, and this one remembers none.
    await using server = await foreignServer({ secureOptions: constants.SSL_OP_NO_TICKET })
    const report = await send(server.endpoint, { tls: resume })
    assert.equal(report.failure, undefined)
    assert.deepEqual([report.acknowledged, report.tlsResumed], [true, false])
  }),
)

const bad = {
  'not a word of TLS': { says: ['SIZE 5\n12345'], code: 'TLS' },
  'a record that is too long': { says: [TOO_LONG], code: 'TLS' },
  'nothing, and then nothing': { says: [], code: 'TIMEOUT' },
  'gone at once': { says: [], code: 'CLOSED', leaves: true },
  'gone in its first record': { says: [Buffer.from('160301', 'hex')], code: 'CLOSED', leaves: true },
}
for (const [name, { says, code, ...rest }] of Object.entries(bad))
  test(`turned away: ${name}`, HANG, () =>
    leavesNothingOpen(async () => {
      await using collector = await Collector.open(tls, { quietMs: 150 })
      await using client = await RawConnection.open(collector.endpoint)
      await client.say(...says)
      if ('leaves' in rest) client.socket.end()
      const { failure } = await collector.one()
      assert.deepEqual([failure?.phase, failure?.code], ['handshake', code])
      assert.doesNotMatch(failure?.message ?? '', /\n|openssl|\.c:/)
      await client.ended
    }),
  )
