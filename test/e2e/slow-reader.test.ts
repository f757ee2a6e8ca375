/** A reader that takes its time: nothing of what a command prints is cut, and a signal ends it all the same. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../results/store/formats.ts'
import { test } from '../support/patient.ts'
import { rounds, stream } from '../support/results-samples.ts'
import { allGone, folder, startBench, withoutProc } from './cli.ts'

/** Of Linux; other systems' hold less. */
const PIPE_BYTES = 65_536

test('what a command prints comes whole through a pipe whose reader is slow, and a signal ends it', {
  skip: withoutProc,
}, async context => {
  const cwd = folder(context)
  const records = Array.from({ length: 400 }, (_, at) =>
    rounds(2, () => stream(1e9, { size_bytes: 1000 + at })),
  )
  writeFileSync(join(cwd, 'many.csv'), encode('csv', records.flat()))
  const words = ['compare', 'many.csv', 'many.csv', '--format', 'json']
  const start = async () => {
    const running = startBench(words, { cwd })
    running.pauseStdout()
    await sleep(3000)
    return running
  }
  await using slow = await start()
  slow.resumeStdout()
  const { code, stdout } = await slow.over()
  assert.equal(code, 0)
  assert(Buffer.byteLength(stdout) > 4 * PIPE_BYTES, 'more than a pipe holds')
  assert.equal(JSON.parse(stdout).rows.length, 400)
  await using stalled = await start()
  stalled.kill('SIGTERM')
  await allGone([stalled.pid])
  stalled.resumeStdout()
  assert.equal((await stalled.over()).code, 130)
})
