import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emulatedWay, PATH_NAMES } from '../../../scenarios/paths.ts'
import { IMPAIR } from '../../../scenarios/settings/impair.ts'
import { chancesOf, longestMs, waySchema } from '../../../transports/impairment/spec.ts'

describe('a way as it is written', () => {
  it('has the names of netem, for both directions or for one', () => {
    const written =
      'delay=20ms/5ms/normal;loss=gemodel:1%:10%;reorder=0.5%;duplicate=0.1%;corrupt=0.01%;rate=50M;queue=64kB;mtu=1400'
    const link = {
      delay: { ms: 20, jitterMs: 5, distribution: 'normal' },
      loss: { toBad: 0.01, toGood: 0.1, inBad: 1, inGood: 0 },
      reorder: { share: 0.005 },
      duplicate: { share: 0.001 },
      corrupt: { share: 0.0001 },
      ...{ rateBps: 50e6, queueBytes: 64_000, mtuBytes: 1400 },
    }
    assert.deepEqual(IMPAIR.parse(written), { up: link, down: link })
    assert.deepEqual(IMPAIR.parse('up:rate=1M; down:delay=5ms'), {
      up: { rateBps: 1e6 },
      down: { delay: { ms: 5 } },
    })
    assert.deepEqual(IMPAIR.parse('loss=1%/25%').up.loss, { share: 0.01, correlation: 0.25 })
    assert.deepEqual(IMPAIR.parse('loss=gemodel:5%').up.loss, {
      toBad: 0.05,
      toGood: 0.95,
      inBad: 1,
      inGood: 0,
    })
  })

  for (const [written, expected] of [
    ['', /"" is not one of delay=, loss=/],
    ['los=1%', /"los=1%" is not one of .*did you mean loss\?/],
    ['loss=1', /loss=1: not a share: "1"; write it with a percent sign/],
    ['loss=101%', /not a share/],
    ['delay=20', /delay=20: /],
    ['delay=20ms/normal', /a distribution is of the jitter; write delay=20ms\/5ms\/normal/],
    ['delay=1ms/1ms/1%/1ms', /write DELAY\/JITTER\/CORRELATION\/DISTRIBUTION/],
    ['delay=1ms;delay=2ms', /delay=2ms: delay is given twice for up/],
    ['reorder=1%', /reorder needs a delay/],
    ['queue=64k', /queue is of packets that wait for the rate/],
    ['mtu=20', /too small; give 68 bytes or more/],
    ['rate=0', /rate=0: /],
  ] as const)
    it(`is refused in one line: ${written || 'nothing'}`, () => {
      assert.throws(() => IMPAIR.parse(written), expected)
    })

  it('says what of it happens by chance', () => {
    assert.equal(chancesOf(IMPAIR.parse('delay=1ms;down:loss=1%;up:corrupt=1%')), 'loss, corrupt')
    assert.equal(chancesOf(IMPAIR.parse('delay=1ms;rate=1M')), undefined)
    assert.equal(chancesOf(IMPAIR.parse('loss=0%;duplicate=0%')), undefined)
    assert.equal(chancesOf(IMPAIR.parse('loss=gemodel:1%:10%')), 'loss')
  })

  it('says how long a packet may be on it', () => {
    assert.equal(longestMs(IMPAIR.parse('delay=20ms/5ms').up, 1000), 40)
    // 64 KiB and the packet itself at 1 Mbit/s.
    assert.equal(longestMs(IMPAIR.parse('rate=1M;queue=64k').up, 1000), ((65_536 + 1000) * 8) / 1000)
  })
})

describe('known paths', () => {
  it('are ways: half of the round trip each way, and a queue of 64 KiB or rate x round trip', () => {
    for (const path of PATH_NAMES) waySchema.parse(emulatedWay({ path }))
    assert.deepEqual(emulatedWay({ path: 'wpt-cable' }), {
      up: { delay: { ms: 14 }, rateBps: 5e6, queueBytes: 65_536 },
      down: { delay: { ms: 14 }, rateBps: 1e6, queueBytes: 65_536 },
    })
    assert.equal(emulatedWay({ path: 'loadero-4g' })?.up.queueBytes, (100e6 * 45) / 8000)
    assert.equal(emulatedWay({ path: 'loadero-4g', queueBytes: 1000 })?.up.queueBytes, 1000)
    assert.deepEqual(emulatedWay({ path: 'geo' })?.up, { delay: { ms: 300 } })
  })

  it('may have their rate by a trace', () => {
    const { up } = emulatedWay({ path: 'wpt-cable', trace: 'a' }) ?? {}
    assert.deepEqual(up, { queueBytes: 65_536, delay: { ms: 14 }, trace: 'a' })
    assert.deepEqual(emulatedWay({ trace: 'a' }), { up: { queueBytes: 65_536, trace: 'a' }, down: {} })
    assert.equal(emulatedWay({}), undefined)
  })
})
