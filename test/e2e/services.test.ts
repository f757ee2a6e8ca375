/** `bench receive` with several services at once: programs that are not ours use all of them together. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { assertOneLine, bench, folder, PICTURE, peer, type Running, startBench, startPeer } from './cli.ts'
import { sample, samples, sha256 } from './payloads.ts'

const THREE = ['udp-header:0', 'messages-udp:0', 'tcp:0']

describe('several services', { concurrency: 2, skip: withoutPython }, () => {
  for (const engine of ENGINES)
    test(`take files and answer messages at the same time, ${engine}`, async context => {
      const flags = ['--dir', 'got', '--count', '3', '--engine', engine]
      await using services = await listen(context, THREE, flags)
      const { running, cwd, ports } = services
      const [header = '', messages = '', tcp = ''] = ports
      const files = [...samples(cwd, [1, 62_470]), { path: PICTURE, sha256: sha256(readFileSync(PICTURE)) }]
      const paths = files.map(({ path }) => path)
      await using asker = await startPeer(
        ['ask', 'messages-udp', '127.0.0.1', messages, '--count', '3'],
        { cwd },
        'messages',
      )
      const senders = [
        peer(['send', 'header', ...paths, '127.0.0.1', header], { cwd }),
        ...paths.map(path => peer(['send', 'tcp', path, '127.0.0.1', tcp], { cwd })),
      ]
      for (const { code, lines } of await Promise.all(senders)) assert.equal(code, 0, JSON.stringify(lines))
      assert.equal((await asker.over()).code, 0)
      // Each has had its three.
      const { code, stdout } = await running.over()
      assert.equal(code, 0, stdout)
      const saved = readdirSync(join(cwd, 'got')).map(name => sha256(readFileSync(join(cwd, 'got', name))))
      assert.deepEqual(saved.sort(), [...files, ...files].map(each => each.sha256).sort())
      const lines = stdout.trimEnd().split('\n')
      const numbers = lines.flatMap(line => /^(\d{4}) {2}(?:udp-header|tcp) {2}from /.exec(line)?.[1] ?? [])
      assert.deepEqual(numbers.sort(), ['0001', '0002', '0003', '0004', '0005', '0006'])
      assert.ok(lines.includes('messages-udp  127.0.0.1  first request answered'), stdout)
      assert.ok(lines.includes('messages-udp  127.0.0.1  3 requests answered'), stdout)
      assert.equal(lines.length, 8, stdout)
    })

  test('one that was sent an incomplete file makes the exit code 1, and the others go on', async context => {
    await using services = await listen(context, THREE, ['--drain', '1s', '--count', '1'])
    const { running, cwd, ports } = services
    const [header = '', messages = '', tcp = ''] = ports
    const words = ['ask', 'messages-udp', '127.0.0.1', messages, '--count', '1']
    await using asker = await startPeer(words, { cwd }, 'messages')
    assert.equal((await asker.over()).code, 0)
    await running.until('line', ({ stdout }) => stdout.includes('1 request answered'))
    // It has had its one, and its port is free.
    await assertFree(Number(messages))
    const lossy = ['--drop', '7', '--timeout', '1']
    assert.equal((await peer(['send', 'header', PICTURE, '127.0.0.1', header, ...lossy], { cwd })).code, 1)
    await running.until('line', ({ stdout }) => /udp-header .* incomplete/.exec(stdout)?.[0])
    const sent = await peer(['send', 'tcp', PICTURE, '127.0.0.1', tcp], { cwd })
    assert.equal(sent.lines[0]?.acknowledged, true)
    const { code, stdout } = await running.over()
    assert.equal(code, 1)
    assert.match(stdout, /tcp .* complete$/m)
  })

  test('of one transport are told apart by their ports, in notes, too', async context => {
    await using services = await listen(context, ['udp-marker:0', 'udp-marker:0', 'echo-udp:0'], [])
    const { running, cwd, ports } = services
    const odd = sample(cwd, 'odd', Buffer.from('odd'))
    for (const port of ports.slice(0, 2)) {
      await peer(['send', 'marker', odd.path, '127.0.0.1', port], { cwd })
      await running.until('line', ({ stdout }) => stdout.includes(`  udp-marker:${port}  from `))
    }
    const stranger = createSocket('udp4')
    stranger.send('what stands before a marker', Number(ports[1]), '127.0.0.1')
    await running.until('note', ({ stderr }) => stderr.includes(`note: udp-marker:${ports[1]}: from `))
    stranger.close()
    running.kill('SIGINT')
    assert.equal((await running.over()).code, 130)
  })

  test('all end with one Ctrl-C, and what had come is saved', async context => {
    await using services = await listen(context, THREE, ['--dir', 'got'])
    const { running, cwd, ports } = services
    const [header = '', messages = '', tcp = ''] = ports
    await using asker = await startPeer(
      ['ask', 'messages-udp', '127.0.0.1', messages, '--count', '2'],
      { cwd },
      'messages',
    )
    assert.equal((await asker.over()).code, 0)
    await peer(['send', 'tcp', PICTURE, '127.0.0.1', tcp], { cwd })
    await peer(['send', 'header', PICTURE, '127.0.0.1', header, '--drop', '3', '--timeout', '1'], { cwd })
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130, stderr)
    assert.match(stdout, /^messages-udp {2}127\.0\.0\.1 {2}2 requests answered$/m)
    const names = readdirSync(join(cwd, 'got')).sort()
    assert.deepEqual(
      names.map(name => name.replace(/^.*-(\d{4})/, '$1')),
      ['0001.png', '0002.png.part'],
      stdout,
    )
  })

  test('one that cannot be saved ends all', async context => {
    await using services = await listen(context, THREE, ['--dir', 'got'])
    const { running, cwd, ports } = services
    rmSync(join(cwd, 'got'), { recursive: true })
    writeFileSync(join(cwd, 'got'), '')
    await peer(['send', 'tcp', PICTURE, '127.0.0.1', ports[2] ?? ''], { cwd })
    const { code, stderr } = await running.over()
    assert.equal(code, 1)
    assert.match(stderr, /^bench: cannot save to got.*--dir$/m)
  })
})

test('a port that another program has: one line, and none of them listens', async context => {
  const cwd = folder(context)
  const taken = createSocket('udp4')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  context.after(() => taken.close())
  // Surely free: this one had it.
  const other = createSocket('udp4')
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  const free = other.address().port
  other.close()
  const busy = taken.address().port
  const ended = await bench(['receive', `udp-header:${free}`, `messages-udp:${busy}`, 'tcp:0'], { cwd })
  assert.equal(ended.code, 1)
  assertOneLine(ended, `UDP port ${busy}`, 'already in use', 'messages-udp:PORT')
  assert.equal(ended.stdout, '')
  // The process of the command may live on: the port is free all the same.
  await assertFree(free)
})

async function assertFree(port: number): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  socket.close()
}

/** Services on ports that the system chose, in the order of `services`. */
async function listen(context: TestContext, services: readonly string[], flags: readonly string[]) {
  const cwd = folder(context)
  const running = startBench(['receive', ...services, ...flags], { cwd })
  const ports = await running.until('ports', ({ stderr }: Running) => {
    const found = [...stderr.matchAll(/^(?:listening for|answering) \S+ at 127\.0\.0\.1:(\d+) /gm)]
    return found.length === services.length && found.map(([, port = '']) => port)
  })
  return { running, cwd, ports, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}
