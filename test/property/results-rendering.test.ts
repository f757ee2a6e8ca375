import assert from 'node:assert/strict'
import { it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { renderCharts } from '../../results/charts/screen.ts'
import { renderTable } from '../../results/document/table.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { OUTCOMES } from '../../results/schema/outcome.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { findWarnings, renderWarnings } from '../../results/warnings/warnings.ts'
import { record } from '../support/results-samples.ts'

const count = fc.nat(1_000_000)
const unknown = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const trial: fc.Arbitrary<TrialRecord> = fc
  .record({
    transport: fc.constantFrom('tcp', 'udp-header', 'udp-marker', 'udp-datagram'),
    variant: fc.constantFrom(undefined, 'default limit', 'raised limit'),
    refused_datagram_bytes: fc.constantFrom(undefined, 8, 9217),
    error_phase: fc.constantFrom(undefined, 'handshake', 'transfer'),
    round: fc.integer({ min: 1, max: 200 }),
    size_bytes: fc.constantFrom(1, 1024, 819_200, 64 * 1024 ** 2, 813_611),
    chunk_bytes: fc.constantFrom(1, 64, 1024, 65_508),
    rate_bps: fc.constantFrom(undefined, 4e8, 1e9),
    max_datagram_bytes: fc.constantFrom(undefined, 9216),
    outcome: fc.constantFrom(...OUTCOMES),
    error_code: fc.constantFrom(undefined, 'EMSGSIZE', 'ENOBUFS', 'END_LOST'),
    goodput_bps: unknown(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e12, noNaN: true }))),
    total_ms: unknown(fc.double({ min: 0, max: 1e6, noNaN: true })),
    accepted: unknown(fc.tuple(count, count)),
    file: fc.constantFrom(undefined, 'a picture with a rather long name, as cameras write them.jpeg'),
    limit_emulated: fc.boolean(),
  })
  .map(({ accepted, ...values }) =>
    record({
      ...values,
      ...(accepted && {
        datagrams_offered: accepted[0] + accepted[1],
        datagrams_accepted: accepted[0] + accepted[1],
        datagrams_refused: 0,
        datagrams_delivered: accepted[0],
        datagrams_lost: accepted[1],
      }),
    }),
  )

it('whatever happened, no line is wider than the terminal, and no colour is there unless asked for', () => {
  fc.assert(
    fc.property(fc.array(trial, { maxLength: 30 }), fc.integer({ min: 40, max: 140 }), (records, width) => {
      const summaries = summarize(records)
      const render = (color: boolean) => {
        const options = { width, color }
        const warnings = renderWarnings(findWarnings(summaries), options)
        return [renderTable(summaries, options), renderCharts(summaries, options), warnings].join('\n')
      }
      const plain = render(false)
      assert.equal(stripVTControlCharacters(plain), plain)
      for (const line of plain.split('\n')) assert.ok(stringWidth(line) <= width, `${width}: ${line}`)
      const trimmed = stripVTControlCharacters(render(true)).replaceAll(/ +$/gm, '')
      assert.equal(trimmed, plain.replaceAll(/ +$/gm, ''))
      assert.doesNotMatch(plain, /NaN|undefined|Infinity/)
    }),
    { numRuns: 30 },
  )
})

it('a title that is longer than its axis does not make a chart wider', () => {
  // The numbers on the left leave 19 of 40 columns.
  const rates = [
    [1, 500_005_000],
    [819_200, undefined],
    [813_611, 0.001],
  ] as const
  const records = rates.map(([size_bytes, goodput_bps]) =>
    record({ size_bytes, chunk_bytes: 1, goodput_bps }),
  )
  const lines = renderCharts(summarize(records), { width: 40, color: false }).split('\n')
  assert.ok(lines.some(line => line.includes('size (B), not to scale')))
  assert.deepEqual(
    lines.filter(line => stringWidth(line) > 40),
    [],
  )
})
