/** `bench receive` and programs that are not ours: every format, both IP versions, and all that such programs do wrong. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { childrenOf, folder, PICTURE, peer, type Running, startBench, withoutProc } from './cli.ts'
import { DATAGRAM_SIZES, type Sample, SIZES, sample, samples, sha256 } from './payloads.ts'

interface Receiver extends AsyncDisposable {
  readonly running: Running
  readonly cwd: string
  readonly port: string
  /** Hashes of what has been saved, sorted. */
  saved(): string[]
  names(): string[]
}

const PICTURE_SHA256 = sha256(readFileSync(PICTURE))
const HOSTS = { '-4': '127.0.0.1', '-6': '::1' } as const

describe('bench receive', { concurrency: 2, skip: withoutPython }, () => {
  for (const [flag, host] of Object.entries(HOSTS)) {
    // The IP version changes no byte of a format: a short, a full and a large payload tell.
    const sizes = flag === '-6' ? [1, 1024, 62_470] : SIZES
    test(`takes every size over TCP from clients all at once, at ${host}`, async context => {
      await using receiver = await listen(context, 'tcp', flag, '--count', String(sizes.length + 1))
      const files = [...samples(receiver.cwd, sizes), picture()]
      const sent = files.map(({ path }) =>
        peer(['send', 'tcp', path, host, receiver.port], { cwd: receiver.cwd }),
      )
      for (const { code, lines } of await Promise.all(sent)) {
        assert.equal(code, 0, JSON.stringify(lines))
        assert.equal(lines[0]?.acknowledged, true)
      }
      await assertWhole(receiver, files)
    })

    test(`takes a stream of pictures with length headers, of 8 and of 4 bytes, at ${host}`, async context => {
      await using receiver = await listen(context, 'udp-header', flag, '--count', String(sizes.length + 3))
      const files = [...samples(receiver.cwd, sizes), picture()]
      const paths = files.map(({ path }) => path)
      const options = { cwd: receiver.cwd }
      const long = await peer(['send', 'header', ...paths, host, receiver.port], options)
      assert.equal(long.code, 0, JSON.stringify(long.lines))
      const short = ['--long', '4', '--no-empty']
      const windows = await peer(
        ['send', 'header', ...paths.slice(1, 3), host, receiver.port, ...short],
        options,
      )
      assert.equal(windows.code, 0, JSON.stringify(windows.lines))
      await assertWhole(receiver, [...files, ...files.slice(1, 3)])
    })

    test(`takes what stands between markers, at ${host}`, async context => {
      await using receiver = await listen(context, 'udp-marker', flag, '--count', String(sizes.length + 2))
      const files = [
        ...samples(receiver.cwd, sizes),
        picture(),
        sample(receiver.cwd, 'odd', Buffer.from('endbinendbinX')),
      ]
      for (const { path } of files) {
        const chunk = path.endsWith('odd') ? ['--chunk', '3', '--safe-borders'] : ['--garbage-first']
        await peer(['send', 'marker', path, host, receiver.port, ...chunk], { cwd: receiver.cwd })
      }
      await assertWhole(receiver, files)
    })

    test(`takes single datagrams, at ${host}`, async context => {
      const short = sizes.filter(size => DATAGRAM_SIZES.includes(size))
      await using receiver = await listen(context, 'udp-datagram', flag, '--count', String(short.length + 1))
      const files = [...samples(receiver.cwd, short), picture()]
      for (const { path } of files) {
        const { code } = await peer(['send', 'datagram', path, host, receiver.port], { cwd: receiver.cwd })
        assert.equal(code, 0)
      }
      await assertWhole(receiver, files)
    })
  }

  test('understands TCP clients that split, glue, terminate and leave early', async context => {
    await using receiver = await listen(context, 'tcp', '--count', '6')
    const manners = [
      ['--terminator'],
      ['--split-header'],
      ['--glue'],
      ['--no-bye'],
      ['--hang-up'],
      ['--chunk', '7'],
    ]
    for (const manner of manners) await send(receiver, 'tcp', PICTURE, ...manner)
    await assertWhole(receiver, manners.map(picture))
  })

  test('turns away TCP clients that lie, and serves the others meanwhile', async context => {
    await using receiver = await listen(context, 'tcp', '--count', '4', '--drain', '1500ms')
    const lies = [['--lie-more', '7'], ['--lie-less', '7'], ['--silent']]
    const nonsense = ['abc', '-5', '1.5', '99999999999999999999', '../../etc/passwd'].map(
      text => `--bad-size=${text}`,
    )
    // These are no transfers, and so have to come before the last one ends it.
    await Promise.all(nonsense.map(each => send(receiver, 'tcp', PICTURE, each)))
    const clients = lies.map(lie => send(receiver, 'tcp', PICTURE, ...lie))
    const honest = await send(receiver, 'tcp', PICTURE)
    assert.equal(honest.code, 0)
    await Promise.all(clients)
    const { code, stdout, stderr } = await receiver.running.over()
    assert.equal(code, 1)
    assert.equal(stderr.split('\n').length, 2, stderr)
    const told = stdout.trimEnd().split('\n')
    assert.equal(told.filter(line => line.includes('expected SIZE')).length, 5, stdout)
    assert.equal(told.filter(line => /60,854 B .* complete {2}/.test(line)).length, 1, stdout)
    assert.equal(told.filter(line => /60,847 B of 60,854 B.*failed/.test(line)).length, 1, stdout)
    // Only what is a transfer has a number.
    const numbers = told.map(line => line.slice(0, 4).trim())
    assert.deepEqual(numbers.filter(each => each !== '–').sort(), ['0001', '0002', '0003', '0004'], stdout)
  })

  test('tells a picture with a lost datagram as incomplete, and does not answer it', async context => {
    await using receiver = await listen(context, 'udp-header', '--count', '2', '--drain', '1s')
    const lossy = await send(receiver, 'header', PICTURE, '--drop', '7', '--drop', '8', '--timeout', '1')
    assert.equal(lossy.code, 1)
    assert.match(lossy.lines[0]?.note ?? '', /no answer/)
    assert.equal((await send(receiver, 'header', PICTURE)).code, 0)
    const { code, stdout } = await receiver.running.over()
    assert.equal(code, 1)
    assert.match(stdout, /^0001 {2}udp-header.* 58,806 B of 60,854 B .*incomplete/)
    assert.match(stdout, /\n0002 {2}udp-header.* 60,854 B .*complete by its length/)
    assert(receiver.saved().includes(PICTURE_SHA256))
  })

  test('begins at bin, begins again at another one, and tells a missing end', async context => {
    await using receiver = await listen(context, 'udp-marker', '--count', '3', '--drain', '1s')
    await send(receiver, 'marker', PICTURE, '--no-begin')
    await send(receiver, 'marker', PICTURE, '--restart')
    await send(receiver, 'marker', PICTURE, '--no-end')
    const { code, stdout } = await receiver.running.over()
    assert.equal(code, 1)
    const told = stdout.trimEnd().split('\n')
    assert.equal(told.length, 3, stdout)
    // The half before the second bin, the whole after it, and the one without end, of which all came.
    assert.match(told[0] ?? '', / 30,720 B .*incomplete/)
    assert.match(told[1] ?? '', / 60,854 B .*ended by its marker/)
    assert.match(told[2] ?? '', / 60,854 B .*incomplete: no end marker came/)
    assert.equal(receiver.saved().filter(each => each === PICTURE_SHA256).length, 2)
  })

  test('saves nothing without --dir', async context => {
    const cwd = folder(context)
    await using running = startBench(['receive', '--transport', 'tcp', '--port', '0', '--count', '1'], {
      cwd,
    })
    const port = await portOf(running)
    await peer(['send', 'tcp', PICTURE, '127.0.0.1', port], { cwd })
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 0)
    assert.match(stdout, /^0001 {2}tcp {2}from 127\.0\.0\.1 port \d+ {2}60,854 B .*complete\n$/)
    assert.match(stderr, /nothing is saved without --dir/)
    assert.deepEqual(readdirSync(cwd), [])
  })

  test('turns away what is larger than --max-size', async context => {
    for (const [transport, format] of [
      ['tcp', 'tcp'],
      ['udp-marker', 'marker'],
    ] as const) {
      await using receiver = await listen(context, transport, '--max-size', '2k', '--drain', '1s')
      await send(receiver, format, PICTURE, '--timeout', '1')
      await receiver.running.until('line', ({ stdout }) => stdout.includes('\n'))
      receiver.running.kill('SIGINT')
      const { code, stdout } = await receiver.running.over()
      assert.equal(code, 130)
      assert.match(stdout, /TOO_LARGE/)
      assert(!receiver.saved().includes(PICTURE_SHA256))
    }
  })

  test('ends by Ctrl-C with 130, with transfers under way', { skip: withoutProc }, async context => {
    for (const transport of ['tcp', 'udp-header']) {
      await using receiver = await listen(context, transport)
      const silent = transport === 'tcp' ? send(receiver, 'tcp', PICTURE, '--silent') : undefined
      await new Promise(resolve => setTimeout(resolve, 200))
      assert.deepEqual(childrenOf(receiver.running.pid), [])
      receiver.running.kill('SIGINT')
      const { code, stdout, stderr } = await receiver.running.over()
      assert.equal(code, 130)
      assert.doesNotMatch(stdout + stderr, /bench:|\bcomplete/)
      await silent
    }
  })
})

async function listen(context: TestContext, transport: string, ...flags: string[]): Promise<Receiver> {
  const cwd = folder(context)
  const dir = join(cwd, 'received')
  mkdirSync(dir)
  const rcvbuf = transport === 'tcp' ? [] : ['--rcvbuf', '4m']
  const words = ['receive', '--transport', transport, '--port', '0', '--dir', dir, ...rcvbuf, ...flags]
  const running = startBench(words, { cwd })
  const names = () => readdirSync(dir).sort()
  return {
    running,
    cwd,
    port: await portOf(running),
    names,
    saved: () =>
      names()
        .map(name => sha256(readFileSync(join(dir, name))))
        .sort(),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

function portOf(running: Running): Promise<string> {
  return running.until('port', ({ stderr }) => /^listening for .*[.\]1]:(\d+) /.exec(stderr)?.[1])
}

function send({ port, cwd }: Receiver, format: string, path: string, ...switches: string[]) {
  return peer(['send', format, path, '127.0.0.1', port, ...switches], { cwd })
}

/** The receiver ends by itself with 0, and has saved exactly these, under names of its own. */
async function assertWhole(receiver: Receiver, files: readonly Sample[]): Promise<void> {
  const { code, stdout, stderr } = await receiver.running.over()
  assert.equal(code, 0, stdout + stderr)
  assert.deepEqual(receiver.saved(), files.map(file => file.sha256).sort())
  const names = receiver.names()
  for (const name of names) assert.match(name, /^\d{8}T\d{6}Z-\d{4}\.(png|bin)$/)
  const pictures = files.filter(file => file.sha256 === PICTURE_SHA256).length
  assert.equal(names.filter(name => name.endsWith('.png')).length, pictures)
  const lines = stdout.trimEnd().split('\n')
  assert.equal(lines.length, files.length)
  for (const name of names) assert(lines.some(line => line.endsWith(name)))
}

function picture(): Sample {
  return { path: PICTURE, bytes: readFileSync(PICTURE), sha256: PICTURE_SHA256 }
}
