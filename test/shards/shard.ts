/**
 * Runs every n-th file of the tests that open no sockets and start no processes, all in this process: starting one for each of some hundred
 * files takes longer than their tests. Not with --test-force-exit, which would end it after the tests of the first files.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TESTS = fileURLToPath(new URL('..', import.meta.url))
export const SHARDED = ['golden', 'property', 'unit'] as const
const SHARDS = 2

/** @param shard from 0 */
export async function runShard(shard: number): Promise<void> {
  const files = SHARDED.flatMap(folder =>
    readdirSync(join(TESTS, folder), { recursive: true, encoding: 'utf8' }).map(file =>
      join(TESTS, folder, file),
    ),
  )
    .filter(file => file.endsWith('.test.js'))
    .sort()
  for (const file of files.filter((_, index) => index % SHARDS === shard))
    await import(pathToFileURL(file).href)
}
