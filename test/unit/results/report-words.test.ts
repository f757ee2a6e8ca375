import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, answerOf, bestOf } from '../../../results/compare/answer.ts'
import type { Comparison } from '../../../results/compare/comparison.ts'
import { compareFiles, compareSides, compareTransports } from '../../../results/compare/within.ts'
import { sourceOf } from '../../../results/report/sections/source.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { plain } from '../../support/plain-texts.ts'
import {
  chunkSweep,
  datagrams,
  mainJob,
  record,
  refused,
  rounds,
  stream,
} from '../../support/results-samples.ts'

const source = (records: readonly TrialRecord[]) => sourceOf({ label: 'a.csv', records })
const words = (answers: readonly Answer[]) =>
  answers.map(([text, ...more]) => [...plain([text]), ...more].join(' | '))
const plainAnswer = (found: Answer | undefined) => found && words([found])[0]
const answerTo = (against: (base: number) => Comparison | undefined) => plainAnswer(bestOf(against))
const answer = (records: readonly TrialRecord[]) => plainAnswer(answerOf(records))
const pair = (ratio: (round: number) => number, count = 20) => [
  ...rounds(count, (_, noise) => stream(2e9 * noise)),
  ...rounds(count, (round, noise) => datagrams(2e9 * noise * ratio(round))),
]

describe('the answer: which file or side is better', () => {
  const files = (...all: readonly (readonly TrialRecord[])[]) =>
    answerTo(base =>
      compareFiles(
        all.map((records, index) => ({ label: `${index + 1}.csv`, records })),
        base,
      ),
    )
  const later = (records: readonly TrialRecord[], factor: number) =>
    records.map(each => ({
      ...each,
      run_id: '20260302T120000Z-efgh',
      ...(each.goodput_bps ? { goodput_bps: each.goodput_bps * factor } : {}),
    }))

  it('files are held against the best of them, lossy or not, with the caution that runs differ', () => {
    assert.match(
      files(mainJob(), later(mainJob(), 2)) ?? '',
      /^2\.csv is the fastest in 3 of 3 cases \| Ahead of the next: 2\.csv \(2\.00 times as fast in each\)\. \| .* \| 20 unpaired trials a side, p at most 0\.001 \(Mann–Whitney test, Holm-corrected\)\. Single runs differ/,
    )
  })
  it('none of several systems is called the fastest, and what each lost is said', () => {
    const [whole, lossy] = [0, 200].map(lost => rounds(20, (_, noise) => datagrams(1e9 * noise, lost)))
    const onMacos = later(lossy ?? [], 2).map(each => ({ ...each, os: 'darwin', sender_os: 'darwin' }))
    assert.equal(
      files(whole ?? [], onMacos),
      'Which system is faster may not be concluded | 2.csv: lost 25.0 % of the datagrams in 1 case.',
    )
  })
  it('who is faster by losing is not the best', () => {
    const [whole, lossy] = [0, 200].map(lost => rounds(20, (_, noise) => datagrams(1e9 * noise, lost)))
    assert.match(
      files(whole ?? [], later(lossy ?? [], 2)) ?? '',
      /^1\.csv is the best: it lost less than the others, 1\.00 Gbit\/s \| 2\.csv: 2\.00 Gbit\/s, 2\.00 times as fast, but lost 25\.0 % of the datagrams\. \| /,
    )
  })
  it('files that measured different cases have nothing in common', () => {
    const other = later(
      rounds(5, () => stream(1e9, { size_bytes: 1000 })),
      1,
    )
    assert.equal(
      files(
        rounds(5, () => stream(1e9)),
        other,
      ),
      'They have no case in common',
    )
  })
  it('sides of a run are pairs', () => {
    const sides = (['a', 'b'] as const).flatMap(side =>
      rounds(20, (_, noise) => stream((side === 'a' ? 1e9 : 1.3e9) * noise, { side })),
    )
    assert.equal(
      answerTo(base => compareSides(source(sides), base)),
      'B is the fastest: 1.30 Gbit/s | A: 1.00 Gbit/s, 23.1 % slower. | 95 % interval of A / B 0.769 to 0.769, 20 pairs of one round, p < 0.001 (sign test).',
    )
    assert.equal(compareSides(source(mainJob())), undefined)
  })
  it('a single transport or file has nothing to be held against', () => {
    assert.equal(compareTransports(source(rounds(5, () => stream(1e9)))), undefined)
    assert.equal(compareFiles([source(mainJob())]), undefined)
  })
})

describe('the answer: which transport is better', () => {
  it('names the fastest of those that delivered everything, and how far the others are behind', () => {
    const three = [
      ...pair(() => 1.5),
      ...rounds(20, (_, noise) => datagrams(1e9 * noise, 0, { transport: 'udp-marker' })),
    ]
    assert.equal(
      answer(three),
      'udp-header is the fastest: 3.00 Gbit/s | tcp: 2.00 Gbit/s, 33.3 % slower; udp-marker: 1.00 Gbit/s, 66.7 % slower. | 20 pairs of one round, p at most 0.001 (sign test, Holm-corrected).',
    )
  })
  it('what lost data is never the best, and the answer says what it lost', () => {
    const lossy = [
      ...rounds(20, (_, noise) => stream(1e9 * noise)),
      ...rounds(20, (_, noise) => datagrams(2e9 * noise, 200)),
    ]
    assert.match(
      answer(lossy) ?? '',
      /^tcp is the best: it alone delivered everything, 1\.00 Gbit\/s \| udp-header: 2\.00 Gbit\/s, 2\.00 times as fast, but lost 25\.0 % of the datagrams\. \| /,
    )
    // One datagram of one trial is enough.
    const hardly = pair(() => 2).map(each =>
      each.transport === 'tcp' || each.round > 1 ? each : datagrams(4e9, 1, { trial: each.trial }),
    )
    assert.match(answer(hardly) ?? '', /^tcp is the best: .* but lost <0\.01 % of the datagrams/)
    assert.match(
      answer(
        lossy
          .filter(each => each.transport !== 'tcp')
          .flatMap(each => [each, { ...each, transport: 'udp-marker' }]),
      ) ?? '',
      /^None of them delivered everything \| udp-header: 2\.00 Gbit\/s, lost 25\.0 % of the datagrams; udp-marker/,
    )
  })
  it('the fastest is one of those that delivered everything, where another one was faster or slower without', () => {
    const third = (goodput: number, values: Partial<TrialRecord> = {}, lost = 0) =>
      rounds(20, (_, noise) => datagrams(goodput * noise, lost, { transport: 'udp-marker', ...values }))
    assert.match(
      answer([...pair(() => 0.5), ...third(9e9, {}, 100)]) ?? '',
      /^tcp is the fastest of those that delivered everything: 2\.00 .* udp-marker: 9\.00 Gbit\/s, 4\.50 times as fast, but lost 12\.5 % .*\| 95 % interval of udp-header \/ tcp 0\.500 to 0\.500,/,
    )
    assert.match(
      answer([...pair(() => 0.5), ...third(1e9, { datagrams_corrupt: 1 })]) ?? '',
      /^tcp is the fastest of those that delivered everything: .* slower, delivered damaged bytes in 100 % of the trials/,
    )
    const cases = [0, 100].flatMap((lost, index) =>
      [...pair(() => 0.5), ...third(9e8, {}, lost)].map(each => ({
        ...each,
        chunk_bytes: 1024 * (1 + index),
      })),
    )
    assert.match(
      answer(cases) ?? '',
      /^tcp is the fastest in 1 of 2 cases; tcp is the fastest of those that delivered everything in 1 \|/,
    )
  })
  it('nobody wins by what was not checked', () => {
    const unchecked = (transport: string) =>
      rounds(20, () =>
        record({ transport, datagrams_offered: 800, outcome: 'incomplete', error_code: 'UNVERIFIED' }),
      )
    const tcp = rounds(20, (_, noise) => stream(1e9 * noise))
    assert.equal(
      answer([...tcp, ...unchecked('udp-header'), ...unchecked('udp-marker')]),
      'Unknown which is better: what udp-header and udp-marker delivered was not checked (--verify none) | tcp: 1.00 Gbit/s; udp-header: delivery unknown; udp-marker: delivery unknown.',
    )
    assert.match(
      answer([...pair(() => 0.5), ...unchecked('udp-marker')]) ?? '',
      /^tcp is the fastest of those that delivered everything: .*; udp-marker: delivery unknown\./,
    )
  })
  it('names settings in which they differ: a rate that was asked for, an engine; not what comes with a transport', () => {
    const slow = rounds(20, (_, noise) =>
      datagrams(5e7 * noise, 0, { rate_bps: 5e7, rcvbuf_asked_bytes: 4096 }),
    )
    const tcp = rounds(20, (_, noise) => stream(2e9 * noise))
    assert.match(
      answer([...tcp, ...slow]) ?? '',
      / \| udp-header: .* slower\. \| Settings differ: udp-header paced at 50\.0 Mbit\/s by --rate\. \| /,
    )
    assert.match(
      answer([...tcp, ...slow.map(each => ({ ...each, engine: 'native', rate_bps: undefined }))]) ?? '',
      / \| Settings differ: tcp on engine node; udp-header on engine native\. \| /,
    )
    assert.doesNotMatch(answer(pair(() => 0.5)) ?? '', /Settings/)
  })
  it('says why an interval that excludes 1 is no proof, and what stands on what where some are proven', () => {
    const few = [
      ...pair(round => (round % 2 ? 1.1 : 4), 8),
      ...rounds(8, (_, noise) => datagrams(1e8 * noise, 0, { transport: 'udp-marker' })),
    ]
    assert.match(
      answer(few) ?? '',
      /^No proof which of udp-header and tcp is faster: .* against .*; the change is less than 3 of its standard errors \| udp-marker: .* \| Not proven: 95 % interval of tcp \/ udp-header .*, 8 pairs of one round, p = .* \| Proven: 95 % interval of udp-marker \/ udp-header /,
    )
  })
  it('a single round gives no p', () => {
    assert.match(
      answer(pair(() => 2, 1)) ?? '',
      / \| 1 pair of one round\. \| Too few to say what would settle it\. To learn more: --repeat 20\.$/,
    )
  })
  it('says what was refused, or failed', () => {
    const tcp = rounds(20, (_, noise) => stream(1e9 * noise))
    assert.match(
      answer([...tcp, ...rounds(20, () => refused())]) ?? '',
      /^tcp is the best: it alone delivered everything, 1\.00 Gbit\/s \| udp-header: had 100 % of the datagrams refused\.$/,
    )
    const failing = rounds(20, (round, noise) =>
      round > 2 ? datagrams(2e9 * noise) : record({ transport: 'udp-header', outcome: 'failed' }),
    )
    assert.match(
      answer([...tcp, ...failing]) ?? '',
      /^tcp is the best: .* 2\.00 times as fast, but failed in 10\.0 % of the trials/,
    )
  })
  it('what delivers nothing is not slower by some per cent', () => {
    const none = rounds(20, () => datagrams(1e9, 800, { goodput_bps: 0, bytes_delivered: 0 }))
    assert.match(
      answer([...rounds(20, (_, noise) => stream(1e9 * noise)), ...none]) ?? '',
      /^tcp is the best: .* \| udp-header: 0 bit\/s, lost 100 % of the datagrams\. \| /,
    )
  })
  it('says equal where a difference is excluded', () => {
    assert.match(
      answer(pair(() => 1.001)) ?? '',
      /^udp-header and tcp are equally fast: 2\.00 Gbit\/s and 2\.00 Gbit\/s \| /,
    )
  })
  it('without proof it says what would prove it: more rounds, by how much the interval has to narrow', () => {
    const open = answer(pair(round => 1.25 + (round % 3 ? 0.2 : -0.3)))
    assert.match(
      open ?? '',
      /^No proof which of udp-header and tcp is faster: .* against .* \| .* \| To settle it, if the difference is what it looks like: --repeat \d+0\.$/,
    )
    assert.match(
      answer(pair(round => (round % 2 ? 2 : 0.5), 4)) ?? '',
      / Too few to say what would settle it\. To learn more: --repeat 20\.$/,
    )
  })
  it('what would settle it does, where the rounds go on as they were', () => {
    for (const ratio of [
      (round: number) => 1.25 + (round % 3 ? 0.2 : -0.3),
      (round: number) => 1 + 0.08 * Math.sin(2.1 * round),
    ]) {
      const needed = Number(
        /To settle it, if the difference is what it looks like: --repeat (\d+)\.$/.exec(
          answer(pair(ratio, 12)) ?? '',
        )?.[1],
      )
      assert.ok(needed > 12 && needed <= 1000, `${needed}`)
      // It is an estimate.
      assert.doesNotMatch(answer(pair(ratio, 2 * needed)) ?? '', /No proof/)
    }
  })
  it('counts several cases, and those in which loss was faster', () => {
    assert.match(
      answer(chunkSweep(chunk => (chunk < 2000 ? 0.3 : 0))) ?? '',
      /^tcp alone delivered everything in 5 of 8 cases; no proof which is faster in 3 \| udp-header and udp-marker: lost up to 30\.0 % of the datagrams in 4 cases; had 100 % of the datagrams refused in 1 case\. \| To settle it, if the difference is what it looks like: --repeat \d+\.$/,
    )
    const cases = [2, 1.2, 0.6].flatMap((ratio, index) => {
      const chunk_bytes = 1024 * 2 ** index
      return [
        ...rounds(20, (_, noise) => stream(2e9 * noise, { chunk_bytes })),
        ...rounds(20, (_, noise) => datagrams(2e9 * noise * ratio, index === 0 ? 200 : 0, { chunk_bytes })),
      ]
    })
    assert.equal(
      answer(cases),
      'tcp alone delivered everything in 1 of 3 cases; udp-header is the fastest in 1; tcp is the fastest in 1 | Ahead of the next: udp-header (20.0 % faster at chunk 2,048 B); tcp (1.67 times as fast at chunk 4,096 B). | udp-header: lost 25.0 % of the datagrams in 1 case; faster in 1 of them (2.00 times as fast at chunk 1,024 B). | 20 pairs of one round, p at most 0.001 (sign test, Holm-corrected).',
    )
  })
  it('has no fault of a transport in a case that it did not try', () => {
    const over = (transport: string, chunk_bytes: number) =>
      rounds(20, (_, noise) => datagrams(2e9 * noise, 0, { transport, chunk_bytes }))
    const cases = [1024, 2048].flatMap(chunk => [...over('udp-header', chunk), ...over('udp-marker', chunk)])
    const tcp = rounds(20, (_, noise) => stream(2e9 * noise, { chunk_bytes: 1024 }))
    assert.equal(answer([...tcp, ...cases]), 'There is no difference in 2 of 2 cases')
  })
  it('has none for a single transport', () => {
    assert.equal(answer(rounds(5, () => stream(1e9))), undefined)
  })
})
