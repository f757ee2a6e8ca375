/** Scenario -> cases: every combination once, with only what applies to each. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { type Bytes, type Milliseconds, parseBytes, parseRate } from '../../../base/units.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { filesOf } from '../../../scenarios/named.ts'
import { planScenario } from '../../../scenarios/planning.ts'
import type { Scenario } from '../../../scenarios/schema.ts'
import { doingOf, WORKLOAD } from '../../../scenarios/settings/words.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { LARGEST_HELD_BYTES } from '../../../transports/payload/held-memory.ts'

const NO_FILES: ReadonlyMap<string, number> = new Map()

function bytes(...sizes: readonly number[]): Bytes[] {
  return sizes.map(size => parseBytes(String(size)))
}

function cases(over: Partial<Scenario>, files = NO_FILES) {
  return planScenario({ name: 'mine', variants: [], ...over }, BUILT_IN.transports, files, nodeSockets).cases
}

test('with nothing said, the defaults', () => {
  const plan = planScenario({ name: 'mine', variants: [] }, BUILT_IN.transports, NO_FILES, nodeSockets)
  assert.deepEqual(
    plan.cases.map(each => each.transport),
    DEFAULTS.transports,
  )
  for (const each of plan.cases) {
    assert.equal(each.scenario, 'mine')
    assert.equal(each.sizeBytes, 819_200)
    assert.equal(each.chunkBytes, 1024)
    assert.equal(each.ipFamily, 4)
    assert.deepEqual(each.socket, each.transport === 'tcp' ? { nodelay: true } : {})
    assert.equal('file' in each || 'rateBps' in each || 'maxDatagramBytes' in each, false)
  }
  const { repeat, warmup, seed, drainMs, timeoutMs } = plan
  assert.deepEqual(
    { repeat, warmup, seed, drainMs, timeoutMs },
    { repeat: 20, warmup: 1, seed: 1, drainMs: undefined, timeoutMs: undefined },
  )
})

test('sizes, chunks and transports: every combination once', () => {
  const sizesBytes = bytes(1000, 2000, 1000)
  const chunksBytes = bytes(100, 200, 100)
  const all = cases({ transports: ['tcp', 'udp-marker', 'tcp'], sizesBytes, chunksBytes })
  const names = all.map(each => `${each.transport} ${each.sizeBytes} ${each.chunkBytes}`)
  assert.equal(names.length, 8)
  assert.equal(new Set(names).size, 8)
})

test('workloads: each with its parameters, the usual one without its name', () => {
  const all = cases({ transports: ['tcp'], workloads: ['transfer', 'idle,wait=5ms'] })
  assert.deepEqual(
    all.map(each => each.workload),
    [undefined, 'idle,wait=5ms'],
  )
  assert.deepEqual(doingOf('idle,a=1,b=x:y'), { name: 'idle', wishes: { a: '1', b: 'x:y' } })
  assert.equal(WORKLOAD.parse('idle, b=2,a=1'), 'idle,a=1,b=2')
  for (const wrong of ['', 'Idle', 'idle,', 'idle,a', 'idle,a=', 'idle,a=1,a=2', 'idle,a=\u001b', 'i=1'])
    assert.throws(() => WORKLOAD.parse(wrong), UsageError, wrong)
})

test('files: each with its own size, beside each chunk', () => {
  const files = new Map([
    ['one.png', 10],
    ['two.png', 20],
  ])
  const scenario = { files: ['one.png', 'two.png', 'one.png'], chunksBytes: bytes(5, 6), transports: ['tcp'] }
  const all = cases(scenario, files)
  assert.deepEqual(
    all.map(each => [each.file, each.sizeBytes, each.chunkBytes]),
    [
      ['one.png', 10, 5],
      ['one.png', 10, 6],
      ['two.png', 20, 5],
      ['two.png', 20, 6],
    ],
  )
  assert.deepEqual(filesOf({ name: 'mine', variants: [], ...scenario }), ['one.png', 'two.png'])
})

test('one datagram is one datagram: it is measured once, whatever the chunks', () => {
  const all = cases({
    transports: ['udp-datagram', 'udp-header'],
    sizesBytes: bytes(500),
    chunksBytes: bytes(10, 20),
  })
  assert.equal(all.filter(each => each.transport === 'udp-datagram').length, 1)
  assert.equal(all.filter(each => each.transport === 'udp-header').length, 2)
})

test('what is for datagrams does not reach a stream', () => {
  const scenario = {
    transports: ['tcp', 'udp-marker'],
    rateBps: parseRate('1M'),
    rcvbufBytes: parseBytes('4M'),
    sndbufBytes: parseBytes('1M'),
    maxDatagramBytes: parseBytes('9216'),
  }
  const [stream, datagram] = cases(scenario)
  assert.equal(stream?.rateBps ?? stream?.maxDatagramBytes, undefined)
  assert.deepEqual(stream?.socket, { nodelay: true })
  assert.equal(datagram?.rateBps, 1e6)
  assert.deepEqual(datagram?.socket, { sndbufBytes: 1 << 20, rcvbufBytes: 4 << 20 })
  assert.equal(datagram?.maxDatagramBytes, 9216)
})

test('a profile is its documented limit; none and default are nothing', () => {
  const limits = (over: Partial<Scenario>) =>
    cases({ transports: ['udp-marker'], ...over }).map(each => each.maxDatagramBytes)
  assert.deepEqual(limits({ osProfile: 'macos' }), [9216])
  // There SO_SNDBUF is the largest datagram, up to that of the protocol.
  for (const [sndbuf, limit] of [
    ['4k', 4096],
    ['64k', 65_507],
    ['default', 9216],
  ] as const)
    assert.deepEqual(
      limits({ osProfile: 'macos', sndbufBytes: sndbuf === 'default' ? sndbuf : parseBytes(sndbuf) }),
      [limit],
    )
  assert.deepEqual(limits({ maxDatagramBytes: 'none' }), [undefined])
  const [buffers] = cases({ transports: ['udp-marker'], rcvbufBytes: 'default', sndbufBytes: 'default' })
  assert.deepEqual(buffers?.socket, {})
})

test('a profile is of a system: with TCP alone it runs, and limits nothing there; a limit of datagrams does not', () => {
  for (const osProfile of ['macos', 'linux', 'freebsd'] as const) {
    const [tcp, ...others] = cases({ transports: ['tcp'], osProfile })
    assert.deepEqual([tcp?.transport, tcp?.maxDatagramBytes, others], ['tcp', undefined, []])
  }
  assert.throws(
    () => cases({ transports: ['tcp'], maxDatagramBytes: parseBytes('9216') }),
    /--max-datagram is for UDP/,
  )
})

test('variants are blocks of their own, under their own labels', () => {
  const variants = [
    { label: 'small', sizesBytes: bytes(1000) },
    { label: 'same', sizesBytes: bytes(1000) },
    { label: 'limited', sizesBytes: bytes(1000), maxDatagramBytes: parseBytes('500') },
  ]
  const all = cases({ transports: ['udp-marker'], variants })
  assert.deepEqual(
    all.map(each => [each.variant, each.maxDatagramBytes]),
    [
      ['small', undefined],
      ['same', undefined],
      ['limited', 500],
    ],
  )
})

test('an unknown transport is a usage error', () => {
  assert.throws(() => cases({ transports: ['pigeon'] }), UsageError)
})

test('what would have to be held in memory has a limit', () => {
  const sizesBytes = [parseBytes(String(LARGEST_HELD_BYTES + 1))]
  assert.throws(() => cases({ transports: ['udp-datagram'], sizesBytes }), UsageError)
  assert.equal(cases({ transports: ['udp-header', 'tcp'], sizesBytes }).length, 2)
})

test('the seed, the family and the rounds reach the cases and the plan', () => {
  const scenario: Scenario = { name: 'mine', variants: [], seed: 7, ipFamily: 6, repeat: 3, warmup: 0 }
  const plan = planScenario(scenario, BUILT_IN.transports, NO_FILES, nodeSockets)
  assert.ok(plan.cases.every(each => each.seed === 7 && each.ipFamily === 6))
  assert.deepEqual([plan.seed, plan.repeat, plan.warmup], [7, 3, 0])
})

test('until: the least number of rounds stays what it is, with a usual longest time', () => {
  const planned = (over: Partial<Scenario>) =>
    planScenario({ name: 'mine', variants: [], ...over }, BUILT_IN.transports, NO_FILES, nodeSockets)
  const { repeat, until } = planned({ untilShare: 0.05 })
  assert.deepEqual([repeat, until], [20, { share: 0.05, withinMs: 300_000, ofProcess: 10 }])
  assert.equal(planned({ untilShare: 0.1, maxTimeMs: 2000 as Milliseconds, repeat: 7 }).until?.withinMs, 2000)
  assert.equal(planned({ untilShare: 'none' }).until, undefined)
  assert.equal('until' in planned({}), false)
  assert.throws(() => planned({ maxTimeMs: 2000 as Milliseconds }), /--max-time .*; add --until 5%/)
})

test('pictures in a row: a case for each rate, with so many as are due', () => {
  const films = (over: Partial<Scenario>, files = NO_FILES) =>
    cases(over, files).map(
      ({ transport, workload, fps, frames, durationMs, sizeBytes, file, files: others }) =>
        [transport, workload, fps, frames, durationMs, sizeBytes, file, others].filter(
          each => each !== undefined,
        ),
    )
  const transports = ['udp-header']
  assert.deepEqual(films({ transports, fps: [25, 0.4] }), [
    ['udp-header', 'frames', 25, 50, 819_200],
    ['udp-header', 'frames', 0.4, 1, 819_200],
  ])
  const second = 1000 as Milliseconds
  assert.deepEqual(films({ transports, fps: [10], durationMs: second }), [
    ['udp-header', 'frames', 10, 10, 819_200],
  ])
  // Without a rate a time is one, and those that answer are the usual ones.
  assert.deepEqual(films({ transports, workloads: ['frames'], durationMs: second }), [
    ['udp-header', 'frames', 4000, 1000, 819_200],
  ])
  assert.deepEqual(films({ frames: 3 }), [
    ['tcp', 'frames', 3, 819_200],
    ['udp-header', 'frames', 3, 819_200],
  ])
  // All files are pictures of one case.
  const sizes = new Map([
    ['a', 10],
    ['b', 30],
  ])
  assert.deepEqual(films({ transports, fps: [25], frames: 9, files: ['a', 'b'] }, sizes), [
    ['udp-header', 'frames', 25, 9, 30, 'a', ['b']],
  ])
})
