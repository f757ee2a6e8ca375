/** What Node has compiled is kept in the user's folder, and nowhere where that cannot be. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import * as loader from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '../../support/patient.ts'

const CACHE = new URL('../../../base/compile-cache.js', import.meta.url).href
const PROGRAM = `import { keepCompiled } from ${JSON.stringify(CACHE)}; keepCompiled(); await import('node:net'); console.log('done')`

test('a folder in which nothing can be made keeps nothing, and holds nobody up', {
  skip: !('enableCompileCache' in loader) && `Node ${process.version} keeps nothing`,
}, async context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cache-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const home of ['/proc', '/dev/null', folder]) {
    const { PATH } = process.env
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', PROGRAM],
      { env: { PATH, HOME: home }, timeout: 60_000 },
    )
    assert.equal(stdout, 'done\n', home)
  }
  assert.deepEqual(readdirSync(join(folder, '.cache', 'tcp-udp-bench')), ['compiled'])
})
