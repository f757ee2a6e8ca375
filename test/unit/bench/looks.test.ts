/** Rounds that go on until medians are known well: when they end, and what is said of that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeEnd, describeWidest } from '../../../bench/cli/looks.ts'
import { openEnd, openLine } from '../../../bench/cli/progress.ts'
import { type Look, Looks, wideCases } from '../../../bench/measure/looks.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { datagrams, record, refused, stream } from '../../support/results-samples.ts'

const UNTIL = { share: 0.05, withinMs: 60_000, ofProcess: 10 }

/** Adds what `trials` gives in each round until no other follows, or a thousand have been; a round takes `roundMs`. */
function run(trials: (round: number) => readonly TrialRecord[], roundMs = 1, least = 6) {
  let now = 5
  const looked: Look[] = []
  const looks = new Looks(
    UNTIL,
    look => looked.push(look),
    () => now,
  )
  const records: TrialRecord[] = []
  let rounds = 0
  do {
    rounds++
    now += roundMs
    const named = trials(rounds).map(each => ({ ...each, round: rounds }))
    records.push(...named)
    looks.add(named)
  } while (rounds < 1000 && (rounds < least || looks.another(rounds)))
  const [first, last] = [looked[0], looked.at(-1)]
  assert.ok(first && last)
  return { rounds, looked, first, last, records }
}

/** 1 up to 1 + `spread` and back, not in order. */
function level(round: number, spread: number): number {
  return 1 + (spread * ((round * 7) % 10)) / 9
}

test('steady trials end at the least number of rounds, and all looks are reported', () => {
  const { rounds, looked, first, last } = run(round => [stream(1e9 * level(round, 0.02), { process: 1 })])
  assert.equal(rounds, 6)
  assert.deepEqual([first.rounds, first.over, first.endsAt], [0, false, 60_005])
  assert.deepEqual([last.rounds, last.over, looked.length], [6, true, 2])
  assert.match(describeEnd(last), /^6 rounds: each median is known within ± 5 %$/)
})

test('scattered trials go on until the interval that the table shows is narrow, and no longer', () => {
  const { rounds, records } = run(round => [
    stream(1e9 * level(round, 0.5), { process: 1 }),
    datagrams(2e9 * level(round, 0.02), 0, { process: 1 }),
  ])
  assert.ok(rounds > 6 && rounds < 1000, `${rounds}`)
  const halfWidths = (until: number) =>
    summarize(records.filter(each => each.round <= until)).map(({ goodput }) => {
      assert.ok(goodput?.interval)
      return (goodput.interval.high - goodput.interval.low) / 2 / goodput.medianBps
    })
  assert.ok(halfWidths(rounds).every(each => each <= 0.05))
  for (let before = 6; before < Math.min(rounds, 50); before++)
    assert.ok(
      halfWidths(before).some(each => each > 0.05),
      `${before} of ${rounds}`,
    )
})

test('when the time is over no round follows, and the cases that are not known are named', () => {
  const { rounds, last } = run(
    round => [stream(1e9 * level(round, 9), { process: 1 }), datagrams(2e9, 0, { process: 1 })],
    10_000,
  )
  assert.equal(rounds, 6)
  assert.ok(last.over)
  assert.deepEqual(
    wideCases(UNTIL, last.cases).map(({ cell }) => cell.transport),
    ['tcp'],
  )
  assert.match(
    describeEnd(last),
    /^6 rounds: not known within ± 5 % after --max-time 1m: tcp \(± [\d.]+ %\)$/,
  )
})

test('the least number of rounds has no time limit', () => {
  assert.equal(run(round => [stream(1e9 * level(round, 9))], 50_000, 12).rounds, 12)
})

test('processes that differ have no interval before there are six of them', () => {
  const { rounds, looked, last } = run(
    round => {
      const process = Math.ceil(round / 10)
      return [stream(1e9 * (1 + 0.02 * (process % 3)) * level(round, 0.001), { process })]
    },
    1,
    20,
  )
  // Sixty rounds: the sixth process has begun.
  assert.ok(rounds > 50 && rounds <= 60, `${rounds}`)
  assert.deepEqual(
    looked[1]?.cases.map(each => each.halfWidth),
    [undefined],
  )
  assert.match(describeWidest(looked[1] as Look), /^no interval so far, until ± 5 %$/)
  assert.ok(last.over)
})

test('of requests the round trips count', () => {
  const exchange = (round: number, spread: number) =>
    record({
      transport: 'echo-udp',
      workload: 'exchange',
      requests: 10,
      answered: 10,
      rtt_p50_ms: level(round, spread),
    })
  assert.equal(run(round => [exchange(round, 0.02)]).rounds, 6)
  assert.ok(run(round => [exchange(round, 0.5)]).rounds > 6)
})

test('the streams of a trial are one sample, their sum', () => {
  const { rounds, last } = run(round => {
    const share = level(round, 9) / 11
    return [share, 1 - share].map((each, index) => stream(2e9 * each, { streams: 2, flow: index + 1 }))
  })
  assert.equal(rounds, 6)
  assert.equal(last.cases.length, 1)
  assert.ok((last.cases[0]?.halfWidth ?? 1) < 1e-9)
})

test('a case without a figure keeps nobody waiting; one in which nothing arrives is known', () => {
  const nothing = (round: number) => datagrams(1, 800, { goodput_bps: 0, round })
  const { rounds, last } = run(round => [refused({ transport: 'udp-marker' }), nothing(round)])
  assert.equal(rounds, 6)
  assert.match(
    describeEnd(last),
    /^6 rounds: each median is known within ± 5 %; nothing to go by: udp-marker$/,
  )
  const alone = run(() => [refused()])
  assert.equal(alone.rounds, 6)
  assert.match(describeEnd(alone.last), /^6 rounds: no median is known within ± 5 %; nothing to go by: /)
})

test('trials that fail at first are waited for once one had a figure', () => {
  const trials = (round: number) => [round % 2 ? record({ outcome: 'failed' }) : stream(1e9)]
  // Six of them have a figure in round 12.
  assert.equal(run(trials).rounds, 12)
})

test('many rounds are not all looked at, and the time is', () => {
  const { rounds, looked } = run(round => [stream(1e9 * level(round, 9) * (1 + (round % 3)))], 100)
  assert.equal(rounds, 600)
  assert.ok(looked.length < 250, `${looked.length}`)
  assert.equal(looked.at(-1)?.rounds, 600)
})

test('the line of progress says how well all is known and how long it may take, and fits', () => {
  const { last } = run(round => [stream(1e9 * level(round, 9), { process: 1 })], 10_000)
  const each = {
    transport: 'tcp',
    sizeBytes: 2048,
    chunkBytes: 1024,
    scenario: 'a',
    socket: {},
    ipFamily: 4,
    seed: 1,
  } as const
  const at = last.endsAt - 15_000
  const running = (width: number) => ({ each, round: 7, width, catalog: BUILT_IN })
  assert.match(
    openLine(18, openEnd(last), at, running(150)),
    /^━{15}─{5} 18 trials · round 7 · ± [\d.]+ % so far, until ± 5 % · tcp 2 KiB in chunks of 1 KiB · 15 s left at most$/,
  )
  for (let width = 1; width <= 150; width++) {
    const line = openLine(18, openEnd(last), at, running(width))
    assert.ok(line.length < width || line.length === 0, `${line.length} of ${width}`)
  }
  // Later than the end it is full.
  assert.match(openLine(18, openEnd(last), last.endsAt + 1000, running(150)), /^━{20} .* 0 s left at most$/)
})
