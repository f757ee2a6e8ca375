import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { readRecords } from '../../../results/read/read.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { parseRecord } from '../../../results/schema/record.ts'
import { parseSelector } from '../../../results/select/selector.ts'
import { encode } from '../../../results/store/formats.ts'
import { CSV, LINES, OPTIONS, read, withCell } from '../../support/damaged-results.ts'
import { changedCsv, resultFiles } from '../../support/result-files.ts'
import { datagrams, mainJob, stream } from '../../support/results-samples.ts'

const NO_MOMENT = 'not a moment in UTC, as 2026-03-01T12:00:00.000Z (did a spreadsheet write it?)'

describe('a bad cell', () => {
  it('costs its row, which is told by line, column and value', async () => {
    for (const [name, text, reason] of [
      ['goodput_bps', 'NaN', 'not a number: "NaN"'],
      ['goodput_bps', 'Infinity', 'not a number: "Infinity"'],
      ['goodput_bps', '-1e999', 'not a number of 0 or more: "-1e999"'],
      ['goodput_bps', '0x10', 'not a number: "0x10"'],
      ['goodput_bps', '1,5', 'not a number: "1,5"'],
      ['loss_ratio', '25', 'not a number from 0 to 1: "25"'],
      ['payload_intact', 'yes', 'neither true nor false: "yes"'],
      ['outcome', 'great', 'not one of completed, incomplete, refused, timed-out, failed: "great"'],
      ['round', '1.5', 'not a whole number from 1 to 4294967295: "1.5"'],
      ['trial', '5000000000', 'not a whole number from 1 to 4294967295: "5000000000"'],
      ['size_bytes', '-1', 'not a whole number of 0 or more: "-1"'],
      ['zerocopy', 'YES', 'neither true nor false: "YES"'],
      ['transport', '', 'it is empty'],
      ['run_id', '', 'it is empty'],
      ['started_at', '', 'it is empty'],
      ['started_at', '28/11/2026 17:36', `${NO_MOMENT}: "28/11/2026 17:36"`],
      ['started_at', '2026-11-28 17:36:00', `${NO_MOMENT}: "2026-11-28 17:36:00"`],
      ['started_at', '2026-11-28T17:36:00.000+01:00', `${NO_MOMENT}: "2026-11-28T17:36:00.000+01:00"`],
      ['started_at', '2026-13-28T17:36:00.000Z', `${NO_MOMENT}: "2026-13-28T17:36:00.000Z"`],
      ['started_at', '2026-02-30T17:36:00.000Z', `${NO_MOMENT}: "2026-02-30T17:36:00.000Z"`],
      ['started_at', '2027-02-29T17:36:00Z', `${NO_MOMENT}: "2027-02-29T17:36:00Z"`],
      ['started_at', '0000-01-01T00:00:00Z', `${NO_MOMENT}: "0000-01-01T00:00:00Z"`],
      ['goodput_bps', `9${'x'.repeat(99)}`, `not a number: "9${'x'.repeat(37)}…`],
    ] as const) {
      const told = [`1 of 60 rows left out; the first, line 19: column ${name}: ${reason}`]
      assert.deepEqual(await read(withCell(17, name, text)), { used: 59, told, skipped: 1 }, name)
    }
  })

  it('is quoted without what moves a cursor', async () => {
    const { told } = await read(withCell(17, 'goodput_bps', '\u001b[2J\u009b2J\u0007\n'))
    assert.doesNotMatch(told[0] ?? '', /\p{Cc}/u)
  })

  it('of a moment is good without milliseconds, and in quotes', async () => {
    for (const text of [
      '2026-11-28T17:36:00Z',
      '2028-02-29T23:59:59.123456789Z',
      '"2026-11-28T17:36:00.5Z"',
    ]) {
      const marked = withCell(17, 'started_at', 'mark').replace('mark', text)
      assert.deepEqual(await read(marked), { used: 60, told: [], skipped: 0 }, text)
    }
    const lines = encode('jsonl', [stream(1e9), { ...stream(1e9), trial: 2, started_at: '28/11/2026 17:36' }])
    const { used, told } = await read(lines)
    assert.equal(used, 1)
    assert.match(told[0] ?? '', /line 2: column started_at: not a moment in UTC/)
  })

  it('in a column that nobody looks at costs nothing', async () => {
    for (const [name, text] of [
      ['seed', 'x'],
      ['delivery_ms', 'NaN'],
      ['limit_emulated', ''],
      ['cpu_count', 'many'],
      ['host', ''],
    ] as const)
      assert.deepEqual(await read(withCell(17, name, text)), { used: 60, told: [], skipped: 0 }, name)
  })

  it('that is empty in quotes is empty all the same', async () => {
    for (const [name, used] of [
      ['commit', 60],
      ['seed', 60],
      ['goodput_bps', 60],
      ['transport', 59],
      ['started_at', 59],
      ['run_id', 59],
      ['round', 59],
      ['chunk_bytes', 59],
    ] as const) {
      const marked = withCell(17, name, 'mark').replace('mark', '""')
      const told =
        used === 60 ? [] : [`1 of 60 rows left out; the first, line 19: column ${name}: it is empty`]
      assert.deepEqual(await read(marked), { used, told, skipped: 60 - used }, name)
    }
  })

  it('counts where a filter looks, and everywhere for whole records', async () => {
    const filter = parseSelector('delivery>0')
    assert.equal((await read(withCell(17, 'delivery_ms', 'NaN'), { ...OPTIONS, filter })).skipped, 1)
    assert.equal(
      (await read(withCell(17, 'cpu_count', 'many'), { ...OPTIONS, filter: parseSelector('cpu_count>0') }))
        .skipped,
      1,
    )
    using files = resultFiles()
    for (const [name, text] of [
      ['seed', 'x'],
      ['limit_emulated', ''],
      ['cpu_count', 'many'],
      ['host', ''],
    ] as const) {
      const { records, problems } = await readRecords([files.write('b.csv', withCell(17, name, text))])
      assert.equal(records.length, 59)
      assert.match(problems[0]?.message ?? '', new RegExp(`line 19: column ${name}: `))
    }
  })

  it('takes numbers as other programs write them', async () => {
    for (const text of ['2.41e9', '2.41E+09', ' 12', '+5', '.5', '5.', '12345678901234567890.123', '-0'])
      assert.deepEqual(
        await read(withCell(17, 'goodput_bps', text)),
        { used: 60, told: [], skipped: 0 },
        text,
      )
  })
})

describe('a value outside the range of its column', () => {
  for (const [name, text, told] of [
    ['goodput_bps', '-5', 'not a number of 0 or more: "-5"'],
    ['total_ms', '-3', 'not a number of 0 or more: "-3"'],
    ['ip_family', '5', 'not 4 or 6: "5"'],
    ['round', '0', 'not a whole number from 1 to 4294967295: "0"'],
    ['chunk_bytes', '0', 'not a whole number of 1 or more: "0"'],
    ['datagrams_lost', '-1', 'not a whole number of 0 or more: "-1"'],
    ['loss_ratio', '1.5', 'not a number from 0 to 1: "1.5"'],
  ] as const)
    it(`leaves its row out: ${name} of ${text}`, async () => {
      using files = resultFiles()
      const path = files.write('b.csv', withCell(17, name, text))
      const { records, problems } = await readRecords([path])
      assert.equal(records.length, 59)
      assert.ok(problems[0]?.message.includes(`line 19: column ${name}: ${told}`), problems[0]?.message)
      // In JSON, and by the schema of a record, as well.
      const whole = await readRecords([files.write('a.csv', CSV)])
      const forged = { ...whole.records[0], [name]: Number(text) }
      assert.throws(() => parseRecord(forged), UsageError)
      const lines = files.write('b.jsonl', `${JSON.stringify(forged)}\n${JSON.stringify(whole.records[1])}\n`)
      assert.equal((await readRecords([lines])).records.length, 1)
    })

  it('is one of the counts too: more bytes delivered than were sent', async () => {
    const forged = await read(withCell(17, 'bytes_delivered', '819201'))
    assert.deepEqual([forged.used, forged.skipped], [59, 1])
    assert.match(forged.told[0] ?? '', /819201 B delivered are more than the 819200 B of the payload/)
    assert.equal((await read(withCell(17, 'bytes_delivered', '819200'))).used, 60)
  })
})

describe('a row', () => {
  it('that is cut off at the end is left out', async () => {
    const told = ['1 of 60 rows left out; the first, line 61: it is cut off']
    for (const cut of [2, 3, 40, 200])
      assert.deepEqual(await read(CSV.slice(0, -cut)), { used: 59, told, skipped: 1 }, `${cut}`)
    // Between CR and LF nothing is missing.
    assert.deepEqual(await read(CSV.slice(0, -1)), { used: 60, told: [], skipped: 0 })
  })

  it('without a line break is whole where lines end with LF and no figure can have lost digits', async () => {
    const lines = CSV.replaceAll('\r\n', '\n')
    assert.deepEqual(await read(lines.slice(0, -1)), { used: 60, told: [], skipped: 0 })
    const turned = changedCsv(mainJob(), (rows, at) =>
      rows.map(row => [...row.toSpliced(at('goodput_bps'), 1), row[at('goodput_bps')] ?? '']),
    ).replaceAll('\r\n', '\n')
    const told = ['1 of 60 rows left out; the first, line 61: it is cut off']
    assert.deepEqual(await read(turned.slice(0, -1)), { used: 59, told, skipped: 1 })
    assert.deepEqual(await read(turned.slice(0, -3)), { used: 59, told, skipped: 1 })
    assert.deepEqual(await read(turned), { used: 60, told: [], skipped: 0 })
  })

  it('that is cut off within quotes is left out once', async () => {
    const rows = [...mainJob(), stream(1e9, { trial: 99, error_message: 'broken\nin\nlines' })]
    const text = encode('csv', rows)
    const told = ['1 of 61 rows left out; the first, line 62: it is cut off']
    assert.deepEqual(await read(text.slice(0, text.indexOf('lines'))), { used: 60, told, skipped: 1 })
  })

  it('of another number of fields is left out', async () => {
    const few = LINES.with(20, 'a,b,c').with(30, 'Segmentation fault').join('\r\n')
    const { used, told } = await read(`${few}\r\n`)
    assert.equal(used, 58)
    assert.deepEqual(told, [
      `2 of 60 rows left out; the first, line 21: 3 fields under ${LINES[0]?.split(',').length} columns`,
    ])
    const many = LINES.with(20, ','.repeat(20_000)).join('\r\n')
    assert.match(
      (await read(`${many}\r\n`)).told[0] ?? '',
      /1 of 60 rows left out; the first, line 21: \d+ fields under/,
    )
  })

  it('with a quote that is not closed costs a line, not the rest of the file', async () => {
    const open = LINES.with(20, `"${LINES[20]}`).join('\r\n')
    const told = ['1 of 60 rows left out; the first, line 21: a quote is not closed']
    assert.deepEqual(await read(`${open}\r\n`), { used: 59, told, skipped: 1 })
    const stray = LINES.with(20, `"a"b${LINES[20]}`).join('\r\n')
    assert.deepEqual((await read(`${stray}\r\n`)).told, [
      '1 of 60 rows left out; the first, line 21: there is text after a closing quote',
    ])
    // Also where another quote follows, which seems to close it, three rows further down or in the last one.
    for (const at of [24, 60]) {
      for (const field of ['"0,1"', '"']) {
        const paired = LINES.with(20, `"${LINES[20]}`).with(
          at,
          (LINES[at] ?? '').replace('false,,,linux', `false,${field},,linux`),
        )
        const { used, told: messages } = await read(`${paired.join('\r\n')}\r\n`)
        const bad = field === '"' ? 2 : 1
        assert.equal(used, 60 - bad)
        assert.equal(messages[0], `${bad} of 60 rows left out; the first, line 21: a quote is not closed`)
      }
    }
    // Also where more follows than a row can be long.
    const runs = Array.from({ length: 40 }, (_, run) =>
      mainJob().map(row => ({ ...row, run_id: `run-${run}` })),
    ).flat()
    const lines = encode('csv', runs).split('\r\n')
    const long = lines.with(20, `"${lines[20]}`).join('\r\n')
    assert.ok(long.length > 2 ** 19)
    assert.deepEqual(await read(long), {
      used: 2399,
      told: ['1 of 2,400 rows left out; the first, line 21: a quote is not closed'],
      skipped: 1,
    })
  })

  it('of a megabyte is left out', async () => {
    const long = LINES.with(20, 'x'.repeat(3 * 2 ** 20)).join('\r\n')
    const told = ['1 of 60 rows left out; the first, line 21: it is too long']
    assert.deepEqual(await read(`${long}\r\n`), { used: 59, told, skipped: 1 })
  })

  it('below the header of another table is left out, and told as such', async () => {
    const other = 'run_id,round,price\r\na,1,2\r\nb,2,3\r\n'
    const { used, told, skipped } = await read(CSV + other + CSV.replaceAll('abcd', 'efgh'))
    assert.deepEqual([used, skipped], [120, 2])
    assert.match(
      told[0] ?? '',
      /^2 of 122 rows left out; the first, line 63: it is below the header of another table: no row can be used without the columns/,
    )
  })
})

describe('counts that contradict each other', () => {
  const udp = datagrams(1e9, 80)
  const all = (values: Partial<TrialRecord>) => [udp, { ...udp, trial: 2, round: 2, ...values }]
  const told = async (values: Partial<TrialRecord>) => {
    using files = resultFiles()
    const messages = (['csv', 'json', 'jsonl'] as const).map(async format => {
      const path = files.write(`a.${format}`, encode(format, all(values)))
      const { problems } = await readRecords([path])
      return problems.map(each => each.message.replace(path, ''))
    })
    const [csv = [], json = [], lines = []] = await Promise.all(messages)
    assert.equal(json.length, csv.length)
    assert.equal(lines.length, csv.length)
    return csv[0]?.replace(/^.*a\.csv/, '')
  }

  it('cost their row, which is told by its line', async () => {
    for (const [values, reason] of [
      [{ datagrams_lost: 70 }, '720 datagrams delivered and 70 lost are not the 800 accepted'],
      [{ datagrams_delivered: 900 }, '900 datagrams delivered and 80 lost are not the 800 accepted'],
      [{ datagrams_offered: 801 }, '800 datagrams accepted and 0 refused are not the 801 offered'],
      [
        { datagrams_delivered: 801, datagrams_lost: undefined },
        '801 datagrams delivered are more than the 800 accepted',
      ],
      [{ outcome: 'completed' }, 'it is completed, with 80 datagrams lost'],
      [{ outcome: 'completed', datagrams_resent: 79 }, 'it is completed, with 80 datagrams lost'],
    ] as const)
      assert.equal(await told(values), `: 1 of 2 rows left out; the first, line 3: ${reason}`)
  })

  it('are none where a count is not known, or the trial failed', async () => {
    for (const values of [
      {},
      { datagrams_delivered: undefined, datagrams_lost: undefined },
      { datagrams_offered: undefined },
      { outcome: 'failed', datagrams_lost: 3 },
      // A reliable transport sends again what is lost.
      { outcome: 'completed', datagrams_resent: 80 },
    ] as const)
      assert.equal(await told(values), undefined, JSON.stringify(values))
  })
})
