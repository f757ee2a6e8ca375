/** What is said of a pace before anything runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atOnce, describePlan, pacedTime } from '../../../bench/cli/echo.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
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
