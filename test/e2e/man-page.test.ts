/** The manual page that is shipped. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from '../support/patient.ts'
import { without } from '../support/programs.ts'

const ROOT = new URL('../../../', import.meta.url)

test('the manual page is where the package says, and groff has nothing to say of it', {
  skip: without('groff'),
}, () => {
  const { man } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
  const words = ['-man', '-Tutf8', '-ww', fileURLToPath(new URL(man, ROOT))]
  const { status, stdout, stderr } = spawnSync('groff', words, { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(stdout, /^BENCH\(1\) [\s\S]* what TCP and UDP really do /)
})
