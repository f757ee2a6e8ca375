/** What is advised where figures scatter or drift: warm-up and more rounds only where nothing tells of another cause. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import { rounds, stream } from '../../support/results-samples.ts'

const APART = { sender_cpu_at_end: 0, receiver_cpu_at_end: 1 } as const

function remedy(code: 'drift' | 'wide-interval', records: readonly TrialRecord[]): string {
  return findWarnings(summarize(records)).find(each => each.code === code)?.remedy ?? assert.fail(code)
}

/** The first ten rounds slower than the last ten, or the other way round. */
function changing(rose: boolean, slow: Partial<TrialRecord> = {}, quick: Partial<TrialRecord> = {}) {
  return rounds(20, (round, noise) => {
    const isSlow = round <= 10 === rose
    return stream((isSlow ? 1e9 : 2e9) * noise, { ...APART, ...(isSlow ? slow : quick) })
  })
}

const often = { sender_involuntary_switches: 9, receiver_involuntary_switches: 4 }
const seldom = { sender_involuntary_switches: 1, receiver_involuntary_switches: 0 }

test('a goodput that rises: warm-up, unless another program ran in the slow rounds', () => {
  assert.equal(remedy('drift', changing(true)), 'more warm-up: --warmup 3')
  assert.equal(remedy('drift', changing(true, seldom, seldom)), 'more warm-up: --warmup 3')
  const preempted = remedy('drift', changing(true, often, seldom))
  assert.equal(
    preempted,
    'another program took the CPU 13 times a trial in the slow ones, 1 in the others: stop it and run again',
  )
  assert.match(remedy('drift', changing(true, { sender_load: 3.1 })), /^the load average was 3\.1 on 2 CPUs/)
  assert.match(
    remedy('drift', changing(true, {}, { receiver_steal_ratio: 0.04 })),
    /^other guests .* 4\.00 % of the CPU time/,
  )
})

test('what is as frequent in quick rounds, or is our own doing, is no other program', () => {
  const warmUp = 'more warm-up: --warmup 3'
  assert.equal(remedy('drift', changing(true, often, often)), warmUp)
  assert.equal(remedy('drift', changing(true, seldom, often)), warmUp)
  const together = { sender_cpu_at_end: 1, receiver_cpu_at_end: 1 }
  assert.equal(remedy('drift', changing(true, { ...often, ...together }, { ...seldom, ...together })), warmUp)
  assert.equal(remedy('drift', changing(true, { sender_load: 2.1 })), warmUp, 'two ends are a load of two')
  assert.equal(
    remedy('drift', changing(true, { sender_load: 3.1, direction: 'forward' }, { direction: 'forward' })),
    warmUp,
  )
  assert.equal(remedy('drift', changing(true, { sender_steal_ratio: 0.001 })), warmUp)
})

test('a goodput that falls: the other program, where one is known, and never warm-up', () => {
  assert.match(remedy('drift', changing(false)), /^look for another program/)
  assert.match(remedy('drift', changing(false, often, seldom)), /^another program took the CPU/)
})

test('a wide interval: more rounds only where trials differ by chance', () => {
  /** Seven levels in turn: the same in each half, on each CPU and in each process. */
  const scattered = (spread: number, values: (round: number) => Partial<TrialRecord> = () => ({})) =>
    rounds(28, round => stream(1e9 * (1 + ((round - 1) % 7) * spread), { ...APART, ...values(round) }))
  assert.match(
    remedy('wide-interval', scattered(0.2)),
    /^--repeat \d+ or more, and nothing else running here$/,
  )
  assert.match(
    remedy(
      'wide-interval',
      scattered(0.2, () => ({ sender_steal_ratio: 0.2 })),
    ),
    /^other guests/,
  )
  assert.doesNotMatch(remedy('wide-interval', changing(true)), /--repeat/)
  const process = (round: number) => ({ process: ((round - 1) % 7) + 1 })
  assert.match(
    remedy('wide-interval', scattered(0.2, process)),
    /^processes differ more than trials: --processes 14/,
  )
  const even = (round: number) => ({ process: Math.ceil(round / 7) })
  assert.match(remedy('wide-interval', scattered(0.2, even)), /^--repeat/)
  const hopeless = remedy('wide-interval', scattered(20))
  assert.match(hopeless, /more rounds do not cure.*--pin$/)
  assert.doesNotMatch(
    remedy(
      'wide-interval',
      scattered(20, () => ({ pinned_cpus: '0,1' })),
    ),
    /--pin/,
  )
})
