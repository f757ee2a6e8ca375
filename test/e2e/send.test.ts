/** `bench send` to programs that are not ours: every format, both IP versions, and all that such programs do wrong. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { OtherAddress } from '../support/other-address.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { nobodyOf } from '../support/transfers.ts'
import { assertOneLine, bench, folder, PICTURE, peerReport, startBench, startPeer } from './cli.ts'
import { DATAGRAM_SIZES, type Sample, SIZES, samples, sha256 } from './payloads.ts'

const HOSTS = { '127.0.0.1': '127.0.0.1', '::1': '[::1]' } as const
/** Python takes what is paced. */
const FORMATS = {
  tcp: { format: 'tcp', sizes: SIZES, flags: [] },
  'udp-header': { format: 'header', sizes: SIZES, flags: ['--rate', '40M'] },
  'udp-marker': { format: 'marker', sizes: SIZES, flags: ['--rate', '40M'] },
  'udp-datagram': { format: 'datagram', sizes: DATAGRAM_SIZES, flags: [] },
} as const

describe('bench send', { concurrency: 2, skip: withoutPython }, () => {
  for (const [host, written] of Object.entries(HOSTS)) {
    for (const [transport, { format, sizes, flags }] of Object.entries(FORMATS)) {
      test(`delivers every size over ${transport} to ${host}`, async context => {
        const cwd = folder(context)
        // The IP version changes no byte of a format: a short, a full and a large payload tell.
        const files = samples(cwd, host === '::1' ? [1, 1024, 62_470] : sizes)
        const words = ['--host', host, '--port', '0', '--count', String(files.length)]
        await using server = await startPeer(['receive', format, join(cwd, 'got'), ...words], { cwd })
        for (const { path, bytes } of files) {
          const target = `${written}:${server.port}`
          const sent = await bench(['send', path, target, '--transport', transport, ...flags], { cwd })
          assert.equal(sent.code, 0, sent.stderr)
          assert.equal(sent.stderr, '')
          assert.match(sent.stdout, new RegExp(`  ${bytes.length.toLocaleString('en-US')} B  to `))
          assert.match(sent.stdout, format === 'marker' ? / no acknowledgement\n$/ : / {2}acknowledged\n$/)
        }
        const { code, lines } = peerReport(await server.over())
        assert.equal(code, 0, JSON.stringify(lines))
        assert.deepEqual(lines.map(line => line.sha256).sort(), files.map(file => file.sha256).sort())
      })
    }
  }

  test('understands TCP servers that answer early or in pieces', async context => {
    const cwd = folder(context)
    const large = largeFile(context)
    for (const manner of [['--split-replies'], ['--early-ack'], ['--grace', '0.05']]) {
      const server = ['receive', 'tcp', join(cwd, 'got'), '--port', '0', ...manner]
      await using running = await startPeer(server, { cwd })
      const target = `127.0.0.1:${running.port}`
      const sent = await bench(['send', large.path, target, '--transport', 'tcp'], { cwd })
      assert.equal(sent.code, 0, `${manner}: ${sent.stderr}`)
      const { lines } = peerReport(await running.over())
      assert.equal(lines[0]?.sha256, large.sha256, `${manner}: ${JSON.stringify(lines)}`)
    }
  })

  test('tells when a TCP server answers early, closes, and did not take everything', async context => {
    const cwd = folder(context)
    const large = largeFile(context, 8_000_000)
    const server = ['receive', 'tcp', join(cwd, 'got'), '--port', '0', '--early-ack', '--no-wait-bye']
    await using running = await startPeer(server, { cwd })
    const target = `127.0.0.1:${running.port}`
    const sent = await bench(['send', large.path, target, '--transport', 'tcp'], { cwd })
    assert.equal(sent.code, 1)
    assertOneLine(sent, target)
    const { lines } = peerReport(await running.over())
    assert.equal(lines[0]?.complete, false)
  })

  test('tells when a UDP server cuts the datagrams off and never answers', async context => {
    const cwd = folder(context)
    const server = ['receive', 'header', join(cwd, 'got'), '--port', '0', '--timeout', '30', '--quiet', '2']
    await using running = await startPeer(server, { cwd })
    const words = ['--transport', 'udp-header', '--chunk', '2048', '--timeout', '500ms', '--rate', '40M']
    const sent = await bench(['send', PICTURE, `127.0.0.1:${running.port}`, ...words], { cwd })
    assert.equal(sent.code, 1)
    assertOneLine(sent, 'no acknowledgement within 500 ms')
    assert.match(peerReport(await running.over()).lines[0]?.note ?? '', /cut off/)
  })

  test('refuses a flag that its transport does not use', async context => {
    const cwd = folder(context)
    for (const [words, flag] of [
      [['--transport', 'tcp', '--rate', '1M'], '--rate is for UDP, and tcp does not use it'],
      [
        ['--transport', 'udp-header', '--no-nodelay'],
        '--no-nodelay is for TCP, and udp-header does not use it',
      ],
    ] as const) {
      const ended = await bench(['send', PICTURE, '127.0.0.1:9', ...words], { cwd })
      assert.equal(ended.code, 2)
      assertOneLine(ended, flag)
    }
  })

  test('tells that nobody listens: exit code 1, one line', async context => {
    const cwd = folder(context)
    const { host, port } = nobodyOf(4)
    for (const transport of ['tcp', 'udp-header', 'udp-datagram']) {
      const paced = transport === 'tcp' ? [] : ['--rate', '40M']
      const words = ['send', PICTURE, `${host}:${port}`, '--transport', transport, ...paced]
      const sent = await bench(words, { cwd })
      assert.equal(sent.code, 1)
      assertOneLine(sent, 'ECONNREFUSED', `${host}:${port}`)
    }
  })

  test('tells that a file is too large for one datagram, and what to do', async context => {
    const cwd = folder(context)
    const [file] = samples(cwd, [65_508])
    const words = ['send', file?.path ?? '', '127.0.0.1:9', '--transport', 'udp-datagram']
    const sent = await bench(words, { cwd })
    assert.equal(sent.code, 1)
    assertOneLine(
      sent,
      'EMSGSIZE',
      '65,508 B',
      'a datagram of',
      'a file of 65507 B or less, or a transport that sends chunks',
    )
  })

  test('does not wait for ever: for a silent server, and for one that says something else', async context => {
    const cwd = folder(context)
    for (const [greeting, told] of [
      ['', 'no GOT SIZE from the receiver (TIMEOUT)'],
      ['HTTP/1.1 400 Bad Request\r\n\r\n', 'got "HTTP/1.1 400'],
      ['GOT SIZE', 'no GOT IMAGE from the receiver (TIMEOUT)'],
    ] as const) {
      await using server = await talking(greeting)
      const words = ['send', PICTURE, server.target, '--transport', 'tcp', '--timeout', '1500ms']
      const sent = await bench(words, { cwd })
      assert.equal(sent.code, 1)
      assertOneLine(sent, told)
    }
  })

  test('says that an answer may have come from another address of the peer', async context => {
    if (process.platform !== 'linux') return context.skip('no second loopback address, no counter')
    const cwd = folder(context)
    await using server = await OtherAddress.open(statSync(PICTURE).size)
    for (const engine of ['native', 'node']) {
      const words = ['--transport', 'udp-header', '--rate', '100M', '--timeout', '1s', '--engine', engine]
      const sent = await bench(['send', PICTURE, server.target, ...words], { cwd })
      assert.equal(sent.code, 1)
      assertOneLine(sent, 'no acknowledgement within 1000 ms')
      assert.match(sent.stderr, /an answer from another address of the peer would be among them/)
    }
  })

  test('ends by Ctrl-C with 130', async context => {
    const cwd = folder(context)
    await using server = await talking('')
    const words = ['send', PICTURE, server.target, '--transport', 'tcp', '--timeout', '5m']
    await using sending = startBench(words, { cwd })
    await server.connected
    sending.kill('SIGINT')
    const { code, stdout, stderr } = await sending.over()
    assert.deepEqual([code, stdout, stderr], [130, '', ''])
    assert.deepEqual(readdirSync(cwd), [])
  })

  test('and bench receive understand one another', async context => {
    const cwd = folder(context)
    const dir = join(cwd, 'received')
    mkdirSync(dir)
    for (const transport of Object.keys(FORMATS)) {
      const words = ['--transport', transport, '--port', '0', '--dir', dir, '--count', '1', '-6']
      await using receiver = startBench(['receive', ...words], { cwd })
      const port = await receiver.until('port', ({ stderr }) => /\[::1\]:(\d+) /.exec(stderr)?.[1])
      const rate = transport === 'tcp' ? [] : ['--rate', '100M']
      const sent = await bench(['send', PICTURE, `[::1]:${port}`, '--transport', transport, ...rate], { cwd })
      assert.equal(sent.code, 0, sent.stderr)
      const { code, stdout } = await receiver.over()
      assert.equal(code, 0, stdout)
    }
    const names = readdirSync(dir)
    assert.equal(names.length, 4)
    for (const name of names) {
      assert.match(name, /-0001(-\d)?\.png$/)
      assert.equal(sha256(readFileSync(join(dir, name))), sha256(readFileSync(PICTURE)))
    }
  })
})

function largeFile(context: TestContext, size = 813_611): Sample {
  const [file] = samples(folder(context), [size])
  assert(file)
  return file
}

/** A TCP server that says `greeting` to whatever comes first, and nothing else. */
async function talking(greeting: string) {
  const clients = new Set<Socket>()
  const server = createServer(client => {
    clients.add(client)
    client.on('error', () => {}).on('data', () => {})
    client.once('data', () => client.write(greeting))
  })
  const connected = once(server, 'connection')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    target: `127.0.0.1:${portOf(server.address())}`,
    connected,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(address: { port: number } | string | null): number {
  assert(address !== null && typeof address !== 'string')
  return address.port
}
