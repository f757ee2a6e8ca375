import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../base/errors.ts'
import { type FileProblem, readRecords, readTrials } from '../../results/read/read.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { parseRecord } from '../../results/schema/record.ts'
import { encode, type Format } from '../../results/store/formats.ts'
import { lengths, pieces, rows } from '../support/result-arbitraries.ts'
import { plainSet } from '../support/result-files.ts'

const format = fc.constantFrom<Format>('csv', 'json', 'jsonl')

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

describe('reading', () => {
  it('gives back the records that were written, in every format and in whatever pieces they come', async () => {
    await fc.assert(
      fc.asyncProperty(rows, format, lengths, async (records, as, sizes) => {
        const { records: found, problems } = await read(Buffer.from(encode(as, records)), sizes)
        assert.deepEqual([found, problems], [records, []])
      }),
      { numRuns: 40 },
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
      { numRuns: 40 },
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
      { numRuns: 80 },
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
      { numRuns: 80 },
    )
  })
})
