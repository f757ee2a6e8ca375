/** The noise of equal sides: measured, kept, read, and used as delta. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom } from '../../../base/random.ts'
import { environment } from '../../../bench/fleet/facts/environment.ts'
import type { Measured } from '../../../bench/measure/run.ts'
import { alignSides } from '../../../bench/pairs/alignment.ts'
import { type CellNoise, deltaByNoise, noiseLookup, noiseOfSides } from '../../../bench/pairs/noise.ts'
import { noiseNotes } from '../../../bench/pairs/noise-notes.ts'
import { describeDetectable, noiseBlocks } from '../../../bench/pairs/noise-table.ts'
import { readNoise } from '../../../bench/pairs/read-noise.ts'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import { legendOf } from '../../../results/compare/legend.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { cellOf } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { encode } from '../../../results/store/formats.ts'
import { pairsOf, tcp, udp } from '../../support/pair-samples.ts'
import { stream } from '../../support/results-samples.ts'

const GOODPUT = METRICS.find(({ name }) => name === 'goodput') ?? assert.fail('no goodput')
const COLUMNS = comparedColumns(GOODPUT)

test('the noise of equal sides: its standard error, and what fewer or more rounds would find', () => {
  const { sets } = alignSides([...pairsOf(0, tcp, tcp, 1), ...pairsOf(1, udp, udp, 1)], COLUMNS)
  const noise = noiseOfSides(sets, GOODPUT, [10, 20, 100])
  assert.deepEqual(
    noise.map(({ cell }) => cell.transport),
    ['tcp', 'udp-header'],
  )
  for (const { logRatios, standardError = Number.NaN, detectable } of noise) {
    assert.equal(logRatios.length, 20)
    // Uniform by 1 % either way: the median of 20 has a standard error of about 0.2 %.
    assert.ok(standardError > 0.0005 && standardError < 0.004, String(standardError))
    const [ten = 0, twenty = 0, hundred = 0] = [10, 20, 100].map(n => detectable.get(n))
    // Nothing below delta counts.
    assert.ok(
      ten >= twenty && twenty >= hundred && hundred >= 0.05 && ten < 0.1,
      `${ten} ${twenty} ${hundred}`,
    )
  }
})

test('the table of noise fits every width, and says in words what it can detect', () => {
  const { sets } = alignSides([...pairsOf(0, tcp, tcp, 1), ...pairsOf(1, udp, udp, 1)], COLUMNS)
  const comparison = compareSets(sets, { metric: GOODPUT, by: 'side' })
  const rows = noiseOfSides(sets, GOODPUT, [10, 20, 50, 100]).map((noise, index) => ({
    ...noise,
    change: comparison.rows[index]?.changes[1],
  }))
  const wide = renderBlocks(noiseBlocks(rows), { width: 100, color: false })
  assert.match(
    wide,
    /^tcp +[+−]?\d\.\d % \([+−]?\d\.\d to [+−]?\d\.\d %\) +0\.\d+ % +none proven( +5\.\d+ %){4}$/m,
  )
  for (const width of [20, 40, 60, 80, 100, 160]) {
    const text = renderBlocks(noiseBlocks(rows), { width, color: false })
    for (const line of text.split('\n'))
      assert.ok(line.length <= width, `${line.length} of ${width}: ${line}`)
    for (const name of ['tcp', 'udp-header', 'none proven', '5.'])
      assert.ok(text.replaceAll(/\s+/g, ' ').includes(name))
  }
  assert.match(
    describeDetectable(rows, 20),
    /^with 20 rounds this machine can detect 5\.\d+ % for (tcp|udp-header), 5\.\d+ % for (tcp|udp-header)$/,
  )
  assert.equal(describeDetectable([], 6), '6 rounds prove nothing here: measure more')
})

test('what so many rounds find is a factor where it is large, and never more than fewer rounds find', () => {
  // Rounds that spread by a factor of ten: far beyond what could be a share of a goodput.
  const random = seededRandom(7)
  const records = numbered(
    Array.from({ length: 12 }, (_, index) =>
      (['a', 'b'] as const).map(side => ({
        pair: 0,
        record: tcp(1e9 * 10 ** random(), { side, round: index + 1 }),
      })),
    ).flat(),
  )
  const counts = [10, 12, 14, 16, 20, 50, 100]
  const { sets } = alignSides(records, COLUMNS)
  const rows = noiseOfSides(sets, GOODPUT, counts).map(noise => ({ ...noise, change: undefined }))
  const found = counts.map(n => rows[0]?.detectable.get(n) ?? 0)
  assert.deepEqual(
    found,
    found.toSorted((a, b) => b - a),
  )
  assert.ok((found[0] ?? 0) > 1)
  const texts = [describeDetectable(rows, 12), renderBlocks(noiseBlocks(rows), { width: 120, color: false })]
  for (const text of texts) assert.match(text, /×\d/)
  assert.doesNotMatch(texts[0] ?? '', /\d{3} %/)
})

test('three times the noise of a cell is its delta, when that is more', () => {
  const cell = cellOf(stream(1e9))
  const noise = (transport: string, standardError: number, engine = 'node'): CellNoise => ({
    cell: { ...cell, transport, engine },
    logRatios: new Float64Array(),
    standardError,
    detectable: new Map(),
  })
  const delta = deltaByNoise(
    0.05,
    noiseLookup([noise('tcp', 0.04), noise('tcp', 0.06, 'native'), noise('udp-header', 0.001)]),
  )
  assert.equal(delta(cell), 3 * 0.04)
  assert.equal(delta({ ...cell, engine: 'native' }), 3 * 0.06)
  // Of a cell that was measured otherwise, the noisiest of those like it.
  assert.equal(delta({ ...cell, rate_bps: 5 }), 3 * 0.06)
  assert.equal(delta({ ...cell, transport: 'udp-header' }), 0.05)
  assert.equal(delta({ ...cell, transport: 'udp-marker' }), 0.05)
})

test('where each row has a delta of its own, the legend says from where to where', () => {
  const { sets } = alignSides([...pairsOf(0, tcp, tcp, 1), ...pairsOf(1, udp, udp, 1)], COLUMNS)
  const legend = (ofTcp: number, ofUdp: number) => {
    const delta = ({ transport }: { readonly transport: string }) => (transport === 'tcp' ? ofTcp : ofUdp)
    return legendOf(compareSets(sets, { metric: GOODPUT, by: 'side', delta })).join(' ')
  }
  assert.match(legend(0.05, 0.05), /a change of 5 % is excluded/)
  assert.match(legend(0.123, 0.05), /a change of what counts in its row \(5 – 12\.3 %\) is excluded/)
  assert.match(legend(0.05, 1.15), /what counts in its row \(5 % – ×2\.15\)/)
})

test('what noise hides is told, and of what it says nothing', () => {
  const cell = cellOf(stream(1e9))
  const cells = ['tcp', 'udp-header', 'udp-marker'].map(transport => ({ ...cell, transport }))
  const noise: Readonly<Record<string, number>> = { tcp: 0.2, 'udp-header': 0.01 }
  assert.deepEqual(
    noiseNotes(cells, ({ transport }) => noise[transport], 0.05, 'aa.csv').map(each => each.message),
    [
      'the least change that counts is three times the noise in aa.csv: ×1.60 for tcp',
      'aa.csv has no noise of udp-marker: a change of 5 % counts',
    ],
  )
  assert.deepEqual(
    noiseNotes(cells, () => 0.01, 0.05, 'aa.csv'),
    [],
  )
})

test('a file of bench aa is read; one without sides, with sides that differ, or of another machine is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-noise-'))
  try {
    const path = (name: string, records: readonly TrialRecord[]) => {
      const file = join(folder, name)
      writeFileSync(file, encode('csv', records))
      return file
    }
    const equal = pairsOf(0, tcp, tcp, 1).map(({ record }) => ({ ...record, ...environment() }))
    const { cells, problems } = await readNoise(path('aa.csv', equal), GOODPUT)
    assert.deepEqual(problems, [])
    assert.equal(cells.length, 1)
    assert.ok((cells[0]?.standardError ?? 1) < 0.004)
    const plain = equal.map(each => ({ ...each, side: undefined }))
    await assert.rejects(
      readNoise(path('run.csv', plain), GOODPUT),
      /it does not hold two sides; write it with bench aa/,
    )
    const different = equal.map(each => (each.side === 'a' ? each : { ...each, engine: 'native' }))
    await assert.rejects(readNoise(path('ab.csv', different), GOODPUT), /its sides are not equal/)
    const builds = equal.map(each => (each.side === 'a' ? each : { ...each, bench_version: '9.9.9' }))
    await assert.rejects(readNoise(path('builds.csv', builds), GOODPUT), /its sides are not equal/)
    const elsewhere = equal.map(each => ({ ...each, cpu_model: 'Another CPU' }))
    await assert.rejects(
      readNoise(path('elsewhere.csv', elsewhere), GOODPUT),
      /^UsageError: --noise .*elsewhere\.csv: it is from another machine \(CPU was Another CPU, and here it is .*\); write it with bench aa --out FILE on this machine$/,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
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
