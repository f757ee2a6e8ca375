/** `bench serve` over TLS: who is let in, and what is said to who is not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { Authority, type Pem } from '../support/certificates.ts'
import { test } from '../support/patient.ts'
import { withoutOpenssl } from '../support/programs.ts'
import { assertOneLine, bench } from './cli.ts'
import { eventually } from './daemon.ts'
import { run, type Server, startServer, TOKEN } from './two-hosts.ts'

describe('TLS', { concurrency: 4, skip: withoutOpenssl }, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-tls-'))
  let ours: Authority
  let others: Authority
  let client: Pem
  let stranger: Pem
  let withToken: Server
  let withCertificates: Server
  let plain: Server
  let elsewhere: Server

  before(async () => {
    ours = new Authority(cwd, 'ours')
    others = new Authority(cwd, 'others')
    const server = ours.certify('server', 'IP:127.0.0.1')
    client = ours.certify('client', 'DNS:client')
    stranger = others.certify('client', 'DNS:client')
    const tls = ['--tls-cert', server.cert, '--tls-key', server.key]
    const listen = '127.0.0.1:0'
    const words = [...tls, '--tls-ca', ours.cert]
    const other = ours.certify('elsewhere', 'DNS:elsewhere.example')
    ;[withToken, withCertificates, plain, elsewhere] = await Promise.all([
      startServer({ cwd, listen, words: tls }),
      startServer({ cwd, listen, words, token: undefined }),
      startServer({ cwd, listen }),
      startServer({ cwd, listen, words: as(other) }),
    ])
  })
  after(async () => {
    for (const server of [withToken, withCertificates, plain, elsewhere]) await server[Symbol.asyncDispose]()
    rmSync(cwd, { recursive: true, force: true })
  })

  const at = ({ port }: Server) => ['--host', `127.0.0.1:${port}`]
  const trusting = () => ['--tls-ca', ours.cert]
  const as = ({ cert, key }: Pem) => ['--tls-cert', cert, '--tls-key', key]

  test('with a token: both ends are sure of each other, and nothing is warned of', async () => {
    const { code, rows, stderr } = await run([...at(withToken), ...trusting()], { cwd })
    assert.equal(code, 0, stderr)
    assert(rows.length > 0 && rows.every(({ outcome }) => outcome === 'completed'))
    assert.doesNotMatch(stderr, /Warning/)
  })

  test('with certificates of both ends no token is needed', async () => {
    const { code, stderr } = await run([...at(withCertificates), ...trusting(), ...as(client)], {
      cwd,
      token: undefined,
    })
    assert.equal(code, 0, stderr)
  })

  for (const [what, words, setting, reason] of [
    ['another token', () => [...at(withToken), ...trusting()], { token: `${TOKEN}!` }, /wrong token/],
    [
      'no authority for the server’s certificate',
      () => [...at(withToken), '--tls'],
      {},
      /certificate.*--tls-ca/,
    ],
    [
      'another authority',
      () => [...at(withToken), '--tls-ca', others.cert],
      {},
      /certificate.*the authority of --tls-ca has not signed it/,
    ],
    [
      'a certificate of another name',
      () => [...at(elsewhere), ...trusting()],
      {},
      /name the host as its certificate/,
    ],
    [
      'no certificate where one is wanted',
      () => [...at(withCertificates), ...trusting()],
      { token: undefined },
      /certificate.*--tls-cert/,
    ],
    [
      'a certificate of another authority',
      () => [...at(withCertificates), ...trusting(), ...as(stranger)],
      { token: undefined },
      /certificate.*give one that its authority .* has signed/,
    ],
    ['no TLS where there is', () => at(withToken), {}, /--tls/],
    ['TLS where there is none', () => [...at(plain), ...trusting()], {}, /TLS/],
  ] as const)
    test(`${what}: turned away in one line`, async () => {
      const ended = await run(words(), { cwd, ...setting })
      assert.equal(ended.code, 1, ended.stderr)
      assertOneLine(ended, reason)
    })

  for (const [what, words] of [
    ['a key of another certificate', () => ['--tls-cert', client.cert, '--tls-key', stranger.key]],
    ['a key for a certificate', () => ['--tls-cert', client.key, '--tls-key', client.key]],
    ['a certificate for a key', () => ['--tls-cert', client.cert, '--tls-key', client.cert]],
    ['no certificate of an authority', () => [...as(client), '--tls-ca', client.key]],
  ] as const)
    test(`${what} is a mistake of the command, for a client and for a server`, async () => {
      for (const command of [
        ['run', ...at(withToken)],
        ['serve', '--listen', '127.0.0.1:0'],
      ]) {
        const ended = await bench([...command, ...words()], { cwd, env: { BENCH_TOKEN: TOKEN } })
        assert.equal(ended.code, 2, ended.stderr)
        assertOneLine(ended, /--tls-(cert|key|ca)/)
      }
    })

  for (const [what, drip] of [
    ['says nothing', Buffer.alloc(0)],
    ['stops in the middle of TLS', Buffer.from([0x16, 3, 1, 2, 0, 1])],
    ['says a byte of TLS every 100 ms', Buffer.from([0x16])],
  ] as const)
    test(`a client that ${what} is borne for 5 s`, async () => {
      const since = monotonic()
      const address = { host: '127.0.0.1', port: withToken.port }
      const socket = connect(address)
      socket.on('error', () => {}).resume()
      // A record of 16 KiB, of which a byte comes now and then.
      let rest = Buffer.from([3, 1, 0x3f, 0, 1, 0, 0x3e, 0xf0])
      socket.write(drip)
      const timer = setInterval(() => {
        if (drip.length !== 1) return
        socket.write(rest.length > 0 ? rest.subarray(0, 1) : Buffer.alloc(1))
        rest = rest.subarray(1)
      }, 100)
      // Who comes a second later and says nothing is let go later: on a busy machine, too, nobody has a second 5 s.
      await sleep(1000)
      const order: string[] = []
      const silent = connect(address)
      silent.on('error', () => {}).resume()
      silent.once('close', () => order.push('silent'))
      socket.once('close', () => order.push('this one'))
      await eventually('closed', () => socket.closed)
      clearInterval(timer)
      silent.destroy()
      assert(monotonic() - since > 4500)
      assert.equal(order[0], 'this one')
    })
})
