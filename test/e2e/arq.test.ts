/** The reliable protocols over datagrams: with peers that are not ours, and over networks that lose. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { bench, folder, startBench, startPeer } from './cli.ts'
import { type Sample, samples, sha256 } from './payloads.ts'
import { readCsv } from './rows.ts'

const TRANSPORTS = ['udp-stop-and-wait', 'udp-arq'] as const
const HOSTS = { '-4': '127.0.0.1', '-6': '::1' } as const

/** What goes wrong at the peer, which repeats exactly; the same for senders and receivers. */
const TROUBLES = {
  none: [],
  'datagrams are lost': ['--drop', '7'],
  'answers are lost': ['--mute', '3'],
  'everything comes twice': ['--twice', '1'],
  'strangers talk': ['--strange', '--twice', '4'],
  'all at once': ['--drop', '5', '--mute', '4', '--twice', '3', '--strange'],
} as const

describe('reliable datagrams of peers that are not ours', { concurrency: 2, skip: withoutPython }, () => {
  for (const [flag, host] of Object.entries(HOSTS))
    test(`bench receive takes what such a sender sends, at ${host}, whatever happens to it`, async context => {
      const cwd = folder(context)
      const dir = join(cwd, 'received')
      mkdirSync(dir)
      // The IP version changes no byte of the format.
      const files = samples(cwd, flag === '-6' ? [62_470] : [0, 1, 1024, 62_470])
      const words = ['receive', '--transport', 'udp-arq', '--port', '0', '--dir', dir, flag]
      await using receiver = startBench(words, { cwd })
      const port = await receiver.until(
        'port',
        ({ stderr }) => /^listening for .*[.\]1]:(\d+) /.exec(stderr)?.[1],
      )
      const ofSenders = {
        ...TROUBLES,
        'the order is reversed': ['--backwards'],
        'some are cut off': ['--cut', '2'],
      }
      const expected: string[] = []
      for (const [trouble, switches] of Object.entries(ofSenders))
        for (const { path, sha256, bytes } of files) {
          await using peer = await startPeer(['send', path, host, port, ...switches], { cwd }, 'arq')
          const { code, stdout } = await peer.over()
          assert.equal(code, 0, `${trouble}: ${stdout}`)
          const told = JSON.parse(stdout)
          assert.deepEqual([told.acknowledged, told.bytes], [true, bytes.length])
          expected.push(sha256)
        }
      receiver.kill('SIGINT')
      const { stdout } = await receiver.over()
      assert.deepEqual(saved(dir), expected.sort(), stdout)
      assert.doesNotMatch(stdout, /incomplete|failed/)
    })

  for (const engine of ENGINES)
    for (const transport of TRANSPORTS)
      test(`bench send over ${transport}, ${engine}, gets everything to such a receiver, whatever happens to it`, async context => {
        const cwd = folder(context)
        const sizes = transport === 'udp-arq' ? [1, 1024, 62_470] : [1, 20_500]
        const troubles = {
          ...TROUBLES,
          'no selective answers': ['--no-bitmap', '--drop', '9'],
          'a window of 2': ['--window', '2'],
        }
        for (const [host, flags] of Object.entries(troubles).map(
          ([name, flags], at) => [at % 2 ? '::1' : '127.0.0.1', flags, name] as const,
        ))
          for (const file of samples(cwd, sizes)) {
            const out = join(cwd, 'out')
            await using peer = await startPeer(['receive', out, '--host', host, ...flags], { cwd }, 'arq')
            const target = host === '::1' ? `[::1]:${peer.port}` : `${host}:${peer.port}`
            const { code, stdout, stderr } = await bench(
              ['send', file.path, target, '--transport', transport, '--engine', engine],
              { cwd },
            )
            assert.equal(code, 0, `${flags}: ${stderr}`)
            assert.match(stdout, /acknowledged/)
            const received = await peer.over()
            assert.equal(received.code, 0, received.stdout)
            assert.deepEqual(readFileSync(out), file.bytes, String(flags))
          }
      })

  test('bench run --target measures such a receiver', async context => {
    const cwd = folder(context)
    await using peer = await startPeer(['receive', join(cwd, 'out'), '--drop', '10'], { cwd }, 'arq')
    const words = [
      'run',
      '--transport',
      'udp-arq',
      '--target',
      `127.0.0.1:${peer.port}`,
      '--size',
      '100k',
      '--repeat',
      '1',
    ]
    const { code, stderr } = await bench(
      [...words, '--warmup', '0', '--processes', '1', '-q', '--out', 'x.csv'],
      { cwd },
    )
    assert.equal(code, 0, stderr)
    const [row] = readCsv(join(cwd, 'x.csv'))
    assert.equal(row?.outcome, 'completed')
    assert.equal(row.datagrams_offered, 100 + (row.datagrams_resent ?? 0))
    assert.ok((row.datagrams_resent ?? 0) > 0)
    assert.equal(row.datagrams_lost, undefined)
    assert.equal((await peer.over()).code, 0)
  })

  test('bench run says of a receiver that acknowledges nothing, or wrongly, just that', async context => {
    const cwd = folder(context)
    for (const [flags, told] of [
      [
        ['--mute', '1'],
        ['timed-out', 'TIMEOUT', /^no acknowledgement within 2\.00 s$/],
      ],
    ] as const) {
      await using peer = await startPeer(['receive', join(cwd, 'out'), ...flags], { cwd }, 'arq')
      // More than leaves before the first answer, so that the peer waits for the rest.
      const target = ['--target', `127.0.0.1:${peer.port}`, '--size', '60k', '--timeout', '4s']
      const short = ['--repeat', '1', '--warmup', '0', '--processes', '1', '-q', '--force', '--out', 'x.csv']
      const { code } = await bench(['run', '--transport', 'udp-arq', ...target, ...short], { cwd })
      assert.equal(code, 1)
      const [row] = readCsv(join(cwd, 'x.csv'))
      assert.deepEqual([row?.outcome, row?.error_code], told.slice(0, 2))
      assert.match(row?.error_message ?? '', told[2])
    }
  })

  test('a receiver that falls silent, or takes no more, ends it with one clear line', async context => {
    const cwd = folder(context)
    const [file] = samples(cwd, [62_470]) as [Sample]
    const cases = [
      [['--mute', '1'], /no acknowledgement within 1\.00 s \(TIMEOUT\)/],
      [['--drop', '1'], /no acknowledgement within 1\.00 s \(TIMEOUT\)/],
      [['--ahead', '1000'], /no answer of the receiver fits what was sent \([\d,]+ came\) \(PROTOCOL\)/],
      [['--refuse', '20'], /the receiver ended the transfer before everything had arrived \(CLOSED\)/],
    ] as const
    for (const transport of TRANSPORTS)
      for (const [flags, line] of cases) {
        await using peer = await startPeer(['receive', join(cwd, 'out'), ...flags], { cwd }, 'arq')
        const words = [
          'send',
          file.path,
          `127.0.0.1:${peer.port}`,
          '--transport',
          transport,
          '--timeout',
          '1s',
        ]
        const { code, stderr } = await bench(words, { cwd })
        assert.equal(code, 1)
        assert.match(stderr, line)
      }
  })

  test('bench receive tells a sender that it will not take the rest, and is done with one that falls silent', async context => {
    const cwd = folder(context)
    const [file] = samples(cwd, [62_470]) as [Sample]
    const words = [
      'receive',
      '--transport',
      'udp-arq',
      '--port',
      '0',
      '--max-size',
      '10k',
      '--drain',
      '300ms',
    ]
    await using receiver = startBench([...words, '--count', '2'], { cwd })
    const port = await receiver.until(
      'port',
      ({ stderr }) => /^listening for .*[.\]1]:(\d+) /.exec(stderr)?.[1],
    )
    await using peer = await startPeer(['send', file.path, '127.0.0.1', port], { cwd }, 'arq')
    const { code, stdout } = await peer.over()
    assert.equal(code, 1)
    assert.equal(JSON.parse(stdout).refused, true)
    const [small] = samples(cwd, [5000]) as [Sample]
    // Its second datagram never leaves, however often it is sent again.
    const silent = [
      'send',
      small.path,
      '127.0.0.1',
      port,
      '--window',
      '1',
      '--resend',
      '60',
      '--drop',
      '2',
      '--timeout',
      '5',
    ]
    await using stopped = await startPeer(silent, { cwd }, 'arq')
    assert.equal(JSON.parse((await stopped.over()).stdout).acknowledged, false)
    const ended = await receiver.over()
    assert.equal(ended.code, 1)
    assert.match(ended.stdout, /0001 .* failed: the sender announced 62,470 B; the most taken is 10,240 B/)
    assert.match(ended.stdout, /0002 .* 1,024 B of 5,000 B .*incomplete/)
  })
})

function saved(dir: string): string[] {
  return readdirSync(dir)
    .map(name => sha256(readFileSync(join(dir, name))))
    .sort()
}
