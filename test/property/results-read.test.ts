import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { UsageError } from '../../bench/errors.ts'
import { COLUMNS, type Column, type TrialRecord } from '../../results/columns.ts'
import { encode, type Format } from '../../results/formats.ts'
import { CsvScanner } from '../../results/read/csv-scanner.ts'
import { fieldText } from '../../results/read/csv-text.ts'
import { decimal } from '../../results/read/decimal.ts'
import { type FileProblem, readRecords, readTrials } from '../../results/read/read.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import { checkedValue, Unusable, valueOfText } from '../../results/read/value.ts'
import { parseRecord, recordSchema } from '../../results/record.ts'
import { record } from '../results-samples.ts'
import { plainSet } from '../support/result-files.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('"', ',', '\r', '\n', ' ', ';', 'é', '\\', 'a'),
    minLength: 1,
    maxLength: 12,
  }),
)

/** A value that survives the rounding of its unit. */
function valueFor(column: Column): fc.Arbitrary<unknown> {
  if (column.values) return fc.constantFrom(...column.values)
  if (column.type === 'boolean') return fc.boolean()
  if (column.type === 'string') return text
  if (column.name === 'round' || column.name === 'trial') return fc.nat({ max: 2 ** 32 - 1 })
  if (column.type === 'integer') return fc.maxSafeNat()
  if (column.unit === '0 to 1') return fc.nat(1e9).map(value => value / 1e9)
  return fc.nat(2 ** 31 - 1).map(value => value / 1000)
}

const columns: readonly Column[] = COLUMNS

/** What rows differ in: few columns at a time, so that cells, environments and ends of rows are met again. */
const change = fc
  .constantFrom(...columns)
  .chain(column =>
    fc.tuple(
      fc.constant(column.name),
      column.required ? valueFor(column) : fc.option(valueFor(column), { nil: undefined }),
    ),
  )

/** Rows that are mostly alike, each a trial of its own. */
const rows: fc.Arbitrary<readonly TrialRecord[]> = fc
  .tuple(
    fc.array(change, { maxLength: 60 }),
    fc.array(fc.array(change, { maxLength: 3 }), { minLength: 1, maxLength: 8 }),
  )
  .map(([base, each]) =>
    each.map((changes, index) => {
      const values = {
        ...record(),
        ...Object.fromEntries(base),
        ...Object.fromEntries(changes),
        trial: index + 1,
      }
      return parseRecord(
        Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
      )
    }),
  )

const format = fc.constantFrom<Format>('csv', 'json', 'jsonl')

/** Lengths of the pieces in which bytes come; the last is that of all the others. */
const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
  maxLength: 20,
})

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = Math.max(sizes[Math.min(turn, sizes.length - 1)] ?? 1, Math.floor(bytes.length / 400))
    // A copy, as a socket or pipe gives it.
    yield Buffer.from(bytes.subarray(at, at + size))
    at += size
  }
}

interface Read {
  readonly records: readonly TrialRecord[]
  readonly problems: readonly FileProblem[]
}

/** What is read of these bytes; nothing when that is an error for users. */
async function read(bytes: Buffer, sizes: readonly number[]): Promise<Read> {
  try {
    return await readRecords(['-'], { input: pieces(bytes, sizes) })
  } catch (thrown) {
    assert.ok(thrown instanceof UsageError, String(thrown))
    assert.doesNotMatch(thrown.message, /\n/)
    return { records: [], problems: [] }
  }
}

describe('decimal', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789.'), maxLength: 20 })
  const figures = fc.oneof(
    digits,
    fc.double({ noNaN: true }).map(value => value.toFixed(6)),
    fc.double({ noNaN: true }).map(String),
    fc.string({ unit: fc.constantFrom(...'0123456789.-+eE xn,"'), maxLength: 12 }),
  )

  it('gives what Number() gives, or says that it cannot', () => {
    fc.assert(
      fc.property(figures, fc.nat(5), (written, before) => {
        const bytes = Buffer.from(`${'7'.repeat(before)}${written}7`)
        const value = decimal(bytes, before, bytes.length - 1)
        if (!Number.isNaN(value)) assert.equal(value, Number(written))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes every number of up to 15 digits', () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999_999_999 }), fc.nat(15), (whole, places) => {
        const padded = String(whole).padStart(15, '0')
        const written = `${padded.slice(0, 15 - places)}.${padded.slice(15 - places)}`
        assert.equal(decimal(Buffer.from(written), 0, written.length), Number(written))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a cell', () => {
  it('is what the schema of a record takes', () => {
    const values = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.boolean(),
      text,
      fc.constantFrom(...columns.flatMap(({ values: each }) => each ?? [])),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(fc.constantFrom(...COLUMNS), values, ({ name, ...column }, value) => {
        fc.pre(value !== null && value !== '')
        fc.pre(!(typeof value === 'number' && value > 2 ** 32 - 1 && /round|trial/.test(name)))
        const usable = !(checkedValue({ name, ...column }, value) instanceof Unusable)
        assert.equal(usable, recordSchema.shape[name].safeParse(value).success)
      }),
      { numRuns: 2000 },
    )
  })

  it('of a CSV has the value that was written', () => {
    const cell = fc.constantFrom(...columns).chain(column => fc.tuple(fc.constant(column), valueFor(column)))
    fc.assert(fc.property(cell, ([column, value]) => assert.equal(valueOfText(column, String(value)), value)))
  })
})

describe('the scanner', () => {
  /** All rows, found in pieces; after some rows their end is remembered. */
  function scanned(bytes: Buffer, sizes: readonly number[], tails: readonly number[]): string[][] {
    const scanner = new CsvScanner()
    const found: string[][] = []
    let rest = Buffer.alloc(0)
    let at = 0
    for (let turn = 0; at < bytes.length || turn === 0; turn++) {
      const size = sizes[turn % sizes.length] ?? 1
      const piece = Buffer.concat([rest, bytes.subarray(at, at + size)])
      at += size
      let start = 0
      while (start < piece.length) {
        const next = scanner.next(piece, start, piece.length, at >= bytes.length)
        if (next < 0) break
        assert.equal(scanner.fault, undefined)
        const { bounds, fields } = scanner
        found.push(
          Array.from({ length: fields }, (_, field) =>
            fieldText(piece, (bounds[field] ?? 0) + 1, bounds[field + 1] ?? 0),
          ),
        )
        const tail = tails[found.length % tails.length] ?? 0
        if (tail > 0 && tail < fields && !scanner.hasTail) scanner.remember(tail, piece, next)
        start = next
      }
      rest = piece.subarray(start)
    }
    assert.equal(rest.length, 0)
    return found
  }

  it('finds the rows that csv-parse finds, wherever the text is cut into pieces', () => {
    const field = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('', '1', 'linux', 'a long text that is the same in many rows', '"'),
      },
      { weight: 1, arbitrary: text },
    )
    const table = fc
      .integer({ min: 2, max: 6 })
      .chain(width =>
        fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      )
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\r\n', '\n'),
        fc.boolean(),
        lengths,
        fc.array(fc.nat(5), { minLength: 1 }),
        fc.boolean(),
        (cells, record_delimiter, quoted, sizes, tails, isEnded) => {
          const written = stringify(cells, {
            record_delimiter,
            quoted,
            quoted_empty: quoted,
            quoted_match: /[\r\n]/,
            eof: isEnded,
          })
          const expected: string[][] = parse(written, { record_delimiter: ['\r\n', '\n'] })
          assert.deepEqual(expected, cells)
          assert.deepEqual(scanned(Buffer.from(written), sizes, tails), expected)
        },
      ),
      { numRuns: 600 },
    )
  })
})

describe('reading', () => {
  it('gives back the records that were written, in every format and in whatever pieces they come', async () => {
    await fc.assert(
      fc.asyncProperty(rows, format, lengths, async (records, as, sizes) => {
        const { records: found, problems } = await read(Buffer.from(encode(as, records)), sizes)
        assert.deepEqual([found, problems], [records, []])
      }),
      { numRuns: 80 },
    )
  })

  it('gives in columns what the same records give, whatever the order of rows', async () => {
    const numbers = ['goodput_bps', 'trial', 'chunk_bytes', 'payload_intact', 'cpu_count'] as const
    const texts = ['error_message', 'host', 'transport', 'started_at'] as const
    const options = { numbers, texts, together: 'all' }
    await fc.assert(
      fc.asyncProperty(
        rows.chain(records =>
          fc.tuple(fc.constant(records), fc.shuffledSubarray([...records], { minLength: records.length })),
        ),
        format,
        lengths,
        async ([records, shuffled], as, sizes) => {
          const input = pieces(Buffer.from(encode(as, shuffled)), sizes)
          const { sets, problems } = await readTrials(['-'], { ...options, input })
          assert.deepEqual(problems, [])
          assert.deepEqual(
            sets.map(set => plainSet(set, numbers, texts)),
            [plainSet(trialSet('all', records, options), numbers, texts)],
          )
        },
      ),
      { numRuns: 80 },
    )
  })

  it('of a file that was cut off anywhere gives its first records, and counts the one that is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        format,
        fc.double({ min: 0, max: 1, noNaN: true }),
        lengths,
        async (records, as, share, sizes) => {
          const bytes = Buffer.from(encode(as, records))
          const cut = bytes.subarray(0, Math.floor(share * bytes.length))
          const { records: found, problems } = await read(cut, sizes)
          assert.deepEqual(found, records.slice(0, found.length))
          const skipped = problems.reduce((sum, { rowsSkipped }) => sum + rowsSkipped, 0)
          assert.ok(skipped <= 1)
          for (const { rowsRead } of problems) assert.equal(rowsRead, found.length + skipped)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('of a damaged file loses nothing silently, and never fails but with one line', async () => {
    const damage = fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(3),
      fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('"', '\n', ',', '\r\n', '{', '\0')),
    )
    await fc.assert(
      fc.asyncProperty(
        rows,
        format,
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        lengths,
        async (records, as, damages, sizes) => {
          let written = encode(as, records)
          for (const [share, removed, inserted] of damages) {
            const at = Math.floor(share * written.length)
            written = written.slice(0, at) + inserted + written.slice(at + removed)
          }
          const { records: found, problems } = await read(Buffer.from(written), sizes)
          for (const each of found) assert.deepEqual(parseRecord(each), each)
          const skipped = problems.reduce((sum, { rowsSkipped }) => sum + rowsSkipped, 0)
          for (const { rowsRead, message } of problems) {
            assert.doesNotMatch(message, /\n/)
            assert.equal(rowsRead, found.length + skipped)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
