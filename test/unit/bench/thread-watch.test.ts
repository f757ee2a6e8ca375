import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cpuOf, watchThread } from '../../../bench/fleet/agent/thread-watch.ts'
import { threadFactsSchema } from '../../../bench/fleet/calls/agent-calls.ts'
import { cpuTimesIn, SINCE_START, stealSince } from '../../../bench/fleet/facts/cpu-times.ts'
import { loadLibc } from '../../../transports/engines/native/libc.ts'
import { allowedCpus, pinToCpu } from '../../../transports/engines/native/scheduling.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'

describe('what the scheduler did with a thread', () => {
  it('reads the CPU behind a name that holds anything', () => {
    const before = Array.from({ length: 36 }, (_, index) => index + 100).join(' ')
    assert.equal(cpuOf(`17 (a) b (c)) ${before} 7 0 0 0`), 7)
    assert.equal(cpuOf('17 (node) S 1'), undefined)
    assert.equal(cpuOf(undefined), undefined)
  })

  it('counts steal as a share of all time since a moment', () => {
    const before = cpuTimesIn('cpu  100 0 0 100 0 0 0 10 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n')
    const after = cpuTimesIn('cpu  150 0 0 115 0 0 0 45 30 0\n')
    assert.equal(stealSince(before, after), 0.35)
    assert.equal(stealSince(before, before), undefined)
    assert.equal(stealSince(undefined, after), undefined)
    assert.equal(stealSince(SINCE_START, cpuTimesIn('cpu  60 0 20 10 0 0 0 10 7 0\ncpu0 1')), 0.1)
    assert.equal(cpuTimesIn('cpu  1 2 3\n'), undefined)
    assert.equal(cpuTimesIn(undefined), undefined)
  })

  it('counts what a wait gives up; absent where there is no /proc, and never 0 for it', async () => {
    const since = watchThread()
    for (let waits = 0; waits < 3; waits++) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    const facts = since()
    assert.deepEqual(threadFactsSchema.parse(facts), facts)
    if (process.platform === 'linux') assert.ok((facts.voluntarySwitches ?? 0) >= 3)
    else assert.equal('voluntarySwitches' in facts, false)
  })

  it('says on which CPU a pinned thread ran', { skip: obstacleToNative() ?? false }, async () => {
    const libc = await loadLibc()
    const [cpu] = allowedCpus(libc)
    assert.ok(cpu !== undefined)
    // For the rest of this process, which is that of this file.
    pinToCpu(libc, cpu)
    const facts = watchThread()()
    assert.deepEqual([facts.cpuAtStart, facts.cpuAtEnd], [cpu, cpu])
  })
})
