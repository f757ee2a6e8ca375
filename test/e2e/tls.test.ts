/** The transport inside TLS: measured, sent and received, with peers of other programs at either end. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { Authority, type Pem } from '../support/certificates.ts'
import { test } from '../support/patient.ts'
import { withoutOpenssl, withoutPython } from '../support/programs.ts'
import { assertOneLine, bench, folder, PICTURE, peer, peerReport, startBench, startPeer } from './cli.ts'
import { sha256 } from './payloads.ts'
import { readCsv } from './rows.ts'

const TLS = ['--transport', 'tls']
const PICTURE_SHA256 = sha256(readFileSync(PICTURE))
const QUICK = ['--size', '40000', '--repeat', '2', '--no-chart']

describe('bench run --transport tls', { concurrency: 2 }, () => {
  for (const [family, ipFamily] of [
    ['-4', 4],
    ['-6', 6],
  ] as const)
    test(`measures full handshakes and resumed ones beside TCP, ${family}`, async context => {
      const cwd = folder(context)
      const rows = []
      for (const words of [
        ['--transport', 'tcp,tls'],
        [...TLS, '--resumption'],
      ]) {
        const ended = await bench(['run', ...words, family, ...QUICK, '--out', 'r.csv', '--force'], { cwd })
        assert.equal(ended.code, 0, ended.stderr)
        rows.push(...readCsv(join(cwd, 'r.csv')))
      }
      assert.equal(rows.length, 6)
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.outcome, row.payload_intact, row.engine], ['completed', true, 'node'], told)
        assert.equal(row.ip_family, ipFamily)
        if (row.transport === 'tcp') {
          for (const value of [row.tls_ms, row.tls_version, row.tls_cipher, row.tls_resumed])
            assert.equal(value, undefined, told)
          continue
        }
        assert.equal(row.tls_version, 'TLSv1.3')
        assert.match(row.tls_cipher ?? '', /^TLS_/)
        assert.equal(row.tls_resumed, row.tls_resumption_asked === true, told)
        const { connect_ms = 0, tls_ms = 0, handshake_ms = 0, total_ms = 0, delivery_ms = 0 } = row
        assert.ok(tls_ms > 0 && connect_ms + tls_ms + handshake_ms < total_ms, told)
        const early = connect_ms + tls_ms + handshake_ms
        assert.ok(Math.abs((row.payload_delivery_ms ?? 0) - (delivery_ms - early)) < 1e-6, told)
      }
      assert.equal(rows.filter(row => row.tls_resumed).length, 2)
    })

  test('is refused on an engine without TLS, and auto takes one that has it', {
    skip: obstacleToNative() ?? false,
  }, async context => {
    const cwd = folder(context)
    const refused = await bench(['run', ...TLS, '--engine', 'native', ...QUICK], { cwd })
    assert.equal(refused.code, 2)
    assertOneLine(refused, '--engine native cannot carry tls', 'use --engine node')
    const chosen = await bench(['run', '--transport', 'tcp,tls', ...QUICK], { cwd })
    assert.equal(chosen.code, 0, chosen.stderr)
    assert.match(chosen.stderr, /the native engine cannot carry tls, .*measuring with the node engine/)
    for (const command of [['send', PICTURE, '127.0.0.1:9'], ['receive']]) {
      const ended = await bench([...command, ...TLS, '--engine', 'native'], { cwd })
      assert.equal(ended.code, 2)
      assertOneLine(ended, 'cannot carry tls')
    }
  })

  test('resumption is for transports inside TLS', async context => {
    const ended = await bench(['run', '--resumption', ...QUICK], { cwd: folder(context) })
    assert.equal(ended.code, 2)
    assertOneLine(ended, '--resumption is for transports inside TLS')
  })
})

describe('TLS with other programs', { concurrency: 2, skip: withoutPython || withoutOpenssl }, () => {
  let authority: Authority
  let other: Authority
  let own: Pem
  const cwd = mkdtempSync(join(tmpdir(), 'bench-tls-'))
  after(() => rmSync(cwd, { recursive: true, force: true }))
  before(() => {
    authority = new Authority(cwd, 'ours')
    other = new Authority(cwd, 'others')
    own = authority.certify('receiver', 'IP:127.0.0.1,IP:::1')
  })

  for (const [address, host] of [
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
  ] as const) {
    test(`Python takes what bench send sends to ${host}, which checks its certificate if asked`, async context => {
      const cwd = folder(context)
      const serve = ['receive', 'tcp', 'got', '--host', host, '--port', '0', '--tls', own.cert, own.key]
      await using server = await startPeer([...serve, '--count', '3'], { cwd })
      const target = `${address}:${server.port}`
      const plain = await bench(['send', PICTURE, target, ...TLS], { cwd })
      assert.equal(plain.code, 0, plain.stderr)
      assert.match(plain.stdout, /acknowledged {2}TLS_\w+, certificate not checked\n$/)
      const checked = await bench(['send', PICTURE, target, ...TLS, '--ca', authority.cert], { cwd })
      assert.equal(checked.code, 0, checked.stderr)
      assert.match(checked.stdout, /certificate checked\n$/)
      const refused = await bench(['send', PICTURE, target, ...TLS, '--ca', other.cert], { cwd })
      assert.equal(refused.code, 1)
      assertOneLine(refused, 'certificate is not accepted', '(CERTIFICATE), in phase tls-handshake')
      const { lines } = peerReport(await server.over())
      const hashes = lines.map(line => line.sha256).filter(Boolean)
      assert.deepEqual(hashes, [PICTURE_SHA256, PICTURE_SHA256])
    })

    test(`bench receive at ${host} takes what Python and openssl send`, async context => {
      const cwd = folder(context)
      const words = [...TLS, '--host', host, '--port', '0', '--dir', 'got', '--count', '3']
      await using receiver = startBench(['receive', ...words, '--cert', own.cert, '--key', own.key], { cwd })
      const port = await receiver.until('port', ({ stderr }) => /[:\]](\d+)[ ;]/.exec(stderr)?.[1])
      const from = ['send', 'tcp', PICTURE, host, port, '--tls']
      for (const trust of [[], ['--ca', authority.cert]]) {
        const { code, lines } = await peer([...from, ...trust], { cwd })
        assert.equal(code, 0, JSON.stringify(lines))
        assert.match(lines[0]?.note ?? '', /^TLSv1\.3 /)
      }
      const refused = await peer([...from, '--ca', other.cert], { cwd })
      assert.match(refused.lines[0]?.note ?? '', /certificate verify failed/i)
      const said = await openssl(['s_client', '-connect', `${address}:${port}`, '-quiet'], async client => {
        client.say('SIZE 5\n')
        await client.hear('GOT SIZE')
        client.say('12345')
        await client.hear('GOT IMAGE')
        client.say('BYE BYE ')
      })
      assert.equal(said, 'GOT SIZEGOT IMAGE')
      const { stdout } = await receiver.over()
      assert.match(stdout, /failed: TLS failed: [^;\n]*unknown ca \(TLS\)\n/)
      const saved = readdirSync(join(cwd, 'got')).map(name => readFileSync(join(cwd, 'got', name)))
      assert.deepEqual(
        saved.map(sha256).sort(),
        [PICTURE_SHA256, PICTURE_SHA256, sha256(Buffer.from('12345'))].sort(),
      )
    })
  }

  test('openssl s_server holds the other end of bench send', async context => {
    const cwd = folder(context)
    const serve = [
      's_server',
      '-accept',
      '127.0.0.1:0',
      '-tls1_3',
      '-cert',
      own.cert,
      '-key',
      own.key,
      '-naccept',
      '1',
    ]
    const said = await openssl(serve, async server => {
      const [, port = ''] = await server.hear(/^ACCEPT [\d.]+:(\d+)$/m)
      const sending = bench(['send', PICTURE, `127.0.0.1:${port}`, ...TLS], { cwd })
      await server.hear(/^SIZE \d+$/m)
      server.say('GOT SIZE')
      // The end of a PNG.
      await server.hear('IEND')
      server.say('GOT IMAGE')
      await server.hear('BYE BYE ')
      const sent = await sending
      assert.equal(sent.code, 0, sent.stderr)
      assert.match(sent.stdout, /TLS_\w+/)
    })
    assert.match(said, /BYE BYE /)
  })

  test('a run against a server that issues no tickets says that nothing was resumed', async context => {
    const cwd = folder(context)
    for (const [flags, resumed] of [
      [[], true],
      [['--no-tickets'], false],
    ] as const) {
      // The first connection is for a ticket, and so is each one after it, if none came.
      const serve = ['receive', 'tcp', 'got', '--port', '0', '--tls', own.cert, own.key, ...flags]
      await using server = await startPeer([...serve, '--count', resumed ? '3' : '4'], { cwd })
      const words = [
        '--target',
        `127.0.0.1:${server.port}`,
        '--repeat',
        '2',
        '--warmup',
        '0',
        '--size',
        '3000',
      ]
      const ended = await bench(['run', ...TLS, '--resumption', ...words, '--out', 'r.csv', '--force'], {
        cwd,
      })
      assert.equal(ended.code, 0, ended.stderr + ended.stdout)
      const rows = readCsv(join(cwd, 'r.csv'))
      assert.deepEqual(
        rows.map(row => [row.outcome, row.tls_resumption_asked, row.tls_resumed]),
        [1, 2].map(() => ['completed', true, resumed]),
      )
      const { lines } = peerReport(await server.over())
      assert.equal(lines.filter(line => /resumed/.test(line.note)).length, resumed ? 2 : 0)
    }
  })

  test('flags that make no sense are one line', async context => {
    const cwd = folder(context)
    for (const [words, part] of [
      [['receive', ...TLS, '--cert', own.cert], '--cert and --key belong together'],
      [['receive', ...TLS, '--cert', own.cert, '--key', authority.cert], 'not a private key in PEM'],
      [['receive', ...TLS, '--cert', PICTURE, '--key', own.key], 'not a certificate in PEM'],
      [
        ['receive', ...TLS, '--cert', authority.cert, '--key', own.key],
        '--cert and --key: key values mismatch',
      ],
      [['receive', ...TLS, '--cert', 'none', '--key', own.key], '--cert: cannot read none'],
      [
        ['receive', '--transport', 'tcp', '--cert', own.cert, '--key', own.key],
        '--cert is for transports inside TLS',
      ],
      [['send', PICTURE, '127.0.0.1', ...TLS, '--ca', own.key], 'not a certificate in PEM'],
      [
        ['send', PICTURE, '127.0.0.1', '--transport', 'tcp', '--ca', own.cert],
        '--ca is for transports inside TLS',
      ],
    ] as const) {
      const ended = await bench(words, { cwd })
      assert.equal(ended.code, 2, words.join(' '))
      assertOneLine(ended, part)
    }
  })
})

interface Talk {
  say(text: string): void
  /** Resolves when it has come. */
  hear(what: string | RegExp): Promise<RegExpExecArray>
}

/** Runs openssl, converses, ends it, and resolves with all that it printed. */
async function openssl(words: readonly string[], converse: (talk: Talk) => Promise<void>): Promise<string> {
  const child = spawn('openssl', words, { stdio: ['pipe', 'pipe', 'ignore'] })
  let printed = ''
  let wake = () => {}
  child.stdout.on('data', (bytes: Buffer) => {
    printed += bytes.toString('latin1')
    wake()
  })
  const over = once(child, 'exit')
  try {
    await converse({
      say: text => child.stdin.write(text),
      async hear(what) {
        const pattern = typeof what === 'string' ? new RegExp(what) : what
        for (;;) {
          const found = pattern.exec(printed)
          if (found) return found
          if (child.exitCode !== null) throw new Error(`openssl has ended: ${printed}`)
          await new Promise<void>(resolve => {
            wake = resolve
            void over.then(() => resolve())
          })
        }
      },
    })
    child.stdin.end()
    return printed
  } finally {
    if (words[0] === 's_server') await Promise.race([over, new Promise(resolve => setTimeout(resolve, 2000))])
    child.kill()
    await over
  }
}
