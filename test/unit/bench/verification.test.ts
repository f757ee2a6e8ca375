/** `--verify`: what each mode sees of the same damage, and what it leaves open. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareArguments } from '../../../bench/cli/commands/compare.ts'
import { blocksOf } from '../../../bench/measure/blocks.ts'
import { expectationOf } from '../../../bench/workloads/transfer/ends/verification.ts'
import { readTrials } from '../../../results/read/read.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { parseSelector } from '../../../results/select/selector.ts'
import { planScenario } from '../../../scenarios/planning.ts'
import { VERIFY_MODES, type Verify } from '../../../scenarios/settings/words.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { Reception } from '../../../transports/payload/reception.ts'
import { compared, otherRun } from '../../support/compare-samples.ts'
import { planOf } from '../../support/plans.ts'
import { changedCsv, resultFiles } from '../../support/result-files.ts'
import { rounds, stream } from '../../support/results-samples.ts'

const CHUNK = 1000
const SIZE = 10 * CHUNK - 300

/** The chunks of a payload, damaged at these places, as a receiver of this mode takes them. */
function received(verify: Verify, damage: readonly number[], glued = false) {
  const payload = new GeneratedPayload(SIZE, CHUNK, 1)
  const bytes = Buffer.from(payload.whole())
  for (const at of damage) bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  const reception = new Reception(expectationOf(payload, 'datagram', verify), undefined, false)
  let at = glued ? reception.takeRun(bytes, 0, SIZE, CHUNK) : 0
  for (; at < SIZE; at += CHUNK) reception.take(bytes, at, Math.min(at + CHUNK, SIZE))
  return reception.counts
}

describe('verification', () => {
  for (const glued of [false, true])
    it(`sees of damage what it looks at${glued ? ', in what the kernel glued together too' : ''}`, () => {
      // Byte 3,500 is in the middle of a chunk, byte 5,001 in the index of one.
      assert.deepEqual(pick(received('full', [3500, 5001], glued)), [8, 2])
      assert.deepEqual(pick(received('index', [3500, 5001], glued)), [9, 1])
      assert.deepEqual(pick(received('none', [3500, 5001], glued)), [10, 0])
      for (const verify of VERIFY_MODES) assert.deepEqual(pick(received(verify, [], glued)), [10, 0])
    })

  it('by index tells duplicates and order as in full', () => {
    const payload = new GeneratedPayload(SIZE, CHUNK, 1)
    for (const verify of ['full', 'index'] as const) {
      const reception = new Reception(expectationOf(payload, 'datagram', verify), undefined, false)
      for (const index of [0, 2, 1, 1, 9])
        reception.take(payload.whole(), index * CHUNK, Math.min((index + 1) * CHUNK, SIZE))
      assert.deepEqual(reception.counts, { delivered: 4, duplicated: 1, reordered: 1, corrupt: 0 })
    }
  })

  it('of a stream is in full or not at all: TCP has no chunks', () => {
    const payload = new GeneratedPayload(SIZE, CHUNK, 1)
    assert.equal(expectationOf(payload, 'stream'), payload)
    assert.equal(expectationOf(payload, 'stream', 'index'), undefined)
    assert.equal(expectationOf(undefined, 'datagram'), undefined)
  })

  it('by index is refused for a file, which has none; the other modes are not', () => {
    const plan = (verify: Verify) =>
      planScenario(
        { name: 'custom', variants: [], files: ['photo.png'], verify },
        BUILT_IN.transports,
        new Map([['photo.png', 1000]]),
        { engine: 'node', objection: () => undefined },
      )
    assert.throws(
      () => plan('index'),
      /--verify index: only generated data has chunk indexes.*choose full or none/,
    )
    assert.equal(plan('none').cases[0]?.verify, 'none')
    assert.equal(plan('full').cases[0]?.verify, undefined)
  })
})

describe('trials that were verified in different ways', () => {
  const trials = (verify: TrialRecord['verify']) => rounds(20, (_, noise) => stream(2e9 * noise, { verify }))

  it('never stand in one row, whatever tells rows apart', () => {
    for (const fields of [undefined, ['transport'] as const]) {
      const { rows } = compared(
        { a: trials('full'), b: otherRun(trials('index'), 'other') },
        { ...(fields ? { fields } : {}) },
      )
      assert.deepEqual(
        rows.map(row => [row.cell.verify, row.changes.map(change => change !== undefined)]),
        [
          ['full', [false, false]],
          ['index', [false, false]],
        ],
      )
    }
  })

  it('are no sides, and no values to compare', () => {
    const [a, b] = [{}, { verify: 'none' as const }].map(each => ({ plan: planOf([each]), flows: [] }))
    assert(a && b)
    assert.throws(
      () => blocksOf([[a, b]]),
      /the sides differ in --verify, so they do different work; give both the same/,
    )
    blocksOf([[b, b]])
    assert.throws(
      () => compareArguments({ operands: ['a.csv'], flags: { by: 'verify' } }),
      /--by verify: .* cannot be compared .*; choose one kind with --filter verify=full/,
    )
  })

  it('are those of an older file in full: it had no choice', async () => {
    using files = resultFiles()
    const old = changedCsv(trials('full'), (rows, column) =>
      rows.map(row => row.filter((_, at) => at !== column('verify'))),
    )
    assert.doesNotMatch(old, /verify/)
    const paths = [
      files.write('old.csv', old),
      files.write(
        'new.csv',
        changedCsv(otherRun(trials('full'), 'new'), rows => rows),
      ),
    ]
    const read = await readTrials(paths, { numbers: ['goodput_bps'], filter: parseSelector('verify=full') })
    assert.deepEqual(
      read.sets.map(set => set.cells.map(each => [each.cell.verify, each.count])),
      [[['full', 20]], [['full', 20]]],
    )
  })
})

function pick({ delivered, corrupt }: Reception['counts']): readonly number[] {
  return [delivered, corrupt]
}
