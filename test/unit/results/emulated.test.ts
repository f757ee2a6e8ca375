import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pathAnswers } from '../../../results/compare/path-answers.ts'
import { pathBlocks } from '../../../results/document/path-table.ts'
import { probeBlocks } from '../../../results/document/probe-table.ts'
import { casesAtBounds, searchBlocks } from '../../../results/document/search-table.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { causesOf, summarize } from '../../../results/statistics/summary.ts'
import { find } from '../../support/found-warnings.ts'
import { datagrams, manifest, record, rounds, stream } from '../../support/results-samples.ts'

const OPTIONS = { width: 100, color: false }
const SEARCH: Manifest = {
  ...manifest('run'),
  search: {
    goals: [0, 0.005].map(loss_ratio => ({
      ...{ loss_ratio, exceed_ratio: 0.5, final_trial_ms: 1000, duration_sum_ms: 2000, width: 0.2 },
    })),
    within_ms: 60_000,
  },
}

/** A trial of a second at a rate, in datagrams of 1,000 B. */
function at(rateBps: number | undefined, lost: number, trial: number, values: Partial<TrialRecord> = {}) {
  const offered = (values.rate_achieved_bps ?? rateBps ?? 1e6) / 8000
  return record({
    ...{
      transport: 'udp-marker',
      workload: 'stream',
      size_bytes: undefined,
      chunk_bytes: 1000,
      trial,
      round: trial,
    },
    ...{ duration_asked_ms: 1000, rate_bps: rateBps, rate_achieved_bps: rateBps ?? 1e6 },
    ...{ datagrams_offered: offered, datagrams_accepted: offered, datagrams_refused: 0 },
    ...{ datagrams_delivered: offered - lost, datagrams_lost: lost, goodput_bps: (offered - lost) * 8000 },
    ...{
      outcome: lost > 0 ? 'incomplete' : 'completed',
      lost_elsewhere: lost,
      loss_cause: lost > 0 ? 'elsewhere' : undefined,
    },
    ...values,
  })
}

describe('what a search found', () => {
  // Unpaced it loses a fifth; 0.8 Mbit/s and less pass.
  const records = [
    at(undefined, 25, 1),
    ...[2, 3].map(trial => at(800_000, 0, trial)),
    ...[4, 5].map(trial => at(900_000, 12, trial)),
  ]
  const summaries = summarize(records)

  it('is a line a goal, with both bounds, the throughput between them and why it is not more', () => {
    const text = renderBlocks(searchBlocks(summaries, [SEARCH]), OPTIONS)
    assert.match(text, /^udp-marker +0 % +800 kbit\/s +900 kbit\/s +800 kbit\/s +5 +elsewhere$/m)
    assert.match(text, /^udp-marker +0\.500 % +800 kbit\/s +900 kbit\/s +800 kbit\/s +5 +elsewhere$/m)
    assert.deepEqual(
      casesAtBounds(summaries, [SEARCH]).map(each => each.cell.rate_bps),
      [900_000],
    )
  })

  it('is nothing of a run that was no search', () => {
    assert.deepEqual(searchBlocks(summaries, [manifest('run')]), [])
    assert.deepEqual(casesAtBounds(summaries, [manifest('run')]), [])
  })

  it('is not called loss where the sender could not keep the rate', () => {
    const slow = [2, 3].map(trial => at(1e6, 0, trial, { rate_achieved_bps: 500_000 }))
    const text = renderBlocks(searchBlocks(summarize([at(undefined, 0, 1), ...slow]), [SEARCH]), OPTIONS)
    assert.match(text, /^udp-marker +0 % .* sender-limited/m)
    assert.doesNotMatch(text, /loss of unknown cause/)
  })

  it('is what was asked for, where that passes', () => {
    const asked = [1, 2].map(trial => at(8e6, 0, trial))
    const text = renderBlocks(searchBlocks(summarize(asked), [SEARCH]), OPTIONS)
    assert.match(text, /^udp-marker +0 % +8\.00 Mbit\/s +– +8\.00 Mbit\/s +2 +as much as --rate allows$/m)
  })

  it('is not finished where a bound is missing, or too far from the other', () => {
    const text = renderBlocks(searchBlocks(summarize(records.slice(0, 3)), [SEARCH]), OPTIONS)
    assert.match(text, /^udp-marker +0 % +800 kbit\/s +– .* not finished$/m)
  })
})

describe('what a probe found', () => {
  const probed = (variant: string, chunk: number, values: Partial<TrialRecord>) =>
    record({ transport: 'udp-marker', variant, chunk_bytes: chunk, sender_os: 'linux', ...values })
  const taken = { datagrams_accepted: 3, datagrams_refused: 0, datagrams_delivered: 3 }
  const refused = { datagrams_accepted: 0, datagrams_refused: 3, error_code: 'EMSGSIZE' }

  it('is beside the known limits of systems', () => {
    const records = [
      probed('usual', 9216, taken),
      probed('usual', 9217, refused),
      probed('any-path', 1472, taken),
      probed('any-path', 1473, { ...taken, datagrams_delivered: 0 }),
      probed('any-path', 1474, refused),
      probed('held', 1024, {
        read_late: true,
        datagrams_accepted: 500,
        datagrams_delivered: 92,
        rcvbuf_bytes: 212_992,
      }),
      probed('held', 64, {
        read_late: true,
        datagrams_accepted: 500,
        datagrams_delivered: 500,
        rcvbuf_bytes: 212_992,
      }),
    ]
    const text = renderBlocks(probeBlocks(records, [{ ...manifest('run'), probe: true }]), OPTIONS)
    assert.match(text, /^taken +9,216 +– +9,216 +65,507 \/ 65,527$/m)
    assert.match(text, /^taken, IPv4: linux: differs; 9,217 B: EMSGSIZE\.$/m)
    assert.match(text, /^arrived, DF always, IPv4: an MTU of 1,500 B, 1,473 B: taken, and none arrived\.$/m)
    assert.match(text, /^ *1,024 B +92$/m)
    assert.match(text, /^ +64 B +500 or more$/m)
    assert.deepEqual(probeBlocks(records, [manifest('run')]), [])
  })
})

describe('emulated paths', () => {
  const cable = { path: 'wpt-cable', way: 'delay=14ms', impair_with: 'relay' } as const
  const mobile = { path: 'loadero-4g', way: 'delay=22.5ms;loss=0.2%', impair_with: 'relay' } as const
  const records = [
    ...rounds(20, (_, noise) => stream(4e6 * noise, cable)),
    ...rounds(20, (_, noise) => datagrams(3e6 * noise, 0, { ...cable, transport: 'udp-arq' })),
    ...rounds(20, (_, noise) => stream(6e6 * noise, { ...mobile, impair_left_out: 'loss' })),
    ...rounds(20, (_, noise) => datagrams(5e6 * noise, 0, { ...mobile, transport: 'udp-arq' })),
    ...rounds(20, (_, noise) => datagrams(9e6 * noise, 8, mobile)),
  ]

  it('are a table of transports and paths, which says what was lost and what was not applied', () => {
    const text = renderBlocks(pathBlocks(summarize(records)), OPTIONS)
    assert.match(text, /^transport +wpt-cable +loadero-4g$|^transport +loadero-4g +wpt-cable$/m)
    assert.match(text, /^tcp .*\(loss not applied\)/m)
    assert.match(text, /^udp-header .*\(1\.00 % lost\)/m)
    assert.deepEqual(pathBlocks(summarize(records.filter(each => each.path === 'wpt-cable'))), [])
  })

  it('have an answer each, without those that they were not applied to', () => {
    const text = renderBlocks(pathAnswers(records), OPTIONS)
    assert.match(
      text,
      /^wpt-cable: tcp is the fastest: 4\.\d+ Mbit\/s|^wpt-cable: tcp is the fastest: 3\.9\d Mbit\/s/m,
    )
    assert.match(text, /^loadero-4g: udp-arq is the best: it alone delivered everything/m)
    assert.match(text, /^ {2}tcp: left out, since loss was not applied; --impair-with tun does that/m)
    assert.deepEqual(pathAnswers([stream(1e9)]), [])
  })

  it('have losses of their own, which ask for no remedy', () => {
    const lossy = rounds(20, (_, noise) =>
      datagrams(9e6 * noise, 8, {
        ...mobile,
        loss_cause: 'emulated way',
        lost_emulated: 8,
        lost_elsewhere: 0,
      }),
    )
    assert.equal(causesOf(lossy[0] ?? record())['emulated way'], 8)
    assert.deepEqual(find(lossy), [])
  })

  it('are warned of where the relay could not keep up, and where a part was left out', () => {
    const late = rounds(20, (_, noise) =>
      datagrams(9e6 * noise, 0, { ...mobile, relay_late_ms: 12, relay_drops: 3 }),
    )
    const [warning] = find(late)
    assert.equal(warning?.code, 'relay-late')
    assert.match(
      warning?.message ?? '',
      /up to 12\.0 ms late, and its own buffers dropped 60 datagrams, in 20 trials/,
    )
    const [leftOut] = find(
      rounds(20, (_, noise) => stream(6e6 * noise, { ...mobile, impair_left_out: 'loss' })),
    )
    assert.equal(leftOut?.code, 'impair-left-out')
  })
})
