import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import { BUILT_IN_ENDS } from '../../../bench/workloads/ends.ts'

test('an agent has the ends of every built-in workload', () => {
  assert.deepEqual([...BUILT_IN_ENDS.keys()].sort(), [...BUILT_IN.workloads.keys()].sort())
})
