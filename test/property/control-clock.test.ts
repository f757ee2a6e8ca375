/** The clock of another host, from exchanges whose two ways take any time: the offset is within the error that is told. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { ClockComparison } from '../../bench/fleet/remote/clock-comparison.ts'

const DRIFT = 100e-6
const ms = (max: number) => fc.double({ min: 0, max, noNaN: true })

const exchanges = fc.array(fc.record({ pause: ms(10_000), there: ms(300), back: ms(300) }), {
  minLength: 1,
  maxLength: 80,
})

test('any delays, any offset, any drift within that of quartz', () => {
  fc.assert(
    fc.property(
      exchanges,
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: -DRIFT, max: DRIFT, noNaN: true }),
      ms(60_000),
      (exchanges, offset, drift, wait) => {
        const theirs = (now: number) => now + offset + drift * now
        const clock = new ClockComparison()
        let now = 0
        for (const { pause, there, back } of exchanges) {
          const sentAt = now + pause
          now = sentAt + there + back
          clock.add(sentAt, theirs(sentAt + there), now)
        }
        const at = now + wait
        const { offsetMs, errorMs, rttMs } = clock.reading(at)
        // What doubles round at 1e9 ms.
        const rounding = 1e-5
        assert(Math.abs(offsetMs - (theirs(at) - at)) <= errorMs + rounding)
        assert(rttMs !== undefined && rttMs <= 600 + rounding)
        assert(errorMs >= rttMs / 2 - rounding)
      },
    ),
    { numRuns: 1000 },
  )
})

test('the quickest exchange says most, until it is old', () => {
  const clock = new ClockComparison()
  assert(!clock.known)
  clock.add(0, 100 + 40, 80)
  clock.add(100, 200 + 1, 102)
  clock.add(200, 300 + 50, 300)
  assert.equal(clock.reading(300).offsetMs, 100)
  assert(clock.reading(300).errorMs < 1.03)
  clock.add(1e6, 1e6 + 101 + 5, 1e6 + 10)
  assert.equal(clock.reading(1e6 + 10).offsetMs, 101)
})
