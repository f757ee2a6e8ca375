/** `--plugin`: protocols and sinks of a module of others, at both ends of a run; and who may name one. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { assertOneLine, bench, benchProcess, type Ended, folder, PICTURE, startBench } from './cli.ts'
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

function assertRefused(ended: Ended, ...parts: readonly string[]): void {
  assert.equal(ended.code, 2, ended.stderr)
  assertOneLine(ended, ...parts)
}

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

  test('that is none, or not there, or has a name that is taken, is one line', async context => {
    const cwd = folder(context)
    for (const [name, text] of [
      ['text.js', 'nonsense nonsense'],
      ['empty.mjs', ''],
      ['escape.mjs', 'export default { name: "x", version: "1\\u001b[31m" }'],
      [
        'no-chunks.mjs',
        `export default { name: 'x', version: '1', transports: [{ name: 'y', summary: 's', port: 1, traits: { socket: 'datagram', reliable: false, acknowledged: false }, transfer: { send() {}, receive() {} } }] }`,
      ],
      ['half.mjs', 'export default { name: "x", version: "1", transports: [{ name: "y" }] }'],
      [
        'taken.mjs',
        'export default { name: "x", version: "1", engines: [{ name: "auto", summary: "s", asksKernel: false, obstacle() {}, load() {} }] }',
      ],
    ] as const)
      writeFileSync(join(cwd, name), text)
    for (const [word, ...said] of [
      ['./none.js', 'there is no such file'],
      ['no-package', 'no package of this name is installed here'],
      ['text.js', 'it cannot be loaded'],
      ['empty.mjs', 'its default export is not a plug-in'],
      ['escape.mjs', 'version: must consist of letters'],
      ['no-chunks.mjs', 'transports.0.transfer.datagrams: must be a function'],
      ['.', 'there is no such file'],
      ['some/where.mjs', 'there is no such file'],
      ['half.mjs', 'transports.0.summary'],
      ['taken.mjs', 'engine auto exists already'],
    ] as const)
      assertRefused(await bench(['list', '--plugin', word], { cwd }), `--plugin ${word}`, ...said)
  })

  test('that never ends its work, or whose sink does nothing of what it says, is said to be at fault', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'hang.mjs'), 'await new Promise(() => {})')
    const hangs = await benchProcess(['list', '--plugin', './hang.mjs'], { cwd })
    assert.equal(hangs.code, 1)
    assertOneLine(hangs, 'a plug-in waits for what never comes')
    const sinks = {
      async: 'async () => ({})',
      throws: '() => { throw new Error("no room") }',
      rows: '() => ({ async write() { throw new Error("no row") }, async end() {}, async [Symbol.asyncDispose]() {} })',
    }
    for (const [name, open] of Object.entries(sinks)) {
      const text = `export default { name: 'lines', version: '2.0', sinks: [{ extension: '.lines', summary: 's', open: ${open} }] }`
      writeFileSync(join(cwd, `${name}.mjs`), text)
      const words = [
        '--size',
        '1k',
        '--repeat',
        '1',
        '--warmup',
        '0',
        '--transport',
        'tcp',
        '--out',
        `${name}.lines`,
      ]
      const ended = await bench(['run', '--plugin', `./${name}.mjs`, ...words], { cwd })
      assert.equal(ended.code, 1, ended.stderr)
      assert.match(ended.stderr, /the sink \.lines of a plug-in fails in (open|write): /)
      assert.doesNotMatch(ended.stderr, /internal error/)
    }
  })

  test('that throws in send or receive is named in a line, with what it was doing', async context => {
    const cwd = folder(context)
    const traits = '{ socket: "datagram", reliable: false, acknowledged: false }'
    const broken = (over: string) =>
      `export default { name: 'broken', version: '1.2', transports: [{ name: 'udp-broken', summary: 's', traits: ${traits}, port: 7777, transfer: { datagrams: each => each.windows(), send() {}, receive() {}, ${over} } }] }`
    const meaning = `
      import { receiveDatagrams } from ${JSON.stringify(TRANSPORTS)}
      const meaning = () => { throw new Error('no luck') }
      const receive = (sockets, options) => receiveDatagrams(sockets, options, { beginning: undefined, endMarker: false, meaning })
      ${broken('receive')}`
    const engine = `
      const fail = () => { throw new Error('no luck') }
      const sockets = { engine: 'bad', objection() {}, connect: fail, listen: fail, bindDatagram: fail, connectDatagram: fail }
      export default { name: 'broken', version: '1.2', engines: [{ name: 'bad', summary: 's', asksKernel: false, obstacle() {}, load: async () => sockets }] }`
    for (const [name, text] of Object.entries({
      throws: broken('send() { throw new Error("no luck") }, receive() { throw new Error("no luck") }'),
      rejects: broken(
        'async send() { throw new Error("no luck") }, async receive() { throw new Error("no luck") }',
      ),
      nothing: broken('async send() {}, async receive() {}'),
      meaning,
      engine,
    }))
      writeFileSync(join(cwd, `${name}.mjs`), text)
    const used = (name: string) =>
      name === 'engine'
        ? ['--plugin', './engine.mjs', '--engine', 'bad', '--transport', 'tcp']
        : ['--plugin', `./${name}.mjs`, '--transport', 'udp-broken']
    const assertNamed = (ended: Ended, ...parts: readonly string[]) => {
      assert.equal(ended.code, 1, ended.stderr)
      assertOneLine(ended, 'plug-in broken 1.2: its ', ...parts, '; mend it, or leave --plugin out')
    }
    for (const name of ['throws', 'rejects', 'nothing', 'engine']) {
      const what = name === 'engine' ? 'engine bad' : 'transport udp-broken'
      const message = name === 'nothing' ? 'undefined' : 'no luck'
      const received = await bench(['receive', '--port', '0', ...used(name)], { cwd })
      assertNamed(received, `${what} fails while receiving: `, message)
      const sent = await bench(['send', PICTURE, '127.0.0.1:9', ...used(name)], { cwd })
      if (name !== 'engine') assertNamed(sent, `${what} fails while sending: `, message)
      else {
        assert.equal(sent.code, 1)
        assertOneLine(
          sent,
          'over tcp on the engine bad of plug-in broken 1.2: no luck (CLOSED), in phase connect',
        )
        assert.doesNotMatch(sent.stderr, /in the rows/)
      }
    }
    // An error that nobody awaits.
    await using receiver = startBench(['receive', '--port', '0', ...used('meaning')], { cwd })
    const port = await receiver.until('port', ({ stderr }) => /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1])
    await bench(['send', PICTURE, `127.0.0.1:${port}`, '--transport', 'udp-marker', '--rate', '200M'], {
      cwd,
    })
    const { code, stderr } = await receiver.over()
    assert.equal(code, 1)
    assert.match(
      stderr,
      /\nbench: plug-in broken 1\.2: its transport udp-broken fails while receiving: no luck; mend it/,
    )
    assert.doesNotMatch(stderr, /internal error|\n +at /)
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
    assert.match(stdout, /udp-sequence/)
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
