/** Two senders at once, and a receive buffer that ran over: a kernel does not say whose datagrams it dropped, and so nobody does. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { test } from '../support/patient.ts'
import { CHUNK, long } from '../support/pictures.ts'
import { RawUdp } from '../support/raw-udp.ts'
import { folder, startBench, withoutProc } from './cli.ts'

const CHUNKS = 500

for (const [engine, host] of [
  ['native', '127.0.0.1'],
  ['node', '::1'],
] as const) {
  const skip = withoutProc || (engine === 'native' && obstacleToNative())
  const receive = ['receive', '--transport', 'udp-header', '--engine', engine, '--host', host, '--port', '0']

  test(`receive --engine ${engine} --host ${host}: one sender's drops are not another's`, {
    skip,
  }, async context => {
    const words = [...receive, '--count', '2', '--drain', '500ms', '--rcvbuf', '4k']
    await using running = startBench(words, { cwd: folder(context) })
    const port = await running.until(
      'port',
      ({ stderr }) => /^listening for .*[.\]1]:(\d+) /.exec(stderr)?.[1],
    )
    const to = { host, port: Number(port), family: host === '::1' ? 6 : 4 } as const
    await using meagre = await RawUdp.open(host)
    await using ample = await RawUdp.open(host)
    // The first one never sends the other 99; the second one sends all.
    await meagre.say(to, long(100 * CHUNK, 8), Buffer.alloc(CHUNK))
    await sleep(20)
    await ample.say(to, long(CHUNKS * CHUNK, 8))
    await sleep(20)
    running.kill('SIGSTOP')
    await ample.say(to, ...Array.from({ length: CHUNKS }, () => Buffer.alloc(CHUNK)))
    running.kill('SIGCONT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 1)
    assert.equal(stdout.trimEnd().split('\n').length, 2, stdout)
    const told = stderr.replaceAll(/\s+/g, ' ')
    assert.doesNotMatch(told, /lost in the receive buffer|nor was dropped/)
    const shared =
      /did not arrive: lost, or never sent; meanwhile this socket dropped up to \d+ datagrams of all senders together/g
    assert.equal(told.match(shared)?.length, 2, stderr)
  })

  test(`receive --engine ${engine} --host ${host}: of a flood of incomplete transfers, a hundred get advice`, {
    skip,
  }, async context => {
    const words = [...receive, '--count', '150', '--drain', '500ms']
    await using running = startBench(words, { cwd: folder(context) })
    const port = await running.until(
      'port',
      ({ stderr }) => /^listening for .*[.\]1]:(\d+) /.exec(stderr)?.[1],
    )
    const to = { host, port: Number(port), family: host === '::1' ? 6 : 4 } as const
    const crowd = await Promise.all(Array.from({ length: 150 }, () => RawUdp.open(host)))
    for (const each of crowd) await each.say(to, long(2 * CHUNK, 8), Buffer.alloc(CHUNK))
    const { stdout, stderr } = await running.over()
    await Promise.all(crowd.map(each => each[Symbol.asyncDispose]()))
    assert.equal(stdout.match(/incomplete/g)?.length, 150)
    assert.equal(stderr.match(/→/g)?.length, 100)
    assert.match(stderr, /note: there is no advice on further transfers\n$/)
  })
}
