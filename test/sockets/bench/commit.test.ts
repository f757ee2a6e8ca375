import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { detectCommit, parseCommit } from '../../../bench/cli/commit.ts'
import { test } from '../../support/patient.ts'
import { withoutGit } from '../../support/programs.ts'

const HASH = '0123456789abcdef0123456789abcdef01234567'
const withPath = { PATH: process.env['PATH'] }

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-commit-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('the CI system’s word comes first, and HEAD is no commit', async () => {
  assert.equal(await detectCommit({ GITHUB_SHA: HASH.toUpperCase(), CI_COMMIT_SHA: 'f'.repeat(40) }), HASH)
  assert.equal(await detectCommit({ BUILDKITE_COMMIT: 'HEAD', CIRCLE_SHA1: ` ${HASH}\n` }), HASH)
})

test('git tells the commit of the folder, and whether it is as committed; other files do not count', {
  skip: withoutGit,
}, async context => {
  const path = folder(context)
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], {
      cwd: path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  git('init', '-q')
  assert.equal(await detectCommit(withPath, path), undefined, 'nothing is committed yet')
  writeFileSync(join(path, 'file'), 'one')
  git('add', 'file')
  git('commit', '-q', '-m', 'one')
  const head = git('rev-parse', 'HEAD')
  writeFileSync(join(path, 'results.csv'), 'untracked')
  assert.equal(await detectCommit(withPath, path), head)
  writeFileSync(join(path, 'file'), 'two')
  assert.equal(await detectCommit(withPath, path), `${head}-dirty`)
})

test('where there is no repository, no git, or one that fails, there is no commit and no error', async context => {
  const path = folder(context)
  assert.equal(await detectCommit({ ...withPath, GIT_CEILING_DIRECTORIES: path }, path), undefined)
  assert.equal(await detectCommit({ PATH: path }, path), undefined)
  writeFileSync(join(path, 'git'), '#!/bin/sh\necho nonsense; exit 0\n')
  chmodSync(join(path, 'git'), 0o755)
  assert.equal(await detectCommit({ PATH: path }, path), undefined)
})

test('--commit takes hashes and names, and nothing that breaks a line', () => {
  for (const good of [HASH, 'v1.2.3', 'release/2026-11', `${HASH}-dirty`])
    assert.equal(parseCommit(good), good)
  for (const bad of ['', 'two words', 'a\nb', '\u001b[31m', 'x'.repeat(101), '"'])
    assert.throws(() => parseCommit(bad), UsageError)
})
