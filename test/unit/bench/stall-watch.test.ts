/** What kept a thread from running is told from what it did itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../../base/clock.ts'
import { cpuWaitMs, StallWatch } from '../../../bench/fleet/agent/stall-watch.ts'

test('a thread that stood still did not run, and what ended before a moment does not count', async () => {
  using watch = new StallWatch()
  const begun = monotonic()
  // Neither a turn of the event loop nor work, as while a process is stopped.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120)
  const { stallMs, cpuWaitMs: waited } = watch.since(begun)
  assert(stallMs >= 80, String(stallMs))
  assert.equal(waited === undefined, cpuWaitMs() === undefined)
  await sleep(1)
  assert.equal(watch.since(monotonic() + 1000).stallMs, 0)
})

test('a thread that works did run', () => {
  using watch = new StallWatch()
  const begun = monotonic()
  const cpu = process.cpuUsage()
  const worked = () => process.cpuUsage(cpu).user / 1000
  // Other threads of the process, such as the compiler's, are in it.
  while (worked() < 300);
  // Whatever else took the CPU meanwhile is all that may count.
  assert(watch.since(begun).stallMs <= monotonic() - begun - 100)
})
