/** What comes from other hosts: a few runs of each target of `npm run fuzz`. */
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { TARGETS } from '../fuzz/targets.ts'

describe('whatever comes from outside', { concurrency: 2 }, () => {
  for (const [name, target] of Object.entries(TARGETS)) test(name, () => fc.assert(target(), { numRuns: 50 }))
})
