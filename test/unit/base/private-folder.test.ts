/** Where code may lie that is run. */
import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { privateFolder, userCache } from '../../../base/private-folder.ts'

const withoutUsers = process.platform === 'win32' && 'Windows has no modes'
const withoutRoot = process.getuid?.() !== 0 && 'only root gives a folder away'
const SOMEBODY = 4242

function folder(context: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'bench-private-'))
  context.after(() => rmSync(made, { recursive: true }))
  return made
}

test('a private folder is made with the one that it is in, and found again', context => {
  const path = join(folder(context), 'cache', 'own')
  assert.deepEqual([privateFolder(path), privateFolder(path)], [path, path])
})

test('a folder that others could write to is not used, nor a link to one', {
  skip: withoutUsers,
}, context => {
  const place = folder(context)
  mkdirSync(join(place, 'open'))
  chmodSync(join(place, 'open'), 0o777)
  symlinkSync(privateFolder(join(place, 'real')), join(place, 'link'))
  for (const name of ['open', 'link']) assert.throws(() => privateFolder(join(place, name)), /only you can/)
})

test('root uses no folder of another user, and leaves nothing there', { skip: withoutRoot }, context => {
  const home = folder(context)
  chownSync(home, SOMEBODY, SOMEBODY)
  assert.throws(() => userCache({ XDG_CACHE_HOME: join(home, 'cache') }), {
    message: `${home} belongs to another user`,
  })
  assert.deepEqual(readdirSync(home), [])
  mkdirSync(join(home, 'own'), { mode: 0o700 })
  chownSync(join(home, 'own'), SOMEBODY, SOMEBODY)
  assert.throws(() => privateFolder(join(home, 'own')), /only you can/)
})
