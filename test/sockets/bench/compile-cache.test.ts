/** What Node has compiled is kept in the user's folder, and nowhere where that cannot be. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import * as loader from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '../../support/patient.ts'

const CACHE = new URL('../../../base/compile-cache.js', import.meta.url).href
const PROGRAM = `import { keepCompiled } from ${JSON.stringify(CACHE)}; keepCompiled(); await import('node:net'); console.log('done')`

const skip = !('enableCompileCache' in loader) && `Node ${process.version} keeps nothing`

async function started(HOME: string): Promise<string> {
  const { PATH } = process.env
  const words = ['--input-type=module', '--eval', PROGRAM]
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: { PATH, HOME },
    timeout: 60_000,
  })
  return stdout
}

test('a folder in which nothing can be made keeps nothing, and holds nobody up', { skip }, async context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cache-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const home of ['/proc', '/dev/null', folder]) assert.equal(await started(home), 'done\n', home)
  assert.deepEqual(readdirSync(join(folder, '.cache', 'tcp-udp-bench')), ['compiled'])
})

test('root neither takes code from another user nor leaves any there', {
  skip: skip || (process.getuid?.() !== 0 && 'only root can'),
}, async context => {
  const home = mkdtempSync(join(tmpdir(), 'bench-cache-'))
  context.after(() => rmSync(home, { recursive: true, force: true }))
  chownSync(home, 4242, 4242)
  assert.equal(await started(home), 'done\n')
  assert.deepEqual(readdirSync(home), [])
})
