/** `bench run --payload`: what a row says of each kind, between hosts too; what is never compared with what; and what is refused. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { MADE_KINDS, makePayload } from '../../transports/payload/made.ts'
import { test } from '../support/patient.ts'
import { bench, folder, PICTURE } from './cli.ts'
import { parseRows } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

const HANG = { timeout: 120_000 }
const QUICK = ['--repeat', '1', '--warmup', '0', '--quiet']
const ROWS = [...QUICK, '--format', 'jsonl']
const PICTURES = ['png', 'jpeg', 'bmp']

describe('payloads', { concurrency: 2 }, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
  let rows: readonly TrialRecord[] = []

  after(() => rmSync(cwd, { recursive: true }))

  before(async () => {
    const words = ['--payload', `generated,${MADE_KINDS.join()}`, '--size', '20k', '--keep', 'kept']
    const { code, stdout, stderr } = await bench(['run', ...ROWS, ...words], { cwd })
    assert.deepEqual([code, stderr], [0, ''])
    rows = parseRows(stdout)
  })

  test('each kind arrives whole over each transport; pictures are decoded', () => {
    assert.equal(rows.length, 3 * 7)
    for (const row of rows) {
      const { payload, transport } = row
      assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], `${transport} ${payload}`)
      assert.equal(row.picture, PICTURES.includes(payload ?? '') ? 'whole' : undefined)
      if (transport === 'tcp') continue
      const told = payload === 'zeros' ? undefined : 0
      assert.deepEqual([row.datagrams_duplicated, row.datagrams_reordered], [told, told], payload)
      assert.deepEqual([row.datagrams_delivered, row.datagrams_arrived, row.datagrams_lost], [20, 20, 0])
    }
  })

  test('what arrived is what was made, in a file that is called what it is', () => {
    const names = readdirSync(join(cwd, 'kept'))
    for (const row of rows) {
      const name = names.find(each => each.includes(`-${String(row.trial).padStart(4, '0')}-`)) ?? ''
      const picture = PICTURES.includes(row.payload ?? '')
      assert.match(name, picture ? new RegExp(`\\.${row.payload}$`) : /\.bin$/)
      const kind = MADE_KINDS.find(each => each === row.payload)
      if (kind) assert.ok(readFileSync(join(cwd, 'kept', name)).equals(makePayload(kind, 20_480, 1)))
    }
  })

  test('kinds never share a row of a comparison, unless that is what is compared', HANG, async () => {
    for (const kind of ['png', 'zeros']) {
      const words = ['--payload', kind, '--size', '20k', '--transport', 'tcp', '--out', `${kind}.csv`]
      assert.equal((await bench(['run', ...QUICK, ...words], { cwd })).code, 0)
    }
    const { stdout } = await bench(['compare', 'png.csv', 'zeros.csv', '--format', 'json'], { cwd })
    const { rows: compared } = JSON.parse(stdout)
    assert.equal(compared.length, 2)
    const sides = await bench(
      [
        'ab',
        '-a',
        'payload=png',
        '-b',
        'payload=zeros',
        '--size',
        '20k',
        '--transport',
        'tcp',
        '--repeat',
        '1',
      ],
      { cwd },
    )
    assert.equal(sides.code, 0, sides.stderr)
    assert.match(sides.stdout, /payload +png +zeros/)
  })

  test('the other host makes, or decodes, the same picture', HANG, async context => {
    await using server = await startServer({ cwd: folder(context), listen: '127.0.0.1:0' })
    for (const way of [[], ['--reverse']]) {
      const words = ['--payload', 'jpeg,zeros', '--size', '20k', '--host', `127.0.0.1:${server.port}`, ...way]
      const env = { BENCH_TOKEN: TOKEN }
      const { code, stdout, stderr } = await bench(['run', ...ROWS, ...words], { cwd, env })
      assert.deepEqual([code, stderr], [0, ''])
      for (const row of parseRows(stdout)) {
        assert.deepEqual([row.outcome, row.payload_intact], ['completed', true])
        assert.equal(row.picture, row.payload === 'jpeg' ? 'whole' : undefined)
      }
    }
  })

  test('unchecked, nothing is said of a picture', HANG, async () => {
    const words = ['--payload', 'bmp', '--size', '20k', '--verify', 'none', '--transport', 'udp-marker']
    const { stdout } = await bench(['run', ...ROWS, ...words], { cwd })
    assert.deepEqual(
      parseRows(stdout).map(row => [row.picture, row.datagrams_arrived, row.datagrams_delivered]),
      [[undefined, 20, undefined]],
    )
  })

  for (const [words, said] of [
    [['--payload', 'png', '--size', '83'], /kind png has 84 B to 8,388,608 B, not 83 B; .*--size/],
    [['--payload', 'jpeg', '--size', '9M'], /kind jpeg has .* not 9,437,184 B/],
    [['--payload', 'zeros', '--size', '300M'], /kind zeros has 1 B to 268,435,456 B/],
    [['--payload', 'gif'], /"gif" is not one of generated, png/],
    [['--payload', 'png', '--file', PICTURE], /--file and --payload exclude each other/],
    [['--payload', 'png', '--verify', 'index'], /--verify index: .*kind png does not; leave --payload out/],
    [['--payload', 'png', '--duration', '1s'], /a stream ends with --duration, and has no other payload/],
    [['--payload', 'png', '--transport', 'echo-udp'], /--payload png is for transports that carry a payload/],
  ] as const)
    test(`${words.join(' ')} is refused in a line`, HANG, async context => {
      const { code, stderr } = await bench(['run', ...QUICK, ...words], { cwd: folder(context) })
      assert.equal(code, 2, stderr)
      assert.match(stderr, said)
      assert.equal(stderr.trim().split('\n').length, 1)
    })
})
