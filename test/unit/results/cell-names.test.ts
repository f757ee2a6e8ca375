/** Different cases have different names, in every output; tables shorten only what stays different. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { linesOf } from '../../../results/charts/sweep.ts'
import { limitWords } from '../../../results/document/refusals.ts'
import { renderTable } from '../../../results/document/table.ts'
import { benchmarkJson } from '../../../results/gate/benchmark-json.ts'
import { fullName } from '../../../results/gate/names.ts'
import { trialSet } from '../../../results/read/trial-set-builder.ts'
import { cellOf, shortenAll, wholeName } from '../../../results/schema/cells.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { stream } from '../../support/results-samples.ts'

/** Labels that a scenario may have, and that differ in their middle. */
const LABELS = ['small', 'large'].map(size => `thumbnail pictures, ${size} receive buffer, office`)

describe('two labels that differ in their middle', () => {
  const records = LABELS.flatMap(variant =>
    [1, 2].map(round => stream(1e9, { variant, round, trial: round })),
  )

  it('stay apart in tables', () => {
    for (const width of [30, 80, 160]) {
      const text = renderTable(summarize(records), { width, color: false }).replaceAll(/\s+/g, ' ')
      for (const label of LABELS) assert.ok(text.includes(label), `${width}: ${text}`)
    }
  })

  it('are names of their own for those who follow a case by its name', () => {
    const set = trialSet('results', records, {
      numbers: ['goodput_bps', 'datagrams_lost', 'datagrams_accepted', 'process'],
    })
    const figures: unknown = JSON.parse(benchmarkJson(set))
    assert.ok(Array.isArray(figures))
    assert.equal(new Set(figures.map(({ name }: { name: string }) => name)).size, figures.length)
    for (const label of LABELS) assert.ok(figures.some(({ name }: { name: string }) => name.includes(label)))
  })
})

describe('names', () => {
  it('of a pair whose sides differ in chunk do not give it that of A alone', () => {
    const cell = cellOf(stream(1e9, { chunk_bytes: 1024 }))
    const pair = fullName({ ...cell, variant: 'chunk 1,024 B | chunk 8,192 B' })
    assert.equal(pair.split('chunk 1,024 B').length, 2)
    for (const variant of [undefined, 'bulk', 'chunk 64 B | chunk 8,192 B'])
      assert.match(fullName({ ...cell, variant }), /size [^|]*, chunk 1,024 B/)
  })

  it('are short in tables where that leaves them different', () => {
    const long = `${'p'.repeat(30)}/${'q'.repeat(30)}`
    const short = `${'p'.repeat(19)}…${'q'.repeat(12)}`
    assert.deepEqual(shortenAll([long, long, 'own']), [short, short, 'own'])
    assert.deepEqual(shortenAll(LABELS), LABELS)
  })

  it('of any length are as different as what they name, and no longer than a line bears', () => {
    const cell = cellOf(stream(1e9))
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (a, b) => {
        const [one, other] = ['x'.repeat(60) + a, 'x'.repeat(60) + b].map(variant => ({ ...cell, variant }))
        assert.ok(one && other)
        if (a.length > 4 && b.length > 4 && a !== b) assert.notEqual(fullName(one), fullName(other))
        assert.ok([...wholeName(one.variant)].length <= 64)
      }),
    )
  })
})

describe('the names of thousands of cases', () => {
  it('take each case to be looked at a few times, and not once for every other', () => {
    const readsOf = (count: number) => {
      const records = Array.from({ length: count }, (_, at) =>
        stream(1e9, { pair_from: 'a', pair_to: `b${at}` }),
      )
      let reads = 0
      const summaries = summarize(records).map(each => {
        const { pair_to, ...cell } = each.cell
        return {
          ...each,
          cell: {
            ...cell,
            get pair_to() {
              reads++
              return pair_to
            },
          },
        }
      })
      limitWords(summaries)
      linesOf(summaries, [])
      return reads
    }
    assert.ok(readsOf(400) <= 2.5 * readsOf(200))
  })
})
