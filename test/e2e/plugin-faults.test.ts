/** Plug-ins that are none, hang or throw: each is named in a line, with what it was doing. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import {
  assertOneLine,
  assertRefused,
  bench,
  benchProcess,
  type Ended,
  folder,
  PICTURE,
  startBench,
} from './cli.ts'

/** `tcp-udp-bench/transports`, for a module that is not within the package. */
const TRANSPORTS = new URL('../../transports/index.js', import.meta.url).href

describe('a plug-in', () => {
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
    assertRefused(hangs, '--plugin ./hang.mjs: it waits for what never comes')
    const sinks = {
      async: 'async () => ({})',
      rejects: '() => Promise.reject(new Error("no luck"))',
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
      assert.match(ended.stderr, /the sink \.lines of plug-in lines 2\.0 fails in (open|write): /)
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
})
