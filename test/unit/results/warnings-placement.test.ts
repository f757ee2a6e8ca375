/** Trials that fall into groups by where the system put both ends. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { codes, find } from '../../support/found-warnings.ts'
import { record, rounds, stream } from '../../support/results-samples.ts'

describe('about where the system put both ends', () => {
  const placed = (cpus: (index: number) => readonly [number, number], bps: (index: number) => number) =>
    rounds(20, (index, noise) => {
      const [sender, receiver] = cpus(index)
      return stream(bps(index) * noise, { sender_cpu_at_end: sender, receiver_cpu_at_end: receiver })
    })
  const placement = (records: readonly TrialRecord[]) =>
    find(records).find(each => each.code === 'placement') ?? assert.fail()
  const slowApart = (index: number) => (index % 3 === 0 ? 3e9 : 1.5e9)

  it('name both groups, and a --pin for each', () => {
    const warning = placement(placed(index => (index % 3 === 0 ? [1, 1] : [0, 1]), slowApart))
    assert.match(
      warning.message,
      /^tcp: .*two groups .*: 6 on one CPU, around 2\.99 Gbit\/s; 14 on two, around 1\.50 Gbit\/s$/,
    )
    assert.match(warning.remedy, /--pin 1,1 or --pin 0,1$/)
  })

  it('go by the round trips of requests', () => {
    const asked = rounds(20, (index, noise) =>
      record({
        ...{ transport: 'echo-udp', requests: 100, answered: 100 },
        ...{ sender_cpu_at_end: 1, receiver_cpu_at_end: index % 3 === 0 ? 1 : 0 },
        rtt_p50_ms: (index % 3 === 0 ? 0.02 : 0.05) * noise,
      }),
    )
    assert.match(
      placement(asked).message,
      /6 on one CPU, around (?:19|20)\.\d µs; 14 on two, around (?:49|50)\.\d µs$/,
    )
  })

  it('tell pairs of CPUs apart where each trial is on two', () => {
    const warning = placement(placed(index => (index % 3 === 0 ? [0, 1] : [0, 2]), slowApart))
    assert.match(warning.message, /14 on the CPUs 0,2, around .*; 6 on the CPUs 0,1, around /)
  })

  it('are absent where the speeds are one group, where --pin chose, and where nobody knows the CPUs', () => {
    const where = (index: number) => (index % 3 === 0 ? ([1, 1] as const) : ([0, 1] as const))
    assert.deepEqual(find(placed(where, () => 2e9)), [])
    const pinned = placed(where, slowApart).map(each => ({ ...each, pinned_cpus: '0,1' }))
    const unknown = placed(where, slowApart).map(each => ({ ...each, receiver_cpu_at_end: undefined }))
    for (const records of [pinned, unknown]) assert.equal(codes(records).includes('placement'), false)
    // Two groups, and not by placement.
    assert.equal(codes(placed(index => where(index + (index % 2)), slowApart)).includes('placement'), false)
  })
})
