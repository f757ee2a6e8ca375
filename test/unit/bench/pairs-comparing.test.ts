/** Rows of two sides side by side: cells that differ on purpose meet in one row; noise is measured, kept and used. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Measured } from '../../../bench/measure/run.ts'
import { alignSides } from '../../../bench/pairs/alignment.ts'
import { describeProcesses } from '../../../bench/pairs/describe-processes.ts'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import { commonOf } from '../../../results/compare/heading.ts'
import { METRICS, type Metric } from '../../../results/compare/metrics.ts'
import { alignReadSides } from '../../../results/compare/sides.ts'
import { readTrials } from '../../../results/read/read.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { encode } from '../../../results/store/formats.ts'
import { pairsOf, tcp, udp } from '../../support/pair-samples.ts'

const GOODPUT = METRICS.find(({ name }) => name === 'goodput') ?? assert.fail('no goodput')
const COLUMNS = comparedColumns(GOODPUT)

function compared(records: readonly Measured[], metric: Metric = GOODPUT) {
  const { sets, fields } = alignSides(records, comparedColumns(metric))
  return compareSets(sets, { metric, by: 'side', fields })
}

test('what stood behind a run is said: the processes, and whether sides shared them', () => {
  const of = (a: (round: number) => number | undefined, b: (round: number) => number | undefined) =>
    describeProcesses(
      pairsOf(0, tcp, tcp, 1).map(({ record, pair }) => ({
        record: { ...record, process: (record.side === 'a' ? a : b)(record.round) },
        pair,
      })),
    )
  const fifth = (round: number) => Math.ceil(round / 5)
  assert.equal(of(fifth, fifth), 'both sides shared 4 pairs of processes, one after the other')
  assert.equal(
    of(
      () => 1,
      () => 1,
    ),
    'both sides shared 1 pair of processes',
  )
  const streams = pairsOf(0, tcp, tcp, 1).flatMap(({ record, pair }) =>
    [1, 2, 3].map(flow => ({ record: { ...record, flow, process: flow }, pair })),
  )
  assert.equal(describeProcesses(streams), 'both sides shared 1 pair of processes')
  assert.match(
    of(fifth, round => 4 + fifth(round)) ?? '',
    /^each side had its own 4 pairs of processes, .*; /,
  )
  assert.equal(
    of(
      () => undefined,
      () => undefined,
    ),
    undefined,
  )
})

test('sides with the same cells meet row by row, as pairs', () => {
  const { rows, sets } = compared([...pairsOf(0, tcp, tcp, 0.8), ...pairsOf(1, udp, udp, 1)])
  assert.deepEqual(
    sets.map(each => each.label),
    ['A', 'B'],
  )
  assert.deepEqual(
    rows.map(row => [row.cell.transport, row.changes[1]?.basis, row.changes[1]?.n, row.changes[1]?.verdict]),
    [
      ['tcp', 'pairs', 20, 'worse'],
      ['udp-header', 'pairs', 20, 'same'],
    ],
  )
  // Levels differ by a factor of three from round to round, and pairs do not care.
  const ratio = rows[0]?.changes[1]?.ratio ?? Number.NaN
  assert.ok(Math.abs(ratio - 0.8) < 0.01, String(ratio))
})

test('a transport against another one is one row of both names', () => {
  const { rows } = compared([
    ...pairsOf(0, tcp, udp, 2, { a: { size_bytes: 1000 }, b: { size_bytes: 1000 } }),
    ...pairsOf(1, tcp, udp, 0.5, { a: { size_bytes: 2000 }, b: { size_bytes: 2000 } }),
  ])
  assert.deepEqual(
    rows.map(row => [
      row.cell.transport,
      row.cell.size_bytes,
      row.changes[1]?.basis,
      row.changes[1]?.verdict,
    ]),
    [
      ['tcp | udp-header', 1000, 'pairs', 'better'],
      ['tcp | udp-header', 2000, 'pairs', 'worse'],
    ],
  )
})

test('sizes and chunks against others are rows that name both', () => {
  const over = (a: number, b: number) => ({ a: { chunk_bytes: a }, b: { chunk_bytes: b } })
  const records = [...pairsOf(0, udp, udp, 2, over(1024, 2048)), ...pairsOf(1, udp, udp, 1, over(8192, 2048))]
  const comparison = compared(records)
  assert.deepEqual(
    comparison.rows.map(row => [
      row.cell.variant,
      row.changes[1]?.basis,
      row.changes[1]?.n,
      row.changes[1]?.verdict,
    ]),
    [
      ['chunk 1,024 B | chunk 2,048 B', 'pairs', 20, 'better'],
      ['chunk 8,192 B | chunk 2,048 B', 'pairs', 20, 'same'],
    ],
  )
  assert.ok(!comparison.fields.includes('chunk_bytes'))
  const { sets, pairOf } = alignSides(records, COLUMNS)
  for (const set of sets) assert.deepEqual(set.cells.map(({ cell }) => pairOf(cell)).sort(), [0, 1])
})

test('pairs that are measured again have the names that they had among the others', () => {
  const sized = (size_bytes: number) => ({ size_bytes })
  const first = pairsOf(0, tcp, tcp, 1, { a: sized(1000), b: sized(2000) })
  const second = pairsOf(1, tcp, tcp, 1, { a: sized(3000), b: sized(3000) })
  const all = alignSides([...first, ...second], COLUMNS)
  const again = alignSides(second, COLUMNS, [...first, ...second])
  const [cell] = again.sets[0].cells.map(each => each.cell)
  assert(cell)
  assert.equal(all.pairOf(cell), 1)
  assert.equal(again.pairOf(cell), 1)
  assert.equal(cell.variant, 'size 3,000 B')
})

test('a pair of which a side has nothing is dropped, and the others count', () => {
  const records = pairsOf(0, tcp, tcp, 0.5).map(({ record, pair }) =>
    record.side === 'b' && record.round <= 3
      ? { record: { ...record, outcome: 'failed' as const, goodput_bps: undefined }, pair }
      : { record, pair },
  )
  const [row] = compared(records).rows
  assert.deepEqual([row?.changes[1]?.n, row?.changes[1]?.verdict], [17, 'worse'])
  assert.equal(row?.troubles[1]?.failed, 3)
})

/** The same with trials numbered as `measurePairs` does it: each side first in turn, both of a pair one after the other. */
function numbered(...pairs: readonly (readonly Measured[])[]): readonly Measured[] {
  return pairs.flatMap((records, index) =>
    records.map(({ record, pair }) => {
      const [round, first] = [record.round, (record.round + pair) % 2 === 0 ? 'a' : 'b']
      const before = (round - 1) * 2 * pairs.length + 2 * index
      return { pair, record: { ...record, trial: before + (record.side === first ? 1 : 2) } }
    }),
  )
}

async function readBack(records: readonly TrialRecord[]) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sides-'))
  try {
    const path = join(folder, 'sides.csv')
    writeFileSync(path, encode('csv', records))
    const { sets } = await readTrials([path], { ...COLUMNS, by: 'side' })
    return alignReadSides(sets)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('sides that were read are paired as they were while they were measured', async () => {
  const chunks = (a: number, b: number) => ({ a: { chunk_bytes: a }, b: { chunk_bytes: b } })
  const runs = [
    numbered(pairsOf(0, udp, udp, 2, chunks(1024, 8192)), pairsOf(1, tcp, tcp, 1, chunks(1024, 8192))),
    // The sizes of one side are those of the other, each beside another one.
    numbered(pairsOf(0, udp, udp, 2, chunks(1024, 8192)), pairsOf(1, udp, udp, 1, chunks(8192, 1024))),
    numbered(pairsOf(0, tcp, udp, 2)),
  ]
  for (const records of runs) {
    const { sets, ...aligned } = await readBack(records.map(({ record }) => record))
    const { sets: measured, pairOf: _pairOf, ...known } = alignSides(records, COLUMNS)
    assert.deepEqual(aligned, known)
    const [now, then] = [
      compareSets(sets, { metric: GOODPUT, by: 'side', ...aligned }),
      compareSets(measured, { metric: GOODPUT, by: 'side', ...known }),
    ]
    const told = ({ rows }: typeof now) =>
      rows.map(({ cell, changes: [, change] }) => [cell, change?.verdict, change?.ratio.toFixed(6)])
    assert.deepEqual(told(now), told(then))
    assert.deepEqual(now.differences, then.differences)
    assert.ok(now.rows.every(({ changes }) => changes[1]?.basis === 'pairs' && changes[1].n === 20))
  }
})

test('requests beside loads that differ are pairs of their own, while they are measured and when they are read', async () => {
  const requests = {
    transport: 'messages-tcp',
    size_bytes: 12,
    bytes_delivered: 12,
    goodput_bps: undefined,
    rtt_p50_ms: 1,
  }
  const loaded = pairsOf(0, tcp, udp, 2).flatMap(({ record, pair }) => [
    { pair, record: { ...record, size_bytes: undefined, duration_asked_ms: 1000, beside: 'messages-tcp' } },
    { pair, record: { ...record, ...requests, beside: record.transport, flow: 2 } },
  ])
  const alone = pairsOf(1, tcp, tcp, 1).map(({ record, pair }) => ({
    pair,
    record: { ...record, ...requests },
  }))
  const records = numbered(loaded, alone)
  const { pairOf, ...measured } = alignSides(records, COLUMNS)
  const { sets, ...read } = await readBack(records.map(({ record }) => record))
  assert.deepEqual(read, { fields: measured.fields, unlike: measured.unlike })
  assert.deepEqual(read.unlike, [
    { column: 'transport', values: [['tcp'], ['udp-header']] },
    { column: 'beside', values: [['tcp'], ['udp-header']] },
  ])
  for (const both of [sets, measured.sets]) {
    const { rows } = compareSets(both, { metric: GOODPUT, by: 'side', ...read })
    assert.deepEqual(
      rows.map(({ cell, parts, changes: [, change] }) => [
        cell.transport,
        cell.beside,
        parts.map(ofSet => ofSet.length),
        change?.n,
      ]),
      [
        ['tcp | udp-header', 'messages-tcp', [1, 1], 20],
        ['messages-tcp', undefined, [1, 1], undefined],
        ['messages-tcp', 'tcp | udp-header', [1, 1], undefined],
      ],
    )
  }
  for (const set of measured.sets)
    assert.deepEqual(set.cells.map(({ cell }) => pairOf(cell)).sort(), [0, 0, 1])
})

test('chunks in which sides differ are told as a difference, and not as what they have in common', async () => {
  const over = { a: { chunk_bytes: 1024 }, b: { chunk_bytes: 8192 } }
  const records = numbered(pairsOf(0, udp, udp, 2, over))
  const { sets, ...aligned } = await readBack(records.map(({ record }) => record))
  const comparison = compareSets(sets, { metric: GOODPUT, by: 'side', ...aligned })
  assert.doesNotMatch(commonOf(comparison), /chunk/)
  assert.deepEqual(
    comparison.differences.filter(({ column }) => column === 'chunk_bytes'),
    [{ column: 'chunk_bytes', values: [['1,024 B'], ['8,192 B']] }],
  )
  // Sides of one chunk have it in common.
  const same = await readBack(numbered(pairsOf(0, udp, udp, 2)).map(({ record }) => record))
  assert.deepEqual(same.unlike, [])
  assert.match(commonOf(compareSets(same.sets, { metric: GOODPUT, by: 'side' })), /chunk 1,024 B/)
})

test('cases that were measured in turn with several others are left as they are', async () => {
  const over = (b: number) => ({ a: { chunk_bytes: 1024 }, b: { chunk_bytes: b } })
  const other = numbered(pairsOf(0, udp, udp, 2, over(4096))).map(({ record }) => ({
    ...record,
    run_id: 'other',
  }))
  const records = [...numbered(pairsOf(0, udp, udp, 2, over(8192))).map(({ record }) => record), ...other]
  assert.deepEqual((await readBack(records)).unlike, [])
})
