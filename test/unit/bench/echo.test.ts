/** What is said of a pace before anything runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pacedTime } from '../../../bench/cli/echo.ts'

test('a long paced transfer says how long it takes, and any one that its time-out is shorter', () => {
  assert.equal(pacedTime(819_200, 100e6), '')
  assert.equal(pacedTime(819_200, 100), ': 19 h a transfer')
  assert.equal(pacedTime(8192, 1, 2000), ': 19 h a transfer, over its --timeout of 2.00 s')
  assert.equal(pacedTime(1_000_000, 1e6, 2000), ': 8 s a transfer, over its --timeout of 2.00 s')
  assert.equal(pacedTime(1_000_000, 1e6, 9000), '')
})
