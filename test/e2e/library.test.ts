/** The library, as a program in TypeScript uses it: the example compiles against the published types, and runs. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runPairs, runScenario } from '../../bench/index.ts'
import { test } from '../support/patient.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const EXAMPLE = join(ROOT, 'examples/library/best-chunk.ts')
const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
const NODE = [
  '--module',
  'nodenext',
  '--target',
  'es2023',
  '--types',
  'node',
  '--skipLibCheck',
  '--ignoreConfig',
]

describe('the library', { concurrency: 2 }, () => {
  test('has an example that compiles and runs', context => {
    // Within the package, so that its own name leads to it.
    const out = mkdtempSync(join(ROOT, 'dist/example-'))
    context.after(() => rmSync(out, { recursive: true }))
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    const compiled = spawnSync(
      process.execPath,
      [tsc, ...STRICT, ...NODE, '--rootDir', ROOT, '--outDir', out, EXAMPLE],
      {
        encoding: 'utf8',
        cwd: ROOT,
      },
    )
    assert.equal(compiled.status, 0, compiled.stdout)
    const ran = spawnSync(process.execPath, [join(out, 'examples/library/best-chunk.js')], {
      encoding: 'utf8',
    })
    assert.match(ran.stdout, /^(512|1024|8192) B: \d+ Mbit\/s\n$/, ran.stderr)
  })

  const small = { size: '64k', transport: 'udp-header', repeat: 1000 }
  for (const [name, records] of [
    ['runScenario', (signal: AbortSignal) => runScenario(small, { signal })],
    ['runPairs', (signal: AbortSignal) => runPairs(small, { a: {}, b: {} }, { signal })],
  ] as const)
    test(`${name} ends with the reason of its signal, beforehand and in the middle`, async () => {
      const reason = new Error('enough')
      const controller = new AbortController()
      let count = 0
      const run = async () => {
        for await (const { outcome } of records(controller.signal)) {
          assert.equal(outcome, 'completed')
          if (++count === 2) controller.abort(reason)
        }
      }
      await assert.rejects(run(), each => each === reason)
      assert.equal(count, 2)
      await assert.rejects(run(), each => each === reason)
      assert.equal(count, 2)
    })
})
