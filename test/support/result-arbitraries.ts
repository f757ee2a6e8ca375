/** Values of columns, rows, and the pieces in which a file comes, for property tests. */

import fc from 'fast-check'
import { Latencies } from '../../base/latencies.ts'
import { COLUMNS, type Column, type TrialRecord } from '../../results/schema/columns.ts'
import { rangeOf } from '../../results/schema/range.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { record } from './results-samples.ts'

/** A text that is not empty, often of what CSV has to quote. */
export const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('"', ',', '\r', '\n', ' ', ';', 'é', '\\', 'a', '=', '-', "'"),
    minLength: 1,
    maxLength: 12,
  }),
)

/** A value that survives the rounding of its unit. */
export function valueFor(column: Column): fc.Arbitrary<unknown> {
  if (column.values) return fc.constantFrom(...column.values)
  if (column.format === 'moment')
    return fc
      .date({ min: new Date(0), max: new Date('2100'), noInvalidDate: true })
      .map(each => each.toISOString())
  if (column.format === 'latencies')
    return fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true })).map(all => {
      const latencies = new Latencies()
      for (const each of all) latencies.add(each)
      return latencies.encoded()
    })
  if (column.type === 'boolean') return fc.boolean()
  if (column.type === 'string') return text
  const { least, most, only } = rangeOf(column)
  if (only) return fc.constantFrom(...only)
  if (column.type === 'integer') return fc.integer({ min: least, max: most })
  if (column.unit === '0 to 1') return fc.nat(1e9).map(value => value / 1e9)
  return fc.nat(2 ** 31 - 1).map(value => value / 1000)
}

export const columns: readonly Column[] = COLUMNS

/** What rows differ in: few columns at a time, so that cells, environments and ends of rows are met again. */
const change = fc.constantFrom(...columns).chain(column =>
  fc.tuple(
    fc.constant(column.name),
    // What an empty cell means is read as that.
    column.required ? valueFor(column) : fc.oneof(valueFor(column), fc.constant(column.whenEmpty)),
  ),
)

/** Drawn by chance, they would hardly ever add up. */
const CONTRADICTING: ReadonlySet<string> = new Set([
  // A row alone is not a trial of several streams: see test/property/fold.test.ts.
  'streams',
  'receivers',
  'datagrams_refused',
  'datagrams_delivered',
  'datagrams_lost',
  'bytes_delivered',
])

/** Rows that are mostly alike, each a trial of its own. */
export const rows: fc.Arbitrary<readonly TrialRecord[]> = fc
  .tuple(
    fc.array(change, { maxLength: 60 }),
    fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 8 }),
  )
  .map(([base, each]) =>
    each.map((changes, index) => {
      const values = {
        ...record(),
        ...Object.fromEntries(
          columns.map(({ name, whenEmpty }) => [name, whenEmpty]).filter(([, value]) => value),
        ),
        ...Object.fromEntries(base),
        ...Object.fromEntries(changes),
        trial: index + 1,
      }
      // Only a stream has no size.
      if (values.size_bytes === undefined) values.duration_asked_ms ??= 1000
      return parseRecord(
        Object.fromEntries(
          Object.entries(values).filter(([name, value]) => value !== undefined && !CONTRADICTING.has(name)),
        ),
      )
    }),
  )

/** Lengths of the pieces in which bytes come; the last is that of all the others. */
export const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 20,
})

export async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(sizes[Math.min(turn, sizes.length - 1)] ?? 1, Math.floor(bytes.length / 400))
    // A copy, as a socket or pipe gives it.
    yield Buffer.from(bytes.subarray(at, at + size))
    at += size
  }
}
