import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusalBlock, refusalWords } from '../../../results/compare/block-facts.ts'
import { figuresBlock } from '../../../results/compare/block-figures.ts'
import { quietNotes, troubleLines } from '../../../results/compare/heading.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { lossInterval } from '../../../results/statistics/loss.ts'
import { compared, faster, otherRun } from '../../support/compare-samples.ts'
import {
  datagrams,
  headerLost,
  mainJob,
  record,
  refused,
  refusedHeader,
  rounds,
  stream,
} from '../../support/results-samples.ts'

const refusalsIn = (a: readonly TrialRecord[]) => compared({ a }).rows[0]?.refusals[0]

describe('beside the figures', () => {
  it('the geometric mean is that of the ratios, of rows that have one', () => {
    const { geomeans } = compared({
      a: mainJob(),
      b: otherRun(mainJob(), 'other', each => faster(each, each.transport === 'tcp' ? 4 : 1)),
    })
    assert.equal(geomeans[0], undefined)
    assert.equal(geomeans[1]?.rows, 3)
    assert.ok(Math.abs((geomeans[1]?.ratio ?? 0) - 4 ** (1 / 3)) < 1e-9)
  })

  it('loss is that of all accepted datagrams, and its difference is judged', () => {
    const { rows } = compared({
      a: mainJob(),
      b: otherRun(
        rounds(20, (_, noise) => datagrams(1.6e9 * noise)),
        'other',
      ),
    })
    const loss = rows.find(row => row.cell.transport === 'udp-header')?.losses
    const lost = mainJob().filter(each => each.transport === 'udp-header')
    const expected = lossInterval(
      lost.map(each => each.datagrams_lost ?? 0),
      lost.map(each => each.datagrams_accepted ?? 0),
    )
    assert.deepEqual(loss?.[0]?.interval, expected?.interval)
    assert.equal(loss?.[0]?.lost, 18 * 207)
    assert.equal(loss?.[0]?.accepted, 16_000)
    assert.equal(loss?.[0]?.change, undefined)
    assert.equal(loss?.[1]?.change?.verdict, 'better')
    assert.ok(Math.abs((loss?.[1]?.change?.difference ?? 0) + (18 * 207) / 16_000) < 1e-12)
    assert.equal(rows.find(row => row.cell.transport === 'tcp')?.losses[0], undefined)
  })

  it('a loss between runs has to differ by 15 % of itself', () => {
    const lossy = (lost: number, id: string) =>
      otherRun(
        rounds(20, (round, noise) => datagrams(1e9 * noise, lost + (round % 5))),
        id,
      )
    const verdict = (a: readonly TrialRecord[], b: readonly TrialRecord[]) =>
      compared({ a, b }).rows[0]?.losses[1]?.change?.verdict
    // 25 % and 27 %: more than a point of a hundred.
    assert.equal(verdict(lossy(200, 'a'), lossy(216, 'b')), 'same')
    assert.equal(verdict(lossy(200, 'a'), lossy(216, 'a')), 'worse')
    assert.equal(verdict(lossy(200, 'a'), lossy(300, 'b')), 'worse')
  })

  it('refusals say up to which size datagrams were taken, and who emulates a limit', () => {
    const sized = (chunk: number) => ({ size_bytes: 655_070, chunk_bytes: chunk })
    const all = [9216, 9217, 65_507].flatMap(chunk =>
      rounds(5, (_, noise) => datagrams(1e9 * noise, 0, sized(chunk))),
    )
    const limited = all.map(each =>
      each.chunk_bytes > 9216
        ? refused({
            ...sized(each.chunk_bytes),
            round: each.round,
            trial: each.trial,
            refused_datagram_bytes: each.chunk_bytes,
            limit_emulated: true,
          })
        : each,
    )
    const { rows, warnings } = compared({ a: all, b: otherRun(limited, 'other') })
    assert.deepEqual(
      rows.map(row => row.refusals[1]),
      [
        { refused: 0, offered: 5 * 72, largestAcceptedBytes: 9216 },
        { refused: 50, offered: 50, smallestRefusedBytes: 9217, emulated: true },
        { refused: 50, offered: 50, smallestRefusedBytes: 65_507, emulated: true },
      ],
    )
    assert.equal(rows[1]?.estimates[1], undefined)
    assert.equal(rows[1]?.changes[1], undefined)
    assert.match(
      warnings.find(each => each.code === 'emulated-limit')?.message ?? '',
      /^b: datagrams from 9,217 B on/,
    )
  })

  it('troubles are counted: failed, timed out, and damaged where a transport promises otherwise', () => {
    const trouble = [
      record({ outcome: 'failed' }),
      record({ outcome: 'timed-out', round: 2, trial: 2 }),
      // A stream that breaks off is not whole, and not damaged.
      stream(1e9, { payload_intact: false, outcome: 'incomplete', round: 3, trial: 3 }),
      stream(1e9, { round: 4, trial: 4 }),
      stream(1e9, { payload_intact: false, outcome: 'failed', error_code: 'DAMAGED', round: 5, trial: 5 }),
      // Reordered datagrams spoil a format without numbers, and are no fault of the bytes.
      datagrams(1e9, 0, { payload_intact: false, datagrams_reordered: 2 }),
      datagrams(1e9, 0, { datagrams_corrupt: 1, round: 2, trial: 2 }),
    ]
    assert.deepEqual(
      compared({ a: trouble }).rows.map(row => row.troubles[0]),
      [
        { trials: 5, failed: 2, timedOut: 1, damaged: 1, notBegun: 0, notBegunCodes: [] },
        { trials: 2, failed: 0, timedOut: 0, damaged: 1, notBegun: 0, notBegunCodes: [] },
      ],
    )
  })

  it('trials that never began are trouble, and never "nothing lost or refused"', () => {
    const a = rounds(6, (_, noise) => datagrams(1e9 * noise))
    const told = (now: readonly TrialRecord[]) => {
      const comparison = compared({ a, b: otherRun(now, 'other') })
      return { comparison, notes: quietNotes(comparison), trouble: troubleLines(comparison) }
    }
    const refusedOnes = told(rounds(6, () => refusedHeader()))
    assert.deepEqual(refusedOnes.notes, ['No datagram of the payload was lost.'])
    assert.deepEqual(refusedOnes.trouble, ['udp-header in b: of 6 trials 6 never began (EPERM)'])
    assert.equal(figuresBlock(refusedOnes.comparison).rows[0]?.entries[1]?.value, 'refused')
    assert.deepEqual(refusedOnes.comparison.rows[0]?.refusals[1], { refused: 6, offered: 6 })
    assert.equal(refusalBlock(refusedOnes.comparison)?.rows[0]?.entries[1]?.value, '100 % refused')
    assert.equal(refusalWords(refusalsIn(rounds(6, () => refused({ error_code: 'EPERM' })))), '100 % refused')
    const limited = { error_code: 'EMSGSIZE', limit_emulated: true }
    assert.equal(
      refusalWords(refusalsIn(rounds(6, () => refusedHeader(limited)))),
      'refused from 8 B on (emulated)',
    )
    const lost = told(rounds(6, () => headerLost()))
    assert.deepEqual(lost.notes, ['No datagram of the payload was lost.'])
    assert.deepEqual(lost.trouble, ['udp-header in b: of 6 trials 6 never began (HEADER_LOST)'])
    const silent = told(rounds(6, () => headerLost({ goodput_bps: undefined })))
    assert.equal(figuresBlock(silent.comparison).rows[0]?.entries[1]?.value, 'never began')
    const sound = told(a)
    assert.deepEqual([sound.notes, sound.trouble], [['No datagram was lost or refused.'], []])
  })
})
