import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ReadOptions, readTrials } from '../../../results/read/read.ts'
import { trialSet } from '../../../results/read/trial-set-builder.ts'
import { OUTCOMES } from '../../../results/schema/outcome.ts'
import { parseSelector } from '../../../results/select/selector.ts'
import { encode, type Format } from '../../../results/store/formats.ts'
import { asWritten, changedCsv, pairsAt, plainSet, resultFiles } from '../../support/result-files.ts'
import { chunkSweep, datagrams, mainJob, refused, stream } from '../../support/results-samples.ts'

const GOODPUT: ReadOptions = { numbers: ['goodput_bps'] }

describe('readTrials', () => {
  for (const format of ['csv', 'json', 'jsonl'] as const) {
    it(`gives of ${format} what trials that were just measured give`, async () => {
      using files = resultFiles()
      const records = [...mainJob(), ...chunkSweep(), refused({ trial: 99 })]
      const path = files.write(`job.${format}`, encode(format, records))
      const [numbers, texts] = [
        ['goodput_bps', 'payload_intact', 'chunk_bytes'],
        ['error_code', 'transport'],
      ] as const
      const { sets, problems } = await readTrials([path], { numbers, texts })
      assert.deepEqual(problems, [])
      const made = trialSet(`job.${format}`, asWritten(records), { numbers, texts })
      assert.deepEqual(
        sets.map(set => plainSet(set, numbers, texts)),
        [plainSet(made, numbers, texts)],
      )
    })
  }

  it('leaves standard input alone as it reads a file', async () => {
    using files = resultFiles()
    const path = files.write('job.csv', encode('csv', mainJob()))
    const { signal } = new AbortController()
    const before = process.stdin.eventNames().map(name => process.stdin.listenerCount(name))
    await readTrials([path], { ...GOODPUT, signal })
    assert.deepEqual(
      process.stdin.eventNames().map(name => process.stdin.listenerCount(name)),
      before,
    )
  })

  it('finds the format in the text, whatever the name says', async () => {
    using files = resultFiles()
    for (const [name, format] of [
      ['rows.txt', 'jsonl'],
      ['rows.csv', 'json'],
      ['rows.json', 'csv'],
      ['rows', 'csv'],
    ] as readonly (readonly [string, Format])[]) {
      const { sets } = await readTrials([files.write(name, encode(format, mainJob()))], GOODPUT)
      assert.equal(sets[0]?.cells.length, 3, name)
    }
  })

  it('reads JSON that another tool has laid out anew', async () => {
    using files = resultFiles()
    const document = JSON.parse(encode('json', mainJob()))
    for (const text of [
      JSON.stringify(document, null, 2),
      JSON.stringify(document),
      JSON.stringify(document.records, null, 1),
      `\n${JSON.stringify(document.records)}\n`,
    ]) {
      const { sets, problems } = await readTrials([files.write('a.json', text)], GOODPUT)
      assert.deepEqual(problems, [])
      assert.equal(
        sets[0]?.cells.reduce((sum, { count }) => sum + count, 0),
        60,
      )
    }
  })

  it('orders trials by run, round and trial, and runs by when they began, in whatever order rows stand', async () => {
    using files = resultFiles()
    const [late, early] = [pairsAt('12'), pairsAt('08', { commit: 'c0ffee' })]
    const rows = [...late, ...early]
    const path = files.write('a.csv', encode('csv', rows))
    const turned = files.write('b.csv', encode('csv', rows.toReversed()))
    const read = [await readTrials([path], GOODPUT), await readTrials([turned], GOODPUT)]
    const sets = read.flatMap(each => each.sets)
    const [first, second] = sets.map(set => ({ ...Object(plainSet(set, ['goodput_bps'])), label: '' }))
    assert.deepEqual(first, second)
    assert.deepEqual(sets[0]?.runs, [
      { id: '20260301T080000Z-abcd', startedAt: '2026-03-01T08:00:00.000Z', commit: 'c0ffee', trials: 6 },
      { id: '20260301T120000Z-abcd', startedAt: '2026-03-01T12:00:00.000Z', commit: undefined, trials: 6 },
    ])
    const [a] = sets[0]?.cells ?? []
    assert.equal(a?.cell.side, 'a')
    assert.deepEqual([...(a?.runs ?? [])], [0, 0, 0, 1, 1, 1])
    assert.deepEqual([...(a?.rounds ?? [])], [1, 2, 3, 1, 2, 3])
  })

  it('gives empty cells as NaN, and outcomes by their number', async () => {
    using files = resultFiles()
    const path = files.write('a.csv', encode('csv', [refused(), datagrams(1e9, 5, { trial: 2, round: 2 })]))
    const { sets } = await readTrials([path], { ...GOODPUT, texts: ['error_code'] })
    const [cell] = sets[0]?.cells ?? []
    assert.deepEqual([...(cell?.numbers('goodput_bps') ?? [])], [Number.NaN, 1e9])
    assert.deepEqual(
      [...(cell?.outcomes ?? [])].map(each => OUTCOMES[each]),
      ['refused', 'incomplete'],
    )
    assert.deepEqual(cell?.texts('error_code'), ['EMSGSIZE', undefined])
    assert.throws(() => cell?.numbers('total_ms'), /not asked for the column total_ms/)
    assert.throws(() => cell?.texts('host'), /not asked for the column host/)
  })

  it('counts the values of the environment, but not those that are empty', async () => {
    using files = resultFiles()
    const rows = pairsAt('12').map((row, index) => ({ ...row, os: index < 4 ? 'linux' : 'darwin' }))
    const { sets } = await readTrials([files.write('a.csv', encode('csv', rows))], GOODPUT)
    assert.deepEqual(
      sets[0]?.environment.get('os'),
      new Map([
        ['linux', 4],
        ['darwin', 2],
      ]),
    )
    assert.deepEqual(sets[0]?.environment.get('cpu_count'), new Map([['2', 6]]))
    assert.equal(sets[0]?.environment.get('sender_os'), undefined)
  })

  it('takes rows that a filter chooses, by the cell or by what was measured', async () => {
    using files = resultFiles()
    const path = files.write('a.csv', encode('csv', mainJob()))
    const counts = async (filter: string) => {
      const { sets } = await readTrials([path], { ...GOODPUT, filter: parseSelector(filter) })
      return sets[0]?.cells.map(({ cell, count }) => [cell.transport, count])
    }
    assert.deepEqual(await counts('udp-* size=800k'), [
      ['udp-header', 20],
      ['udp-marker', 20],
    ])
    assert.deepEqual(await counts('udp-header datagrams_lost=0'), [['udp-header', 2]])
    assert.deepEqual(await counts('tcp started_at>2026 round<=3 host=bench-*'), [['tcp', 3]])
  })

  it('takes older files, newer ones, and columns in any order', async () => {
    using files = resultFiles()
    const whole = plainSet(trialSet('a.csv', asWritten(mainJob()), GOODPUT), ['goodput_bps'])
    const read = async (text: string) => {
      const { sets, problems } = await readTrials([files.write('a.csv', text)], GOODPUT)
      assert.deepEqual(
        sets.map(set => plainSet(set, ['goodput_bps'])),
        [whole],
      )
      return problems.map(({ message }) => message.replace(/.*a\.csv: /, ''))
    }
    const turned = changedCsv(mainJob(), rows => rows.map(row => row.toReversed()))
    assert.deepEqual(await read(turned), [])
    const older = changedCsv(mainJob(), (rows, at) =>
      rows.map(row => row.filter((_, index) => ![at('side'), at('commit'), at('seed')].includes(index))),
    )
    assert.deepEqual(await read(older), [
      'it lacks the columns commit, side (did another version write it?); taken as empty',
    ])
    const newer = changedCsv(mainJob(), rows =>
      rows.map((row, index) => [index ? '5, "x"' : 'moon_phase', ...row]),
    )
    assert.deepEqual(await read(newer), [
      'ignored the unknown column "moon_phase" (did a newer version write it?)',
    ])
    const crlf = encode('csv', mainJob())
    assert.deepEqual(await read(crlf.replaceAll('\r\n', '\n')), [])
    assert.deepEqual(await read(`\ufeff${crlf}`), [])
    assert.deepEqual(await read(crlf.replaceAll('\r\n', '\r\n\r\n')), [])
    const glued = crlf + older.slice(0, older.indexOf('\r\n') + 2)
    assert.deepEqual(await read(glued), [
      'it lacks the columns commit, side (did another version write it?); taken as empty',
    ])
  })

  it('reads quoted texts with commas, quotes and line breaks', async () => {
    using files = resultFiles()
    const texts = ['a,b', 'say "so"', 'two\r\nlines', 'and\nthree\n', '"', ' ', 'é€😀', '""']
    const rows = texts.map((error_message, index) =>
      stream(1e9, { error_message, cpu_model: `${error_message},`, trial: index + 1, round: index + 1 }),
    )
    const { sets } = await readTrials([files.write('a.csv', encode('csv', rows))], {
      numbers: [],
      texts: ['error_message'],
    })
    assert.deepEqual(sets[0]?.cells[0]?.texts('error_message'), texts)
    assert.deepEqual(
      [...(sets[0]?.environment.get('cpu_model')?.keys() ?? [])],
      texts.map(text => `${text},`),
    )
  })

  it('reads standard input once', async () => {
    const text = encode('csv', mainJob())
    const input = async function* () {
      yield Buffer.from(text.slice(0, 5000))
      yield Buffer.from(text.slice(5000))
    }
    const { sets } = await readTrials(['-'], { ...GOODPUT, input: input() })
    assert.equal(sets[0]?.label, 'standard input')
    assert.equal(sets[0]?.cells.length, 3)
    await assert.rejects(
      readTrials(['-', '-'], GOODPUT),
      /^UsageError: standard input \(-\) is named more than once/,
    )
  })
})
