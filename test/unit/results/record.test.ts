import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { parseRecord } from '../../../results/schema/record.ts'
import { golden } from '../../support/golden.ts'
import { columnsMarkdown, resultsJsonSchema } from '../../support/results-docs.ts'
import { datagrams, record } from '../../support/results-samples.ts'

describe('a record', () => {
  it('is parsed, never believed', () => {
    assert.deepEqual(parseRecord(datagrams(1e9, 3)), datagrams(1e9, 3))
    const rejects = (value: unknown, message: RegExp) =>
      assert.throws(
        () => parseRecord(value),
        (error: unknown) => error instanceof UsageError && message.test(error.message),
      )
    rejects({ ...record(), outcome: 'great' }, /column outcome: .*completed/)
    rejects({ ...record(), round: 1.5 }, /column round/)
    rejects({ ...record(), round: '1' }, /column round/)
    rejects({ ...record(), loss_ratio: 25 }, /column loss_ratio/)
    rejects({ ...record(), delivery_ms: Number.NaN }, /column delivery_ms/)
    rejects({ ...record(), host: undefined }, /column host/)
    rejects(null, /not a record/)
  })

  it('of a newer version can be read', () => {
    assert.deepEqual(parseRecord({ ...record(), moon_phase: 'full' }), record())
  })
})

describe('the documentation', () => {
  it('of the columns is up to date', () => golden('docs/columns.md', columnsMarkdown()))
  it('of the JSON is up to date', () => golden('docs/results.schema.json', resultsJsonSchema()))
})
