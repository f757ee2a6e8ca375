/** A receiver that was stopped while datagrams came: its buffer ran over, and that is not why. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { test } from '../support/patient.ts'
import { folder, startBench, withoutProc } from './cli.ts'

const CHUNK = Buffer.alloc(1024)
const CHUNKS = 2000

for (const [engine, host] of [
  ['native', '127.0.0.1'],
  ['native', '::1'],
  ['node', '127.0.0.1'],
  ['node', '::1'],
] as const) {
  const skip = withoutProc || (engine === 'native' && obstacleToNative())
  test(`receive --engine ${engine} --host ${host} says that it did not run`, { skip }, async context => {
    const words = ['receive', '--transport', 'udp-header', '--engine', engine, '--host', host, '--port', '0']
    await using running = startBench([...words, '--count', '1', '--drain', '500ms', '--rcvbuf', '64k'], {
      cwd: folder(context),
    })
    const port = await running.until(
      'port',
      ({ stderr }) => /^listening for .*[.\]1]:(\d+) /.exec(stderr)?.[1],
    )
    const socket = createSocket(host === '::1' ? 'udp6' : 'udp4')
    context.after(() => socket.close())
    socket.connect(Number(port), host)
    await once(socket, 'connect')
    const say = (bytes: Buffer) => new Promise<void>(resolve => socket.send(bytes, () => resolve()))
    const header = Buffer.alloc(8)
    header.writeBigInt64LE(BigInt(CHUNKS * CHUNK.length))
    await say(header)
    await say(CHUNK)
    await sleep(50)
    running.kill('SIGSTOP')
    for (let sent = 1; sent < CHUNKS; sent++) await say(CHUNK)
    await sleep(100)
    running.kill('SIGCONT')
    const { code, stderr } = await running.over()
    assert.equal(code, 1)
    const told = stderr.replaceAll(/\s+/g, ' ')
    assert.match(
      told,
      /lost in the receive buffer.*; the receiver could not run for up to [\d.]+ m?s: it was stopped/,
    )
    assert.match(told, /→ make sure that it can run .*, or .*--rcvbuf 4m.*, or pace/)
  })
}
