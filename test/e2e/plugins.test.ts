/** `--plugin`: protocols and sinks of a module of others, at both ends of a run; and who may name one. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder, PICTURE, startBench } from './cli.ts'
import { readCsv } from './rows.ts'
import { assertMeasured, run, startServer } from './two-hosts.ts'

const EXAMPLE = fileURLToPath(new URL('../../../examples/plugin/udp-sequence.js', import.meta.url))
const WITH = ['--plugin', EXAMPLE, '--transport', 'udp-sequence'] as const
/** `tcp-udp-bench/transports`, for a module that is not within the package. */
const TRANSPORTS = new URL('../../transports/index.js', import.meta.url).href
/** Its rows are counted, and its end is told. */
const SINK = `
  import { appendFileSync } from 'node:fs'
  const open = (path, manifest) => ({
    async write({ transport }) { appendFileSync(path, transport + '\\n') },
    async end() { appendFileSync(path, 'end of ' + manifest.plans.length) },
    async [Symbol.asyncDispose]() {},
  })
  export default { name: 'lines', version: '2.0', sinks: [{ extension: '.lines', summary: 'a line a row', open }] }
`

describe('a plug-in', () => {
  /** With what a run of it left: `rows.csv`. */
  let measured = ''
  before(async () => {
    measured = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
    const words = [
      '--size',
      '10k',
      '--chunk',
      '1000',
      '--repeat',
      '5',
      '--warmup',
      '0',
      '-q',
      '--out',
      'rows.csv',
    ]
    const { code, stderr } = await bench(['run', ...WITH, ...words], { cwd: measured })
    assert.equal(code, 0, stderr)
  })
  after(() => rmSync(measured, { recursive: true, force: true }))

  test('is measured like what is built in, header and all', () => {
    const rows = readCsv(join(measured, 'rows.csv'))
    assert.equal(rows.length, 5)
    for (const row of rows)
      assert.deepEqual(
        [row.outcome, row.datagrams_accepted, row.bytes_delivered, row.payload_intact],
        ['completed', 11, 10_240, true],
      )
  })

  test('sends and receives files', async context => {
    const cwd = folder(context)
    await using receiver = startBench(['receive', ...WITH, '--port', '0', '--dir', 'got', '--count', '1'], {
      cwd,
    })
    const port = await receiver.until('port', ({ stderr }) => /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1])
    const sent = await bench(['send', PICTURE, `127.0.0.1:${port}`, ...WITH, '--rate', '200M'], { cwd })
    assert.equal(sent.code, 0, sent.stderr)
    const { code, stdout } = await receiver.ended
    assert.equal(code, 0)
    const [saved = ''] = /got\S+\.png/.exec(stdout) ?? []
    assert.deepEqual(readFileSync(join(cwd, saved)), readFileSync(PICTURE))
  })

  test('brings a sink, which gets every row and the end', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'sink.mjs'), SINK)
    const words = [
      'run',
      '--plugin',
      './sink.mjs',
      '--size',
      '1k',
      '--repeat',
      '2',
      '--warmup',
      '0',
      '--quiet',
    ]
    const { code, stderr } = await bench([...words, '--transport', 'tcp', '--out', 'x.lines'], { cwd })
    assert.equal(code, 0, stderr)
    assert.equal(readFileSync(join(cwd, 'x.lines'), 'utf8'), 'tcp\ntcp\nend of 1')
    assertRefused(await bench([...words, '--out', 'x.lines'], { cwd }), 'it exists')
    const { stdout } = await bench(['list', '--plugin', './sink.mjs'], { cwd })
    assert.match(stdout, /^Sinks\n {2}\.lines +a line a row$/m)
  })

  test('is loaded as CommonJS that a compiler made, by the command and by the agents', async context => {
    const cwd = folder(context)
    writeFileSync(
      join(cwd, 'compiled.cjs'),
      `'use strict'
      Object.defineProperty(exports, '__esModule', { value: true })
      const { BUILT_IN } = require(${JSON.stringify(fileURLToPath(new URL('../../bench/index.js', import.meta.url)))})
      exports.default = { name: 'compiled', version: '3.0', transports: [{ ...BUILT_IN.transports.get('udp-marker'), name: 'udp-compiled' }] }`,
    )
    const words = ['--plugin', './compiled.cjs', '--transport', 'udp-compiled', '--size', '1k']
    const { code, rows, stderr } = await run(words, { cwd })
    assert.equal(code, 0, stderr)
    assert.deepEqual([rows[0]?.transport, rows[0]?.outcome], ['udp-compiled', 'completed'])
  })

  test('stands in the manifest as data, and in the report', async context => {
    const cwd = folder(context)
    assert.deepEqual(JSON.parse(readFileSync(join(measured, 'rows.run.json'), 'utf8')).plugins, [
      {
        name: 'udp-sequence',
        version: '1.0.0',
        transports: ['udp-sequence'],
        workloads: [],
        engines: [],
        sinks: [],
      },
    ])
    const path = join(measured, 'rows.csv')
    assert.equal((await bench(['report', path, '-o', 'x.md'], { cwd })).code, 0)
    assert.match(
      readFileSync(join(cwd, 'x.md'), 'utf8'),
      /plug-ins \| udp-sequence 1\.0\.0 \(transport udp-sequence\)/,
    )
    await bench(['run', '--size', '1k', '--repeat', '1', '--warmup', '0', '--out', 'y.csv', '-q'], { cwd })
    assert.equal('plugins' in JSON.parse(readFileSync(join(cwd, 'y.run.json'), 'utf8')), false)
    assert.equal((await bench(['report', 'y.csv', '-o', 'y.md'], { cwd })).code, 0)
    assert.doesNotMatch(readFileSync(join(cwd, 'y.md'), 'utf8'), /plug-ins/)
  })

  test('measures the cases of its baseline', async context => {
    const cwd = folder(context)
    const words = ['check', '--baseline', join(measured, 'rows.csv'), '--quiet', '--no-remeasure']
    const { code, stdout, stderr } = await bench([...words, '--plugin', EXAMPLE], { cwd })
    assert.ok(code === 0 || code === 3, stderr)
    assert.match(stdout, /results: measured now, 1 case, 5 trials/)
    const without = await bench(words, { cwd })
    assertRefused(without, 'transport udp-sequence is not available here; load its plug-in with --plugin')
  })

  test('is never named by a scenario', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'mine.yaml'), `size: 1k\nplugin: ${JSON.stringify(EXAMPLE)}\n`)
    assertRefused(await bench(['run', 'mine.yaml'], { cwd }), 'plugin')
  })
})

describe('a plug-in between hosts', () => {
  test('is the same one at both ends, or the run is refused in a line', async context => {
    const cwd = folder(context)
    const older = readFileSync(EXAMPLE, 'utf8').replace("version: '1.0.0'", "version: '0.9.0'")
    const listen = '127.0.0.1:0'
    await using server = await startServer({ cwd, listen, words: ['--plugin', EXAMPLE] })
    const there = ['--host', `127.0.0.1:${server.port}`]
    assertMeasured(await run([...WITH, ...there], { cwd }))
    assertMeasured(await run([...WITH, ...there, '--reverse'], { cwd }))
    await using plain = await startServer({ cwd, listen })
    const elsewhere = ['--host', `127.0.0.1:${plain.port}`]
    const refused = await run([...WITH, ...elsewhere], { cwd })
    assertRefused(refused, 'udp-sequence is loaded here and not at 127.0.0.1', '--plugin')
    writeFileSync(join(cwd, 'older.mjs'), older.replace('tcp-udp-bench/transports', TRANSPORTS))
    // A sink is the business of this end alone.
    writeFileSync(join(cwd, 'sink.mjs'), SINK)
    assertMeasured(await run(['--plugin', './sink.mjs', '--transport', 'tcp', ...elsewhere], { cwd }))
    const other = await run(['--plugin', './older.mjs', '--transport', 'udp-sequence', ...there], { cwd })
    assertRefused(other, 'version 0.9.0 here and 1.0.0 at 127.0.0.1')
  })
})
