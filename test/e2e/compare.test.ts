/** What real runs give, compared by the built command. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { parse } from 'csv-parse/sync'
import { comparisonSchema } from '../../results/compare/json.ts'
import { it } from '../support/patient.ts'
import { assertOneLine, bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'

const RUN = ['run', '--quiet', '--no-chart', '--warmup', '0', '--size', '655070'] as const

describe('bench compare, of real runs', { concurrency: 2 }, () => {
  it('tells a limit from none: refused above 9,216 B against ok to 65,507 B', async context => {
    const cwd = folder(context)
    const chunks = ['--chunk', '9216,9217,65507', '--repeat', '2']
    const runs = [
      await bench([...RUN, ...chunks, '--out', 'here.csv'], { cwd }),
      await bench([...RUN, ...chunks, '--os-profile', 'macos', '--out', 'macos.csv'], { cwd }),
    ]
    for (const { code, stderr } of runs) assert.equal(code, 0, stderr)
    const { code, stdout, stderr } = await bench(['compare', 'here.csv', 'macos.csv'], {
      cwd,
      env: { COLUMNS: '110' },
    })
    assert.equal(code, 0, stderr)
    assert.equal(stderr, '')
    assert.match(stdout, /^systems\n/)
    assert.match(stdout, /^goodput: macos\.csv against here\.csv$/m)
    assert.match(stdout, /^limit +default +9,216 B$/m)
    assert.match(stdout, /^udp-header +9,217 B +\d.* +refused$/m)
    assert.match(stdout, /^udp-marker +ok to 65,507 B +refused above 9,216 B \(emulated\)$/m)
    assert.match(stdout, /^! macos\.csv: datagrams from 9,217 B on were refused by an emulated limit/m)
    assert.match(stdout, /× refused/)

    const csv = await bench(['compare', 'here.csv', 'macos.csv', '--format', 'csv'], { cwd })
    const rows: Record<string, string>[] = parse(csv.stdout, { columns: true, record_delimiter: '\r\n' })
    assert.equal(rows.length, 3 * 3 * 2)
    const large = rows.filter(row => row['transport'] === 'udp-header' && row['chunk_bytes'] === '65507')
    assert.deepEqual(
      large.map(row => [row['set'], row['n'], row['largest_accepted_bytes'], row['smallest_refused_bytes']]),
      [
        ['here.csv', '2', '65507', ''],
        ['macos.csv', '', '', '65507'],
      ],
    )
  })

  describe('of one run', () => {
    let cwd = ''
    before(async () => {
      cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
      const words = ['--chunk', '8192', '--repeat', '6', '--transport', 'tcp,udp-header', '--out', 'rows.csv']
      const { code, stderr } = await bench([...RUN, ...words], { cwd })
      assert.equal(code, 0, stderr)
    })
    after(() => rmSync(cwd, { recursive: true, force: true }))

    it('pairs what it measured in turn, and agrees with its rows', async () => {
      const compared = await bench(['compare', 'rows.csv', '--by', 'transport', '--format', 'json'], { cwd })
      const { rows, sets, warnings } = comparisonSchema.parse(JSON.parse(compared.stdout))
      assert.deepEqual(
        sets.map(each => each.label),
        ['tcp', 'udp-header'],
      )
      const [tcp, udp] = rows[0]?.figures ?? []
      assert.equal(udp?.change?.basis, 'pairs')
      assert.equal(udp.change.n, 6)
      assert.ok(!warnings.some(each => each.code === 'single-runs'))
      const goodputs = readCsv(join(cwd, 'rows.csv'))
        .filter(row => row.transport === 'tcp')
        .map(row => row.goodput_bps ?? Number.NaN)
      const [, , low = 0, high = 0] = goodputs.toSorted((a, b) => a - b)
      assert.ok(Math.abs((tcp?.estimate?.median ?? 0) / ((low + high) / 2) - 1) < 1e-9)
    })

    it('takes standard input as one of several files', async () => {
      const rows = readFileSync(join(cwd, 'rows.csv'), 'utf8')
      const [, runId = ''] = /(\d{8}T\d{6}Z-\w+)/.exec(rows) ?? []
      // Of another run: one and the same is not held against itself.
      const input = rows.replaceAll(runId, `${runId}-other`)
      for (const [words, heading] of [
        [['rows.csv', '-'], /^goodput: standard input against rows\.csv\n/],
        [['-', 'rows.csv'], /^goodput: rows\.csv against standard input\n/],
      ] as const) {
        const found = await bench(['compare', ...words], { cwd, input })
        assert.equal(found.code, 0, found.stderr)
        assert.match(found.stdout, heading)
      }
    })
  })

  it('ends with 2 and one line when there is nothing to compare', async context => {
    const alone = await bench(['compare', 'nothing.csv'], { cwd: folder(context) })
    assert.equal(alone.code, 2)
    assertOneLine(alone, 'nothing.csv', 'it does not exist')
  })
})
