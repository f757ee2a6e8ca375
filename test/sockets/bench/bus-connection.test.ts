/** Connections to a real NATS server: what it needs to have, and what is said where it refuses. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { type Msg, nkeys } from '@nats-io/transport-node'
import { type BusAddress, parseBusUrl } from '../../../bench/fleet/bus/address.ts'
import { type Bus, busProblem, connectBus } from '../../../bench/fleet/bus/connection.ts'
import { Authority } from '../../support/certificates.ts'
import { NatsServer, type NatsSetting, withoutNats } from '../../support/nats.ts'
import { newCredentials } from '../../support/nats-credentials.ts'
import { test } from '../../support/patient.ts'
import { withoutOpenssl } from '../../support/programs.ts'

async function serverOf(context: TestContext, setting: NatsSetting = {}) {
  const server = await NatsServer.start(setting)
  context.after(() => server[Symbol.asyncDispose]())
  return server
}

function at({ host, port }: { readonly host: string; readonly port: number }): BusAddress {
  return { host, port, tls: false }
}

function answerWith({ nats }: Bus, answerTo: (message: Msg) => Parameters<Msg['respond']>[0]): void {
  nats.subscribe('bench.echo', {
    callback: (_, message) => {
      message.respond(answerTo(message))
    },
  })
}

/** A user of a new nkey: its public part for the server, its seed for a client. */
function newUser() {
  const pair = nkeys.createUser()
  return { publicKey: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) }
}

describe('a connection to a NATS server', { skip: withoutNats, concurrency: 2 }, () => {
  test('carries requests, and goes on after the server was killed and started again', async context => {
    const server = await serverOf(context)
    await using bus = await connectBus(at(server))
    answerWith(bus, message => message.data)
    const ask = async () => (await bus.nats.request('bench.echo', 'x', { timeout: 500 })).string()
    assert.equal(await ask(), 'x')
    assert(bus.maxPayloadBytes >= 2 ** 20)
    const port = server.port
    await server.kill()
    await server.start()
    assert.equal(server.port, port)
    for (let tries = 0; ; tries++)
      try {
        assert.equal(await ask(), 'x')
        break
      } catch (error) {
        assert(tries < 120, busProblem(error))
      }
  })

  test('expects answers where nobody who saw one can guess', async context => {
    const server = await serverOf(context)
    await using bus = await connectBus(at(server))
    answerWith(bus, message => message.reply)
    const ask = async () => (await bus.nats.request('bench.echo', '', { timeout: 30_000 })).string()
    const tokens = [await ask(), await ask()].map(reply => reply.split('.').at(-1) ?? '')
    for (const token of tokens) assert.match(token, /^[0-9a-f]{32}$/)
    assert.notEqual(tokens[0]?.slice(0, 12), tokens[1]?.slice(0, 12))
  })

  test('says in one line that a server is missing, silent, too plain or something else', async context => {
    const server = await serverOf(context)
    const plain = await serverOf(context, { jetstream: false })
    const other = createServer(socket => socket.end('220 mail\r\n')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    context.after(() => other.close())
    const address = other.address()
    assert(address !== null && typeof address === 'object')
    const said = (port: number, over: Partial<BusAddress> = {}) =>
      assert.rejects(connectBus({ host: '127.0.0.1', port, tls: false, ...over }), each => {
        assert(each instanceof Error)
        problems.push(each.message.replace(/^127\.0\.0\.1:\d+: /, ''))
        return true
      })
    const problems: string[] = []
    await said(1)
    await said(plain.port)
    await said(server.port, { tls: true })
    await said(address.port)
    // Too long for a label: no resolver is asked.
    await assert.rejects(
      connectBus(at({ host: `${'x'.repeat(64)}.invalid`, port: 1 })),
      /: cannot find that host \(ENOTFOUND\); check the name, or give an address$/,
    )
    assert.deepEqual(problems, [
      'nothing listens there; start nats-server -js, or check the address',
      'this NATS server has no JetStream; start it with -js, or with jetstream {} in its configuration',
      'this NATS server speaks no TLS; write nats://, or give it a certificate',
      'that is not a NATS server; check the address',
    ])
  })

  test('proves who it is with an nkey, and is refused with another one or with none', async context => {
    const [user, stranger] = [newUser(), newUser()]
    const server = await serverOf(context, {
      config: `authorization { users: [
        { nkey: ${user.publicKey}, permissions: { publish: ["bench.mine"], subscribe: ["_INBOX.>"] } }
      ] }`,
    })
    const connected = (text?: string) =>
      connectBus({ ...at(server), ...(text === undefined ? {} : { proof: { kind: 'nkey', text } }) })
    await assert.rejects(connected(), /this NATS server needs credentials; give --nkey or --creds$/)
    await assert.rejects(connected(stranger.seed), /rejects these credentials \(--nkey\); add the user/)
    await assert.rejects(connected('no seed'), {
      name: 'UsageError',
      message: '--nkey: the file does not hold the seed of a user (SU…); name one that does',
    })
    await using bus = await connected(`# of host a\n${user.seed}\n`)
    await assert.rejects(bus.nats.request('bench.other', '', { timeout: 30_000 }), error => {
      assert.equal(
        busProblem(error),
        'the NATS server permits these credentials no publish of bench.other; see docs/fleet.md for permissions',
      )
      return true
    })
  })

  test('proves who it is with credentials that the operator of the server has signed', async context => {
    const [own, foreign] = [newCredentials(), newCredentials()]
    const server = await serverOf(context, { config: own.config })
    const connected = (text: string) => connectBus({ ...at(server), proof: { kind: 'creds', text } })
    await using bus = await connected(own.creds)
    await bus.nats.flush()
    await assert.rejects(connected(foreign.creds), /rejects these credentials \(--creds\)/)
    await assert.rejects(connected('no credentials'), /--creds: the file does not hold credentials/)
  })

  test('checks the certificate of the server, by address too', { skip: withoutOpenssl }, async context => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-nats-tls-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const [own, other] = [new Authority(folder, 'own'), new Authority(folder, 'other')]
    const pem = own.certify('bus', 'IP:127.0.0.1')
    const foreign = own.certify('elsewhere', 'IP:192.0.2.1')
    const config = ({ cert, key }: typeof pem) => `tls { cert_file: "${cert}", key_file: "${key}" }`
    const server = await serverOf(context, { config: config(pem) })
    const impostor = await serverOf(context, { config: config(foreign) })
    const ca = readFileSync(own.cert, 'utf8')
    await using bus = await connectBus({ ...at(server), tls: true, ca })
    assert.equal(bus.nats.isClosed(), false)
    await assert.rejects(
      connectBus({ ...at(server), tls: true }),
      /its certificate is not trusted: .+; give the authority that signed it with --bus-ca$/,
    )
    await assert.rejects(
      connectBus({ ...at(server), tls: true, ca: readFileSync(other.cert, 'utf8') }),
      /its certificate is not trusted/,
    )
    await assert.rejects(connectBus({ ...at(impostor), tls: true, ca }), /its certificate is not trusted/)
  })
})

test('reads the address of a NATS server', () => {
  assert.deepEqual(parseBusUrl('nats://bus.example'), { host: 'bus.example', port: 4222, tls: false })
  assert.deepEqual(parseBusUrl('tls://[2001:db8::1]:80/'), { host: '2001:db8::1', port: 80, tls: true })
  for (const wrong of [
    'bus',
    'http://bus',
    'nats://',
    'nats://u:p@bus',
    'nats://bus/x',
    'nats://b us',
    'nats://bus:99999',
  ])
    assert.throws(() => parseBusUrl(wrong), { name: 'UsageError' }, wrong)
})
