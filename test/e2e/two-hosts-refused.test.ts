/** `bench run --host` where it cannot be: who is not let in, is not there, or is no server, and flags that do not go together. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe } from 'node:test'
import { encodeFrame } from '../../bench/fleet/link/frames.ts'
import { inProcess } from '../support/in-process.ts'
import { ADDRESSES, NAME_OF_B, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { withoutOpenssl } from '../support/programs.ts'
import { folder, PICTURE } from './cli.ts'
import { PORT, startServer, TOKEN, useLab } from './two-hosts.ts'

const SKIP = withoutLab()

describe('a server that lets nobody in, or is not there', { concurrency: 2, skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  test('TLS: the right certificates, none, another one, and none at all on the other side', {
    skip: withoutOpenssl,
  }, async context => {
    const cwd = folder(context)
    certificates(cwd)
    const own = ['--tls-cert', 'server.pem', '--tls-key', 'server.key']
    await using server = await startServer({
      cwd,
      at: hosts.lab.words('b'),
      listen: `[::]:${PORT + 3}`,
      words: [...own, '--tls-ca', 'ca.pem'],
      token: undefined,
    })
    const at = { cwd, token: undefined }
    const host = ['--host', `${NAME_OF_B}:${server.port}`, '-4']
    const known = ['--tls-ca', 'ca.pem', '--tls-cert', 'client.pem', '--tls-key', 'client.key']
    const { code, rows, stderr } = await hosts.run(context, [...host, ...known], at)
    assert.equal(code, 0, stderr)
    assert(rows.every(row => row.outcome === 'completed'))

    const wrong = [
      [...host, '--tls-ca', 'ca.pem'],
      [...host, '--tls', ...known.slice(2)],
      host,
      ['--host', ADDRESSES.b[4], ...known],
    ]
    for (const words of wrong) assertOneLine(await hosts.run(context, words, at), 1, words.join(' '))
  })

  test('who is not let in, and who is not there: one line, and soon', async context => {
    const host = ['--host', ADDRESSES.b[4]]
    const told: [readonly string[], { token?: string | undefined }, 1 | 2, RegExp][] = [
      [['--host', '10.77.2.99'], {}, 1, /no route to it|no connection within/],
      [['--host', '10.99.9.9'], {}, 1, /no route to it|no connection within/],
      [['--host', `${ADDRESSES.b[4]}:1`], {}, 1, /port 1: nothing listens there/],
      [['--host', 'nobody.bench.test'], {}, 2, /cannot find the host "nobody\.bench\.test"/],
      [host, { token: `not ${TOKEN}` }, 1, /wrong token/],
      [host, { token: undefined }, 1, /needs a token; give it with --token-file or BENCH_TOKEN/],
    ]
    const assertTold = async ([words, over, code, pattern]: (typeof told)[number]) => {
      const ended = await hosts.run(context, words, over)
      assertOneLine(ended, code, words.join(' '))
      assert.match(ended.stderr, pattern)
    }
    // The two that wait do so at the same time; each that is run beside others needs a process of its own.
    const waiting = Promise.all(told.slice(0, 2).map(assertTold))
    for (const each of told.slice(2)) await assertTold(each)
    await waiting
  })

  test('a file is only sent from here', async context => {
    for (const words of [['--reverse'], ['--bidir']]) {
      const refused = await hosts.run(context, ['--host', ADDRESSES.b[4], ...words, '--file', PICTURE])
      assertOneLine(refused, 2, words.join(' '))
      assert.match(refused.stderr, /--file is on this host/)
    }
  })

  test('a run that cannot begin lets go of the server', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'there.csv'), '')
    const words = ['--host', ADDRESSES.b[4], '--out', 'there.csv']
    assertOneLine(await hosts.run(context, words, { cwd }), 2, '--out')
    await using single = await startServer({
      cwd,
      at: hosts.lab.words('b'),
      listen: `[::]:${PORT + 4}`,
      words: ['--max-sessions', '1'],
    })
    const busy = await hosts.run(context, ['--host', `${ADDRESSES.b[4]}:${single.port}`, '--bidir'])
    assertOneLine(busy, 1, '--bidir')
    assert.match(busy.stderr, /busy: 1 session is under way \(--max-sessions\)/)
  })
})

test('flags that do not go together are refused before anybody is asked', async () => {
  const host = ['--host', 'nobody.bench.test']
  const refused: [readonly string[], RegExp][] = [
    [[...host, '--pin', '0,1'], /--pin needs both agents on this host/],
    [[...host, '--keep', '.'], /--keep .*--reverse/],
    [['--reverse'], /--reverse is for another host; name it with --host/],
    [['--bidir'], /--bidir is for another host; name it with --host/],
    [['--tls'], /--tls is for another host; name it with --host/],
    [[...host, '--bidir', '--reverse'], /--reverse and --bidir exclude each other/],
    [[...host, '--target', '127.0.0.1:9'], /--target and --host exclude each other/],
    [['--from', 'nobody.bench.test'], /--from and --to belong together/],
    [[...host, '--tls-cert', 'a.pem'], /--tls-cert and --tls-key belong together/],
  ]
  for (const [words, pattern] of refused) {
    const ended = await inProcess(['run', ...words])
    assertOneLine(ended, 2, words.join(' '))
    assert.match(ended.stderr, pattern)
  }
})

test('what listens there is no server of ours, or of another version: one line, and soon', async context => {
  const cwd = folder(context)
  const hello = { type: 'challenge', protocol: 999, version: '9.9.9', nonce: 'a'.repeat(64), auth: 'none' }
  const impostors: [(socket: Socket) => void, RegExp, string[]?][] = [
    [() => {}, /no answer within|no connection within/],
    [() => {}, /no connection within/, ['--tls']],
    [socket => socket.end(), /closed/],
    [socket => socket.end(), /TLS/, ['--tls']],
    [socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /a frame of \d+ bytes/],
    [
      socket => socket.write(encodeFrame(Buffer.from(JSON.stringify(hello)))),
      /bench 9\.9\.9 there speaks control protocol 999, .* run the same version on both/,
    ],
  ]
  await Promise.all(
    impostors.map(async ([greet, pattern, words = []]) => {
      const impostor = createServer(socket => {
        socket.on('error', () => {}).resume()
        greet(socket)
      }).listen(0, '127.0.0.1')
      context.after(() => impostor.close())
      await once(impostor, 'listening')
      const host = ['--host', `127.0.0.1:${(impostor.address() as AddressInfo).port}`]
      const run = ['run', '--size', '1k', '--repeat', '1', '--out', join(cwd, 'x.csv')]
      const refused = await inProcess([...run, ...host, ...words])
      assertOneLine(refused, 1, String(pattern))
      assert.match(refused.stderr, pattern)
    }),
  )
})

function assertOneLine(
  { code, stderr, stdout }: { code: number | null; stderr: string; stdout: string },
  expected: number,
  what = '',
): void {
  assert.equal(code, expected, `${what}: ${stderr}`)
  assert.match(stderr, /^bench: [^\n]+\n$/, what)
  assert.equal(stdout, '', what)
}

/** An authority, and certificates of it for the server and for a client. */
function certificates(cwd: string): void {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=the authority of a test',
  )
  for (const [name, subject] of [
    ['server', NAME_OF_B],
    ['client', 'client'],
  ] as const) {
    const extension = ['-addext', `subjectAltName=DNS:${subject}`]
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key']
    openssl(
      'req',
      '-x509',
      ...key,
      ...signed,
      ...extension,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${subject}`,
    )
  }
}
