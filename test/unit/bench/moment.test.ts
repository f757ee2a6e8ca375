/** Moments at which a run is to begin. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseMoment, untilMoment } from '../../../bench/cli/moment.ts'

const NOW = new Date(2027, 0, 31, 8, 30)

it('a time of day is the next one of this host', () => {
  assert.deepEqual(parseMoment('08:31', NOW), new Date(2027, 0, 31, 8, 31))
  assert.deepEqual(parseMoment('8:30:01', NOW), new Date(2027, 0, 31, 8, 30, 1))
  assert.deepEqual(parseMoment('08:30', NOW), new Date(2027, 1, 1, 8, 30))
})

it('a moment of ISO 8601 has a zone, or that of this host', () => {
  assert.deepEqual(parseMoment('2027-02-01T08:00Z', NOW), new Date(Date.UTC(2027, 1, 1, 8)))
  assert.deepEqual(parseMoment('2027-02-01T08:00:30', NOW), new Date(2027, 1, 1, 8, 0, 30))
})

it('what is over, or no moment, is refused', () => {
  assert.throws(() => parseMoment('2027-01-01T08:00Z', NOW), /is over; it is 2027-/)
  for (const text of ['', 'noon', '24:00', '08:60', '2027-01-31', '2027-13-01T00:00Z'])
    assert.throws(() => parseMoment(text, NOW), /not a moment/, text)
})

it('is waited for, unless it is called off', async () => {
  const never = new AbortController().signal
  let now = NOW.getTime()
  let looks = 0
  // A clock that is set back once, and goes on.
  const clock = () => {
    looks++
    now += looks === 2 ? -10 : 5
    return now
  }
  const moment = new Date(NOW.getTime() + 20)
  await untilMoment(moment, never, clock)
  assert.ok(now >= moment.getTime() && looks > 4, `${looks}`)
  await untilMoment(new Date(NOW.getTime() + 1e9), AbortSignal.timeout(10), () => NOW.getTime())
})
