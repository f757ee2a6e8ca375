/** A file system that is soon full. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** One of so many KiB in a folder of its own; undefined, and the test skipped, where none can be mounted. */
export function mountSmall(context: TestContext, kib: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'bench-e2e-small-'))
  context.after(() => {
    spawnSync('umount', [path])
    rmdirSync(path)
  })
  const words = ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', path]
  const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' })
  if (status === 0) return path
  context.skip(`no small file system can be mounted here: ${stderr}`)
  return undefined
}
