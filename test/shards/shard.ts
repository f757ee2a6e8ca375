/**
 * Runs every n-th file of some folders of tests, all in this process: starting one for each file takes longer than most of their tests, and
 * what several files need (a resident, Chromium) is started once.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TESTS = fileURLToPath(new URL('..', import.meta.url))

/** Folders, and how many processes run their files. `quick` opens no socket and starts no process. */
export const SHARDED = {
  quick: { folders: ['golden', 'property', 'unit'], shards: 2 },
  browser: { folders: ['browser'], shards: 1 },
  compliance: { folders: ['compliance'], shards: 1 },
  e2e: { folders: ['e2e'], shards: 8 },
  sockets: { folders: ['sockets'], shards: 2 },
} as const

/** How long a shard may take to end after its last test. */
const LET_GO_MS = 30_000

/** @param shard from 0 */
export async function runShard(name: keyof typeof SHARDED, shard: number): Promise<void> {
  const { folders, shards } = SHARDED[name]
  const files = folders
    .flatMap(folder =>
      readdirSync(join(TESTS, folder), { recursive: true, encoding: 'utf8' }).map(file =>
        join(TESTS, folder, file),
      ),
    )
    .filter(file => file.endsWith('.test.js'))
    .sort()
    .filter((_, index) => index % shards === shard)
  const loading = load(files)
  // Tests run one after another, so those of all files are known when the first of them runs: Node's runner is done once it knows of none.
  test(`${name}, shard ${shard + 1} of ${shards}: every file is loaded`, () => loading)
  after(() => {
    setTimeout(failOpen, LET_GO_MS).unref()
  })
  await loading
}

async function load(files: readonly string[]): Promise<void> {
  assert(files.length > 0)
  for (const file of files) await import(pathToFileURL(file).href)
}

/** A shard that does not end says what keeps it. */
function failOpen(): void {
  process.stderr.write(`left open by a test: ${process.getActiveResourcesInfo().join(', ')}\n`)
  process.exit(1)
}
