/** What of a fleet is missing is said in few words. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MissingPairs } from '../../../bench/cli/fleet/missing.ts'

describe('pairs that could not be measured', () => {
  it('are named once, with how often', () => {
    const missing = new MissingPairs()
    assert.equal(missing.any, false)
    for (const why of ['gone', 'gone', 'gone']) missing.add('a', 'b', why)
    missing.add('b', 'a', 'gone')
    missing.add('a', 'c', 'busy')
    assert.deepEqual(missing.lines(), ['a to b (3 times), b to a: gone', 'a to c: busy'])
    assert.equal(missing.any, true)
  })

  it('are one host that all of them have, beside others', () => {
    const missing = new MissingPairs()
    const others = Array.from({ length: 29 }, (_, index) => `host-${index + 1}`)
    for (const time of [1, 2])
      for (const other of others) {
        missing.add('dead', other, 'gone')
        missing.add(other, 'dead', time === 1 ? 'gone' : 'other')
      }
    missing.add('host-1', 'host-2', 'gone')
    assert.deepEqual(missing.lines(), [
      'dead to and from 29 others (up to 2 times), host-1 to host-2: gone',
      'dead from 29 others: other',
    ])
  })

  it('are cut where there are many of which no host has most', () => {
    const missing = new MissingPairs()
    for (let index = 0; index < 20; index++) missing.add(`s${index}`, `r${index}`, 'slow')
    assert.match(missing.lines()[0] ?? '', /^s0 to r0, (?:s\d to r\d, ){5}14 more: slow$/)
  })
})
