/** Golden files: what is rendered or generated, kept in the repository. `UPDATE=1 npm test` writes them anew. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Asserts that the file at `path` (from the root of the repository) holds exactly `text`; with UPDATE=1, makes it so. */
export function golden(path: string, text: string): void {
  const file = fileURLToPath(new URL(path, new URL('../../../', import.meta.url)))
  if (process.env['UPDATE'] === '1') writeFileSync(file, text)
  const kept = readFileSync(file, 'utf8')
  if (kept !== text)
    assert.fail(`${path} is not up to date; ${firstDifference(kept, text)}; UPDATE=1 npm test`)
}

/** One line of each: the whole difference of two long texts takes the test runner minutes. */
function firstDifference(kept: string, text: string): string {
  const [before, after] = [kept.split('\n'), text.split('\n')]
  const line = before.findIndex((each, index) => each !== after[index])
  const at = line < 0 ? before.length : line
  const shown = (each: string | undefined) => JSON.stringify(each?.slice(0, 300) ?? 'the end')
  return `line ${at + 1} is ${shown(before[at])} and should be ${shown(after[at])}`
}
