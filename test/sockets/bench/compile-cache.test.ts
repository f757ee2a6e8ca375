/** What Node has compiled is kept in the user's folder, and nowhere where that cannot be. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import * as loader from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from '../../support/patient.ts'

const CACHE = new URL('../../../base/compile-cache.js', import.meta.url).href
const PROGRAM = `import { keepCompiled } from ${JSON.stringify(CACHE)}; keepCompiled(); await import('node:net'); console.log('done')`

const skip = !('enableCompileCache' in loader) && `Node ${process.version} keeps nothing`

async function keepIn(home: string): Promise<void> {
  const { PATH } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: { PATH, HOME: home },
    timeout: 60_000,
  })
  assert.equal(stdout, 'done\n', home)
}

test('a folder in which nothing can be made keeps nothing, and holds nobody up', { skip }, async context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cache-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const home of ['/proc', '/dev/null', folder]) await keepIn(home)
  assert.deepEqual(readdirSync(join(folder, '.cache', 'tcp-udp-bench')), ['compiled'])
})

test('code that others may have written is not run: a folder where they write is not used', {
  skip: skip || (process.getuid?.() !== 0 && 'needs root'),
}, async context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cache-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const own = join(folder, '.cache', 'tcp-udp-bench')
  const compiled = join(own, 'compiled')
  mkdirSync(compiled, { recursive: true })
  const entries = () => readdirSync(compiled)
  for (const each of [own, compiled]) {
    chownSync(each, 65_534, 65_534)
    await keepIn(folder)
    assert.deepEqual(entries(), [], each)
    chownSync(each, 0, 0)
    chmodSync(each, 0o777)
    await keepIn(folder)
    assert.deepEqual(entries(), [], each)
    chmodSync(each, 0o700)
  }
  await keepIn(folder)
  assert.equal(entries().length, 1)
})
