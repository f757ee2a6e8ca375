/** The words of a side are split as a shell would split them, but for backslashes on Windows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { splitSideWords } from '../../../bench/cli/paired/side-words.ts'

test('spaces separate, quotes hold together, a backslash escapes', () => {
  assert.deepEqual(splitSideWords(`engine=node "node=/opt/my node" a\\ b 'c\\d'`, 'linux'), [
    'engine=node',
    'node=/opt/my node',
    'a b',
    'c\\d',
  ])
})

test('on Windows a backslash is a part of a path, within quotes and without', () => {
  for (const [written, words] of [
    ['node=C:\\node\\node.exe engine=node', ['node=C:\\node\\node.exe', 'engine=node']],
    ['node="C:\\Program Files\\node.exe"', ['node=C:\\Program Files\\node.exe']],
    ["node='C:\\Program Files\\node.exe'", ['node=C:\\Program Files\\node.exe']],
    ['cli=\\\\server\\share\\', ['cli=\\\\server\\share\\']],
  ] as const)
    assert.deepEqual(splitSideWords(written, 'win32'), words)
})

test('a quote without its end is a usage error on every system', () => {
  for (const platform of ['linux', 'win32', 'darwin'] as const)
    assert.throws(() => splitSideWords('node="x', platform), UsageError)
})
