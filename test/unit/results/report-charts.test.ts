import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lookOf, PAGE_PALETTE } from '../../../results/report/charts/palette.ts'
import { plotOf } from '../../../results/report/charts/plots.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { charts, one } from '../../support/charts-of.ts'
import {
  chunkSweep,
  datagrams,
  mainJob,
  record,
  refused,
  rounds,
  stream,
} from '../../support/results-samples.ts'

describe('what charts show', () => {
  it('a sweep: medians, intervals and trials of each line, and where the system refused', () => {
    const records = chunkSweep()
    const { spec } = one(charts(records), 'goodput')
    assert(spec.kind === 'sweep')
    assert.deepEqual(spec.x.values, [64, 512, 1024, 1472, 9216, 32_768, 65_507, 65_508])
    assert.equal(spec.x.scale, 'steps', '65,507 and 65,508 would cover each other')
    assert.deepEqual(
      spec.lines.map(line => line.name),
      ['tcp', 'udp-header', 'udp-marker'],
    )
    const [tcp, header] = spec.lines
    assert(tcp && header)
    assert.deepEqual(header.refused, [65_508])
    assert.deepEqual(tcp.refused, [])
    assert.equal(header.trials?.length, 7 * 7)
    for (const point of header.points) {
      const values = records.filter(each => each.transport === 'udp-header' && each.chunk_bytes === point.x)
      const truth = median(values.flatMap(each => each.goodput_bps ?? [])) ?? 0
      assert.ok(Math.abs(point.y / truth - 1) < 1e-4)
      assert.ok((point.low ?? 0) <= point.y && point.y <= (point.high ?? 0))
      assert.equal(point.n, 7)
    }
  })

  it('values that span a decade stand on a logarithm, unless they are too close', () => {
    const sizes = [1024, 32_768, 1024 ** 2].flatMap(size_bytes =>
      rounds(3, () => stream(1e9, { size_bytes })),
    )
    const { spec } = one(charts(sizes), 'goodput')
    assert(spec.kind === 'sweep')
    assert.equal(spec.x.scale, 'log')
    assert.deepEqual(spec.x.labels, ['1 KiB', '32 KiB', '1 MiB'])
    assert.equal(spec.y.log, false)
  })

  it('goodputs that span two decades stand on a logarithm, unless one is 0', () => {
    const sweep = (least: number) =>
      [64, 1024, 16_384].flatMap((chunk_bytes, index) =>
        rounds(3, () => stream(index === 0 ? least : 1e9, { chunk_bytes })),
      )
    const logOf = (records: readonly TrialRecord[]) => {
      const { spec } = one(charts(records), 'goodput')
      assert(spec.kind === 'sweep')
      return spec.y.log
    }
    assert.equal(logOf(sweep(1e6)), true)
    assert.equal(logOf(sweep(1e8)), false)
    const none = sweep(1e6).map(each => (each.chunk_bytes === 64 ? { ...each, goodput_bps: 0 } : each))
    assert.equal(logOf(none), false)
  })

  const grid = (sizes: number, chunks: number, transports: readonly string[] = ['tcp']) =>
    Array.from({ length: sizes }, (_, index) => (index + 1) * 65_536).flatMap(size_bytes =>
      Array.from({ length: chunks }, (_, index) => 512 * (index + 1)).flatMap(chunk_bytes =>
        transports.flatMap(transport => rounds(2, () => stream(1e9, { size_bytes, chunk_bytes, transport }))),
      ),
    )

  it('both swept: over the one with more values, a line for each of the other', () => {
    const goodput = charts(grid(4, 3, ['tcp', 'other'])).filter(each => each.kind === 'goodput')
    assert.deepEqual(
      goodput.map(each => each.title),
      ['Goodput over size'],
    )
    const { spec } = one(goodput, 'goodput')
    assert(spec.kind === 'sweep')
    assert.deepEqual(
      spec.lines.map(each => each.name),
      ['other, chunk 512 B', 'tcp, chunk 512 B', 'other, chunk 1,024 B', 'tcp, chunk 1,024 B'].concat([
        'other, chunk 1,536 B',
        'tcp, chunk 1,536 B',
      ]),
    )
    const looks = spec.lines.map(({ color }) => lookOf(color, PAGE_PALETTE))
    assert.equal(new Set(looks.map(each => each.color)).size, 2, 'a transport has one colour')
    assert.equal(new Set(looks.map(each => JSON.stringify(each))).size, 6, 'and each line its own look')
  })

  it('more lines than can be distinguished: a chart for each of a few values', () => {
    const goodput = charts(grid(3, 8, ['tcp', 'other', 'third'])).filter(each => each.kind === 'goodput')
    assert.deepEqual(
      goodput.map(each => each.title),
      ['64 KiB', '128 KiB', '192 KiB'].map(size => `Goodput over chunk, size ${size}`),
    )
  })

  it('two long sweeps: a heat map for each transport, in one chart', () => {
    const records = grid(4, 16, ['tcp', 'other']).map(each => {
      const { transport, size_bytes, chunk_bytes, round, trial } = each
      const values = { transport, size_bytes, chunk_bytes, round, trial }
      return transport === 'other' && chunk_bytes === 8192 ? refused(values) : each
    })
    const all = charts(records)
    assert.ok(all.length <= 6, `${all.length} charts`)
    const { title, spec, table } = one(all, 'goodput')
    assert(spec.kind === 'heat')
    assert.equal(title, 'Goodput over chunk and size (Gbit/s)')
    assert.deepEqual([spec.x.values.length, spec.y.labels], [16, ['65,536', '131,072', '196,608', '262,144']])
    assert.deepEqual(
      spec.maps.map(({ name, cells }) => [
        name,
        cells.length,
        cells.filter(each => each.value === undefined).length,
      ]),
      [
        ['other', 64, 4],
        ['tcp', 64, 0],
      ],
    )
    assert.equal(table?.rows.length, 128)
  })

  it('another number is the axis where neither size nor chunk varies; what has none stands behind', () => {
    const rates = [1e8, 1e9, undefined].flatMap(rate_bps => rounds(2, () => datagrams(5e8, 0, { rate_bps })))
    const { title, spec } = one(charts([...rates, ...rounds(2, () => stream(1e9))]), 'goodput')
    assert(spec.kind === 'sweep')
    assert.equal(title, 'Goodput over rate')
    assert.equal(spec.x.title, 'rate (Gbit/s)')
    assert.deepEqual(spec.x.labels, ['0.1', '1', 'unpaced'])
    assert.deepEqual(
      spec.lines.map(({ name, points }) => [name, points.length]),
      [
        ['tcp', 1],
        ['udp-header', 3],
      ],
    )
    const several = [1e8, 1e9].flatMap(rate_bps =>
      [1, 2].flatMap(rcvbuf => rounds(2, () => datagrams(5e8, 0, { rate_bps, rcvbuf_asked_bytes: rcvbuf }))),
    )
    assert.equal(one(charts(several), 'goodput').spec.kind, 'cases')
  })

  it('nothing swept: a row a case', () => {
    const { spec } = one(charts(mainJob()), 'goodput')
    assert(spec.kind === 'cases')
    assert.deepEqual(
      spec.rows.map(row => [row.name, row.n, row.trials.length]),
      [
        ['tcp', 20, 20],
        ['udp-header', 20, 20],
        ['udp-marker', 20, 20],
      ],
    )
  })

  it('loss is drawn where datagrams were lost, and its causes add up to all that did not arrive', () => {
    assert.equal(
      charts(chunkSweep()).some(each => each.kind === 'loss'),
      false,
    )
    const records = [
      ...rounds(4, () => datagrams(1e9, 80)),
      ...rounds(4, () => datagrams(1e9, 8, { transport: 'udp-marker', loss_cause: 'elsewhere' })),
      ...rounds(4, () =>
        refused({ transport: 'udp-datagram', datagrams_offered: 10, datagrams_refused: 10 }),
      ),
    ]
    const { spec } = one(charts(records), 'causes')
    assert(spec.kind === 'stack')
    assert.deepEqual(
      spec.parts.map(part => part.name),
      ['lost in the receive buffer', 'lost elsewhere', 'refused by the system'],
    )
    assert.deepEqual(spec.rows, [
      { name: 'udp-datagram', values: [0, 0, 1] },
      { name: 'udp-header', values: [0.1, 0, 0] },
      { name: 'udp-marker', values: [0, 0.01, 0] },
    ])
  })

  it('phases are medians, and a phase that a transport does not have is no 0', () => {
    const { spec } = one(
      charts([...rounds(3, () => stream(1e9)), ...rounds(3, () => datagrams(1e9, 0, { transfer_ms: 5 }))]),
      'phases',
    )
    assert(spec.kind === 'stack')
    assert.deepEqual(
      spec.parts.map(part => part.name),
      ['connect', 'handshake', 'transfer', 'acknowledgement'],
    )
    assert.deepEqual(
      spec.rows.map(row => row.values),
      [
        [0.1, 0.2, 5.2429, 0.1],
        [null, null, 5, null],
      ],
    )
  })

  it('of bars of very different lengths the shares are shown first, and the figures have all of many cases', () => {
    const sizes = Array.from({ length: 30 }, (_, index) => 1024 * (index + 1))
    const chart = one(
      charts(sizes.flatMap(size_bytes => rounds(2, () => stream(1e9, { size_bytes })))),
      'phases',
    )
    assert(chart.spec.kind === 'stack')
    assert.equal(chart.spec.shares, undefined)
    assert.ok(chart.spec.rows.length > 8 && chart.spec.rows.length <= 12)
    assert.equal(chart.table?.rows.length, 30)
    assert.match(JSON.stringify(chart.notes), /1\d of 30 cases, evenly chosen/)
    const far = [1024, 64 * 1024 ** 2].flatMap(size_bytes => rounds(2, () => stream(1e9, { size_bytes })))
    const { spec } = one(charts(far), 'phases')
    assert(spec.kind === 'stack')
    assert.equal(spec.shares, true)
  })

  it('a file names its lines where there are several, and a line has one colour in all charts', () => {
    const all = charts(mainJob(), mainJob())
    const goodput = one(all, 'goodput').spec
    const trials = one(all, 'trials').spec
    assert(goodput.kind === 'cases' && trials.kind === 'course')
    assert.deepEqual(goodput.rows.map(row => row.name).slice(2, 4), ['1.csv: udp-marker', '2.csv: tcp'])
    const colors = new Map(trials.lines.map(line => [line.name, line.color]))
    for (const row of goodput.rows) assert.equal(row.color, colors.get(row.name))
  })

  it('sides of a run are named before what tells their cases apart', () => {
    const sides = (['a', 'b'] as const).flatMap(side =>
      (['tcp', 'udp-header'] as const).flatMap(transport =>
        rounds(3, () => stream(1e9, { side, transport, engine: side === 'a' ? 'node' : 'native' })),
      ),
    )
    const { spec } = one(charts(sides), 'goodput')
    assert(spec.kind === 'cases')
    assert.deepEqual(
      spec.rows.map(row => row.name),
      ['A: tcp', 'A: udp-header', 'B: tcp', 'B: udp-header'],
    )
  })

  it('says what is at each place of a chart', () => {
    for (const chart of charts(
      chunkSweep(() => 0.1),
      mainJob(),
    )) {
      const places = plotOf(chart.spec).places(new Set())
      assert.ok(places.length > 0)
      for (const place of [places[0], places.at(-1)])
        assert.ok(place && place.entries.length > 0, `${chart.id} says something at ${place?.title}`)
    }
    const { spec } = one(charts(mainJob()), 'goodput')
    assert.equal(plotOf(spec).places(new Set())[0]?.entries[0]?.text, '2.41 Gbit/s (2.37 – 2.43), 20 trials')
  })

  it('there is nothing to draw where nothing is known', () => {
    assert.deepEqual(charts(rounds(3, () => record({ outcome: 'failed' }))), [])
  })
})
