/** Golden files: what is rendered or generated, kept in the repository. `UPDATE=1 npm test` writes them anew. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Asserts that the file at `path` (from the root of the repository) holds exactly `text`; with UPDATE=1, makes it so. */
export function golden(path: string, text: string): void {
  const file = fileURLToPath(new URL(path, new URL('../../', import.meta.url)))
  if (process.env['UPDATE'] === '1') writeFileSync(file, text)
  assert.equal(
    text,
    readFileSync(file, 'utf8'),
    `${path} is not up to date; read the difference, then UPDATE=1 npm test`,
  )
}
