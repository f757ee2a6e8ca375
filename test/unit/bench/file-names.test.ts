/** Patterns are expanded where the shell did not do it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { expandFileNames, expandResultNames } from '../../../bench/cli/file-names.ts'
import { filesIn, makeStore } from '../../../results/archive/folder.ts'

test('a pattern stands for the files that match it, sorted; other names stay as they are', context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-names-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  for (const name of ['b.csv', 'a.csv', 'c.txt', 'odd[1].csv', '=1.csv']) writeFileSync(at(name), '')
  assert.deepEqual(expandFileNames([at('nothing.csv'), '-', at('?.csv')]), [
    at('nothing.csv'),
    '-',
    at('a.csv'),
    at('b.csv'),
  ])
  assert.deepEqual(expandFileNames([at('odd[1].csv')]), [at('odd[1].csv')], 'that file is there')
  assert.deepEqual(expandFileNames([`${folder}\\*.txt`], 'win32'), [at('c.txt')])
  assert.throws(() => expandFileNames([at('*.json')]), {
    name: UsageError.name,
    message: `no file matches ${at('*.json')}; check the path`,
  })
})

test('a store stands for its files; one without any is an error, and not nothing', context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-names-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  makeStore(folder)
  assert.throws(() => expandResultNames(['other.csv', folder]), {
    name: UsageError.name,
    message: `the store ${folder} has no files; bench store add ${folder} FILE adds some`,
  })
  const file = join(filesIn(folder), 'a.csv')
  writeFileSync(file, '')
  assert.deepEqual(expandResultNames([folder]), [file])
})
