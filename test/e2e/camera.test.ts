/** Pictures one after the other, as a camera sends them: `bench send` with several files, and `bench receive` of any number from each source. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { assertRefused, bench, folder, PICTURE, peer, peerReport, startBench, startPeer } from './cli.ts'
import { sample, samples, sha256 } from './payloads.ts'

const ALL = ['udp-header', 'udp-marker', 'udp-datagram', 'udp-stop-and-wait', 'udp-arq', 'tcp', 'tls']

describe('bench send with several files', { concurrency: 2 }, () => {
  for (const transport of ALL)
    test(`goes on in a loop over ${transport}, and the receiver has all of them`, async context => {
      await using receiver = await listen(context, transport, '--count', '7')
      const pictures = join(receiver.cwd, 'pictures')
      mkdirSync(pictures)
      const sent = samples(pictures, [9000, 12_000, 30_000])
      sample(pictures, '.hidden', Buffer.from('not a picture'))
      const words = ['send', pictures, `127.0.0.1:${receiver.port}`, '--transport', transport, '--loop']
      const ended = await bench([...words, '--frames', '7'], receiver)
      assert.equal(ended.code, 0, ended.stderr + ended.stdout)
      const answers = transport === 'udp-marker' ? 'no acknowledgement' : '7 acknowledged'
      assert.match(
        ended.stdout,
        new RegExp(`^7 pictures {2}114,000 B .* over ${transport} .* a second .*${answers}\n$`),
      )
      const { code, stdout } = await receiver.running.over()
      assert.equal(code, 0, stdout)
      // In the order of names: 12,000 comes before 30,000 and 9,000.
      const inOrder = [12_000, 30_000, 9000, 12_000, 30_000, 9000, 12_000]
      const hashes = inOrder.map(size => sent.find(({ bytes }) => bytes.length === size)?.sha256)
      assert.deepEqual(receiver.saved(), hashes)
      const ports = new Set([...stdout.matchAll(/ port (\d+) /g)].map(([, port]) => port))
      assert.equal(ports.size, transport.startsWith('udp') ? 1 : 7)
    })

  test('keeps to a rate, and accounts for each picture that was due', async context => {
    await using receiver = await listen(context, 'udp-header')
    const files = samples(receiver.cwd, [9000, 12_000]).map(({ path }) => path)
    const words = ['send', ...files, `127.0.0.1:${receiver.port}`, '--transport', 'udp-header', '--loop']
    const { stdout } = await bench([...words, '--fps', '40', '--frames', '20'], receiver)
    const [, sent, took, answered, not = 0, unsent = 0] =
      /^(\d+) pictures .*header {2}(\S+) (?:ms|s) .* (\d+) acknowledged(?:, (\d+) not)?(?:; (\d+) not sent.*)?\n$/.exec(
        stdout,
      ) ?? []
    assert.equal(Number(sent) + Number(unsent), 20, stdout)
    assert.equal(Number(answered) + Number(not), Number(sent), stdout)
    // The last of the 20 is due 475 ms after the first.
    assert(Number(took) >= 475 || Number(took) < 60, stdout)
  })

  test('ends after the last one without --loop, with a line for each', async context => {
    await using receiver = await listen(context, 'udp-header', '--count', '2')
    const [a, b] = samples(receiver.cwd, [1000, 2000])
    const words = ['send', a?.path ?? '', b?.path ?? '', `127.0.0.1:${receiver.port}`]
    const { code, stdout } = await bench([...words, '--transport', 'udp-header'], receiver)
    assert.equal(code, 0)
    assert.match(
      stdout,
      /sample-1000 {2}1,000 B .*\n.*sample-2000 {2}2,000 B .*\n2 pictures {2}3,000 B .* 2 acknowledged\n$/,
    )
    assert.equal((await receiver.running.over()).code, 0)
  })

  test('goes on after a picture that nobody answers, says so, and exits with 1', async context => {
    const cwd = folder(context)
    const [small] = samples(cwd, [1000])
    await using receiver = await listen(context, 'udp-header', '--max-size', '5000', '--count', '3')
    const files = [small?.path ?? '', PICTURE, small?.path ?? '']
    const words = ['send', ...files, `127.0.0.1:${receiver.port}`, '--transport', 'udp-header']
    const { code, stdout, stderr } = await bench([...words, '--timeout', '300ms'], { cwd })
    assert.equal(code, 1)
    assert.match(stderr, /^note: picture 2 \(.*picture\.png\): no acknowledgement within 300 ms.*\n$/)
    assert.match(stdout, /3 pictures .* 2 acknowledged, 1 not\n$/)
  })

  test('says what it sent when the receiver has gone', async context => {
    await using receiver = await listen(context, 'udp-header', '--count', '5')
    const words = ['send', PICTURE, `127.0.0.1:${receiver.port}`, '--transport', 'udp-header', '--loop']
    const { code, stdout, stderr } = await bench(words, receiver)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^(note: .*\n)*bench: sending .*ECONNREFUSED.*; start the receiver there, or check the port\n$/,
    )
    assert.match(stdout, /^[\d,]+ pictures .* acknowledged.*\n$/)
  })

  test('ends by Ctrl-C, and says what it sent', async context => {
    const cwd = folder(context)
    await using receiver = await listen(context, 'udp-marker')
    const target = `127.0.0.1:${receiver.port}`
    const words = ['send', PICTURE, target, '--transport', 'udp-marker', '--loop', '--fps', '50']
    await using sender = startBench(words, { cwd })
    await receiver.running.until('pictures', ({ stdout }) => stdout.split('\n').length > 3)
    sender.kill('SIGINT')
    const { code, stdout } = await sender.over()
    assert.equal(code, 130)
    assert.match(stdout, /^[\d,]+ pictures .* a second /)
  })

  test('refuses what makes no sense, in one line', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'empty'))
    const to = ['127.0.0.1:9', '--transport', 'udp-header']
    const single = ['send', PICTURE, ...to]
    assertRefused(await bench([...single, '--frames', '3'], { cwd }), '--frames ends a loop; add --loop')
    assertRefused(await bench([...single, '--fps', '3'], { cwd }), '--fps is for several files; add --loop')
    assertRefused(
      await bench([...single, '--loop', '--fps', '0'], { cwd }),
      '--fps: not a rate of pictures: "0"',
    )
    assertRefused(await bench(['send', 'empty', ...to], { cwd }), 'cannot send empty: there is no file in it')
  })
})

describe('pictures and programs that are not ours', { concurrency: 2, skip: withoutPython }, () => {
  test('a receiver of the original kind gets all, each after its answer', async context => {
    const cwd = folder(context)
    const sent = samples(cwd, [5000, 6000, 62_470])
    const words = ['receive', 'header', join(cwd, 'got'), '--port', '0', '--count', '8']
    await using server = await startPeer(words, { cwd })
    const files = sent.map(({ path }) => path)
    const target = `127.0.0.1:${server.port}`
    const loop = ['--transport', 'udp-header', '--rate', '40M', '--loop', '--frames', '8']
    const ended = await bench(['send', ...files, target, ...loop], { cwd })
    assert.equal(ended.code, 0, ended.stderr)
    const { code, lines } = peerReport(await server.over())
    assert.equal(code, 0, JSON.stringify(lines))
    assert.deepEqual(
      lines.map(line => line.sha256),
      Array.from({ length: 8 }, (_, at) => sent[at % 3]?.sha256),
    )
  })

  test('a sender of the original kind goes on after a last chunk that was lost', async context => {
    await using receiver = await listen(context, 'udp-header', '--count', '4')
    // The last of the 60 chunks of the first picture; the others are of the same size.
    const words = ['send', 'header', ...Array(4).fill(PICTURE), '127.0.0.1', receiver.port]
    const lossy = ['--drop', '59', '--keep-going', '--timeout', '0.5']
    const { lines } = await peer([...words, ...lossy], receiver)
    assert.deepEqual(
      lines.map(line => line.acknowledged),
      [false, true, true, true],
    )
    const { code, stdout } = await receiver.running.over()
    assert.equal(code, 1)
    assert.match(stdout, /^0001 .*incomplete.*\n0002 .*complete.*\n0003 .*complete.*\n0004 .*complete/)
    const picture = sha256(readFileSync(PICTURE))
    assert.equal(receiver.saved().filter(each => each === picture).length, 3)
  })
})

async function listen(context: TestContext, transport: string, ...flags: string[]) {
  const cwd = folder(context)
  const dir = join(cwd, 'received')
  const words = ['receive', '--transport', transport, '--port', '0', '--dir', dir, ...flags]
  const running = startBench(words, { cwd })
  const port = await running.until('port', ({ stderr }) => /^listening for .*:(\d+) /.exec(stderr)?.[1])
  return {
    ...{ running, cwd, port },
    /** Hashes of what was saved, in the order in which it came. */
    saved: () =>
      readdirSync(dir)
        .sort()
        .map(name => sha256(readFileSync(join(dir, name)))),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
