/** What a plug-in does to the process of a command: it leaves timers behind, throws where nothing catches it, or ends it. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { assertRefused, benchProcess, folder, startBench } from './cli.ts'

const RUN = ['run', '--size', '4k', '--repeat', '1', '--warmup', '0', '--transport', 'tcp']
const PLUGIN = 'export default { name: "odd", version: "1.2" };'
const ALIVE = 'setInterval(() => {}, 1000);'

describe('a plug-in', () => {
  test('that leaves a timer behind does not keep a command alive whose work is done', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'alive.mjs'), PLUGIN + ALIVE)
    for (const words of [['list'], RUN]) {
      const { code, stdout, stderr } = await benchProcess([...words, '--plugin', './alive.mjs'], { cwd })
      assert.equal(code, 0, stderr)
      assert.match(stdout, /tcp/)
    }
    // The exit code is that of the command.
    const refused = await benchProcess(['list', '--plugin', './alive.mjs', '--plugin', './none.mjs'], { cwd })
    assertRefused(refused, 'there is no such file')
  })

  test('that never finishes to load is ended by the first signal', async context => {
    const cwd = folder(context)
    writeFileSync(
      join(cwd, 'loading.mjs'),
      `${ALIVE} console.error('loading'); await new Promise(() => {}); ${PLUGIN}`,
    )
    await using running = startBench(['list', '--plugin', './loading.mjs'], { cwd })
    await running.until('load', ({ stderr }) => stderr.includes('loading'))
    running.kill('SIGTERM')
    const { code, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stderr, /interrupted before the plug-ins were loaded\n$/)
  })

  test('that throws or rejects where nothing catches it ends the command, with its name', async context => {
    const cwd = folder(context)
    const later = (what: string) => `${PLUGIN} ${ALIVE} setTimeout(() => { ${what} }, 300)`
    for (const [name, text] of Object.entries({
      throws: later('throw new Error("no luck")'),
      rejects: later('Promise.reject(new Error("no luck"))'),
      bare: later('throw "no luck"'),
    })) {
      writeFileSync(join(cwd, `${name}.mjs`), text)
      writeFileSync(join(cwd, 'other.mjs'), 'export default { name: "other", version: "3" }')
      const words = ['receive', '--transport', 'tcp', '--port', '0', '--plugin', './other.mjs']
      const ended = await benchProcess([...words, '--plugin', `./${name}.mjs`], { cwd })
      assert.equal(ended.code, 1, ended.stderr)
      const whose = name === 'bare' ? 'plug-ins other 3, odd 1.2' : 'plug-in odd 1.2'
      const said = `bench: ${whose}: an error that nothing catches: no luck; mend it, or leave --plugin out\n`
      assert(ended.stderr.endsWith(`\n${said}`), ended.stderr)
      assert.doesNotMatch(ended.stderr, /\n +at |internal error/)
    }
    // What was measured is kept.
    writeFileSync(join(cwd, 'end.mjs'), later('throw new Error("no luck")').replace('300', '6000'))
    const run = await benchProcess(
      [...RUN.with(RUN.indexOf('1'), '100000'), '--out', 'x.csv', '--plugin', './end.mjs'],
      { cwd },
    )
    assert.equal(run.code, 1)
    assert.match(run.stderr, /interrupted after [\d,]+ trials?, since a plug-in fails\n/)
    assert.match(run.stderr, /\nbench: plug-in odd 1\.2: an error that nothing catches: no luck; mend it/)
  })

  test('that fails or ends the process while it is loaded is refused', async context => {
    const cwd = folder(context)
    for (const [name, text, said] of [
      [
        'getter',
        'export default { name: "x", version: "1", get transports() { throw new Error("get") } }',
        'get',
      ],
      ['exit', `process.exit(0); ${PLUGIN}`, 'it ends the process before the work is done'],
    ] as const) {
      writeFileSync(join(cwd, `${name}.mjs`), text)
      assertRefused(
        await benchProcess(['list', '--plugin', `./${name}.mjs`], { cwd }),
        `--plugin ./${name}.mjs`,
        said,
      )
    }
    writeFileSync(join(cwd, 'late.mjs'), `${PLUGIN} ${ALIVE} setTimeout(() => process.exit(0), 500)`)
    const words = ['receive', '--transport', 'tcp', '--port', '0', '--plugin', './late.mjs']
    const ended = await benchProcess(words, { cwd })
    assert.equal(ended.code, 1)
    assert.match(
      ended.stderr,
      /\nbench: plug-in odd 1\.2: it ends the process before the work is done; mend it/,
    )
  })
})
