/** The spans of a series. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { readFlags } from '../../../bench/cli/flags.ts'
import { SERIES_FLAGS } from '../../../bench/cli/series/flags.ts'

it('no jitter is one, and no period is none', () => {
  assert.equal(readFlags(SERIES_FLAGS, { jitter: '0s' }).jitter, 0)
  assert.equal(readFlags(SERIES_FLAGS, { jitter: '30s' }).jitter, 30_000)
  for (const words of [{ every: '0s' }, { retention: '0d' }, { jitter: '0' }, { jitter: '-1s' }])
    assert.throws(() => readFlags(SERIES_FLAGS, words), UsageError, JSON.stringify(words))
})
