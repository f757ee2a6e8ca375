/** What is said of a pace before anything runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atOnce, describeBlock, describePlan, pacedTime } from '../../../bench/cli/echo.ts'
import { good, notice } from '../../../bench/fleet/calls/finding.ts'
import { doubtsIn } from '../../../bench/fleet/facts/machine.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import { planOf } from '../../support/plans.ts'

function paced(sizeBytes: number, rateBps = 1, transport = 'udp-header') {
  return { transport, sizeBytes, rateBps, chunkBytes: 1024 }
}

test('a long paced transfer says how long it takes, and any one that its time-out is shorter', () => {
  const said = (sizeBytes: number, rateBps: number, timeoutMs?: number) =>
    pacedTime(paced(sizeBytes, rateBps), BUILT_IN, timeoutMs)
  assert.equal(said(819_200, 100e6), '')
  assert.equal(said(819_200, 100), ': 19 h a transfer')
  assert.equal(said(81_920, 10, 2000), ': 18 h a transfer, over its --timeout of 2.00 s')
  assert.equal(said(1_024_000, 1e6, 2000), ': 9 s a transfer, over its --timeout of 2.00 s')
  assert.equal(said(1_024_000, 1e6, 9000), '')
})

test('where few chunks come at more than the rate, it says that the first leaves at once', () => {
  const words = ' (the first chunk leaves at once)'
  assert.equal(atOnce([paced(10_240)], BUILT_IN), words)
  assert.equal(atOnce([paced(1e6), paced(20_480)], BUILT_IN), words)
  assert.equal(atOnce([paced(20_481)], BUILT_IN), '')
  assert.equal(atOnce([{ ...paced(10_240), rateBps: undefined }], BUILT_IN), '')
})

test('a single datagram is not paced: it takes no time, and has no others', () => {
  for (const each of [paced(1024), paced(10_240, 1, 'udp-datagram')]) {
    assert.equal(pacedTime(each, BUILT_IN, 2000), '')
    assert.equal(atOnce([each], BUILT_IN), '')
  }
})

test('many payloads are counted by what was swept', () => {
  const said = (sizes: readonly number[]) =>
    describePlan(
      planOf(
        sizes.flatMap(sizeBytes => [512, 1024, 2048, 4096].map(chunkBytes => ({ sizeBytes, chunkBytes }))),
      ),
      BUILT_IN,
    )
  assert.match(
    said([8192, 9216]),
    /: 2 sizes \(8,192 B to 9,216 B\); 4 chunk sizes \(512 B to 4,096 B\); udp/,
  )
  assert.match(said([8192]), /: size 8,192 B; 4 chunk sizes \(512 B to 4,096 B\); udp-header; /)
})

test('what durations, rates and pauses take in all is said before', () => {
  const said = (cases: Parameters<typeof planOf>[0], over: Partial<Plan> = {}) => {
    const plan = { ...planOf(cases), repeat: 10, warmup: 2, processes: 1, ...over }
    const items = plan.cases.map((_, index) => ({ index, pair: index }))
    return describeBlock({ works: [{ plan, flows: [] }], items }, BUILT_IN)
  }
  // 800,000 bits but for the first chunk, which leaves at once.
  const megabit = { sizeBytes: 100 * 1024, chunkBytes: 1024, rateBps: 99 * 8192 }
  assert.doesNotMatch(said([{ ...megabit, rateBps: 1e9 }]), /takes/)
  assert.match(said([megabit]), /; takes 12 s or more$/)
  assert.match(said([megabit], { pauseMs: 1000 }), /; takes 23 s or more$/)
  assert.match(said([{ ...megabit, workload: 'stream', durationMs: 5000 }, megabit]), /; takes 72 s or more$/)
  assert.match(said([{ ...megabit, frames: 50, fps: 25, rateBps: 1e9 }]), /; takes 24 s or more$/)
})

test('what makes figures of this machine doubtful is a line, where anything does', () => {
  assert.equal(doubtsIn([{ subject: 'load', ...good('0.1') }]), undefined)
  assert.equal(
    doubtsIn([
      { subject: 'load', ...notice('9.00 over the last minute, on 2 CPUs: other programs', 'wait') },
      { subject: 'CPU quota', ...good('none') },
      { subject: 'CPU governor', ...notice('powersave: slow', 'change it') },
    ]),
    'doubtful here: load 9.00 over the last minute, on 2 CPUs; CPU governor powersave (bench doctor says more)',
  )
})
