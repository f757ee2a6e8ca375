import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeCells, describeRun, describeSettings } from '../../../results/document/heading.ts'
import { beginningOf } from '../../../results/schema/datagrams.ts'
import { mainCause, refusedShare, summarize } from '../../../results/statistics/summary.ts'
import { datagrams, record, refused, refusedHeader, rounds, stream } from '../../support/results-samples.ts'

describe('a summary', () => {
  it('is made of the trials of one cell, whatever order they ran in', () => {
    const records = [
      ...rounds(4, () => datagrams(1e9, 80)),
      ...rounds(4, () => stream(2e9)),
      ...rounds(4, () => stream(3e9, { chunk_bytes: 64 })),
    ]
    const shuffled = records.toSorted((a, b) => ((a.round * 7919) % 5) - ((b.round * 7919) % 5))
    const names = summarize(shuffled).map(({ cell }) => `${cell.transport} ${cell.chunk_bytes}`)
    assert.deepEqual(names, ['tcp 64', 'tcp 1024', 'udp-header 1024'])
    assert.deepEqual(
      summarize(shuffled)[0]?.records.map(each => each.round),
      [1, 2, 3, 4],
    )
  })

  it('stands with its variant, in the order in which variants first appear', () => {
    const records = ['raised', 'default'].flatMap(variant => [
      datagrams(1e9, 0, { variant }),
      stream(1e9, { variant }),
    ])
    assert.deepEqual(
      summarize(records).map(({ cell }) => `${cell.variant} ${cell.transport}`),
      ['raised tcp', 'raised udp-header', 'default tcp', 'default udp-header'],
    )
  })

  it('sums lost over accepted, and leaves a stream without loss', () => {
    const [tcp, udp] = summarize([stream(1e9), datagrams(1e9, 100), datagrams(1e9, 0)])
    assert.deepEqual(udp?.loss, { lost: 100, accepted: 1600, ratio: 0.0625 })
    assert.equal(udp && mainCause(udp), 'receive buffer')
    assert.equal(tcp?.loss, undefined)
    assert.equal(tcp && refusedShare(tcp), undefined)
    assert.deepEqual(udp?.intact, { trials: 1, known: 2 })
    assert.equal(udp?.outcomes.incomplete, 1)
  })

  it('counts a header that was refused among the datagrams, of which there may be no others', () => {
    const shares = [
      rounds(3, () => refusedHeader()),
      [refusedHeader(), datagrams(1e9, 0, { datagrams_offered: 9, datagrams_accepted: 9 })],
      [refused({ outcome: 'failed', datagrams_offered: 0, datagrams_refused: 0 })],
    ].map(records => summarize(records).map(refusedShare))
    assert.deepEqual(shares, [[1], [0.1], [undefined]])
  })

  it('counts a trial where nothing arrived as goodput 0, and one where nobody knows not at all', () => {
    const [summary] = summarize([stream(1e9), record({ goodput_bps: 0, outcome: 'failed' }), record({})])
    assert.equal(summary?.goodput?.trials, 2)
    assert.equal(summary?.goodput?.medianBps, 5e8)
    assert.equal(summarize([record({})])[0]?.goodput, undefined)
  })

  it('has no interval for a single trial', () => {
    assert.deepEqual(summarize([stream(1e9)])[0]?.goodput, { medianBps: 1e9, trials: 1 })
  })

  it('knows which size was refused: a chunk, or the whole payload in one datagram', () => {
    const [chunked] = summarize([refused({ chunk_bytes: 65_508 })])
    assert.deepEqual(chunked?.tooLong, { datagramBytes: 65_508, part: 'payload', emulated: false })
    const sizes = [900, 700].map(refused_datagram_bytes => refused({ refused_datagram_bytes }))
    assert.equal(summarize(sizes)[0]?.tooLong?.datagramBytes, 700)
    const [header] = summarize([refused({ error_phase: 'handshake', refused_datagram_bytes: 8 })])
    assert.deepEqual(header?.tooLong, { datagramBytes: 8, part: 'header', emulated: false })
    assert.equal(header?.goodput, undefined)
    const [whole] = summarize([refused({ transport: 'udp-datagram' })])
    assert.equal(whole?.tooLong?.datagramBytes, 819_200)
  })

  it('knows the datagrams of a transport that it has never heard of by what its rows say', () => {
    const own = { transport: 'rtp-like' }
    const datagramsOf = (values: Parameters<typeof datagrams>[2]) =>
      summarize([datagrams(1e9, 0, values)])[0]?.datagrams
    assert.deepEqual(datagramsOf({ ...own, datagram_bytes: 1036 }), {
      bytes: 1036,
      whole: false,
      headerBytes: 12,
    })
    assert.deepEqual(datagramsOf({ ...own, datagram_bytes: 819_212, datagrams_offered: 1 }), {
      bytes: 819_212,
      whole: true,
      headerBytes: 12,
    })
    const oneChunk = { ...own, size_bytes: 100, datagrams_offered: 1 }
    assert.deepEqual(datagramsOf(oneChunk), { bytes: 100, whole: false, headerBytes: 0 })
    assert.equal(summarize([stream(1e9, own)])[0]?.datagrams, undefined)
    const failed = datagrams(1e9, 0, { ...own, outcome: 'failed', datagrams_offered: 1 })
    assert.deepEqual(summarize([failed])[0]?.datagrams, { bytes: 1024, whole: false, headerBytes: 0 })
  })

  it('says what became of the beginning of a transfer, in rows of before that column as far as they tell', () => {
    assert.equal(beginningOf(datagrams(1e9, 0, { beginning_arrived: true })), 'arrived')
    assert.equal(beginningOf(datagrams(0, 800, { beginning_arrived: false })), 'lost')
    assert.equal(beginningOf(datagrams(1e9, 0, { datagram_bytes: 1024 })), 'none')
    assert.equal(beginningOf(datagrams(1e9, 0)), 'arrived')
    assert.equal(beginningOf(datagrams(0, 800, { error_code: 'BEGIN_LOST' })), 'lost')
    assert.equal(beginningOf(datagrams(1e9, 0, { transport: 'udp-datagram' })), 'none')
    assert.equal(beginningOf(datagrams(1e9, 0, { size_bytes: 100 })), 'unknown')
  })
})

describe('a heading', () => {
  it('has no control characters of an engine or a variant in it', () => {
    const hostile = '\u001b[31mx\u0007\u202e'
    const of = (variant: string, rate_bps?: number) =>
      stream(1e9, { engine: hostile, variant, ...(rate_bps === undefined ? {} : { rate_bps }) })
    const summaries = summarize([of(hostile), of('b', 1e6)])
    const settings = describeCells(summaries.map(({ cell }) => cell))
    assert.equal(
      settings.find(each => each.startsWith('engine')),
      'engine ?[31mx??',
    )
    assert.deepEqual(
      describeSettings(summaries).map(each => each.split(':')[0]),
      ['?[31mx??', 'b'],
    )
  })
})

describe('a heading', () => {
  const payloadOf = (...transports: readonly string[]) =>
    describeRun(summarize(transports.map(transport => datagrams(1e9, 0, { transport })))).replace(
      /, 1 round.*/,
      '',
    )

  it('counts no chunks where there are none', () => {
    assert.equal(payloadOf('udp-datagram'), '819,200 B in one datagram')
    assert.equal(payloadOf('udp-header'), '819,200 B in 800 chunks of 1,024 B')
    assert.equal(payloadOf('udp-header', 'udp-datagram'), '819,200 B in 800 chunks of 1,024 B')
  })

  it('says of a quota of about one CPU that it is one', () => {
    const [summary] = summarize([datagrams(1e9, 0, { cpu_quota: 1.001 })])
    assert.match(describeRun(summary ? [summary] : []), /, 1 round, .*a quota of 1 CPU$/)
  })
})
