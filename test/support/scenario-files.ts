/** Scenario files in a folder that is gone after the tests. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { UsageError } from '../../base/errors.ts'
import { loadScenario } from '../../scenarios/load.ts'
import type { Rules } from '../../scenarios/read.ts'

export const KNOWN = {
  transports: ['tcp', 'udp-header', 'udp-marker'],
  workloads: ['transfer'],
  engines: ['native', 'node'],
}
export const folder = mkdtempSync(join(tmpdir(), 'scenarios-'))
export const mine = join(folder, 'mine.yaml')
after(() => rmSync(folder, { recursive: true, force: true }))

/** Reads this text as a file, `mine`. */
export function load(text: string, conflicts?: Rules['conflicts']) {
  writeFileSync(mine, text)
  return loadScenario(mine, { known: KNOWN, conflicts })
}

/** Fails with one line that has its place in the file, and this message. */
export function fails(text: string, message: string): void {
  const told = thrownBy(() => load(text))
  assert(told.startsWith(`${mine}:`), told)
  assert(told.includes(message), `${told}\nlacks ${message}`)
  assert.match(told, /^[^\n\r]*$/)
  assert.match(told.slice(mine.length), /^:\d+:\d+: /)
}

/** The message of the UsageError that it throws. */
export function thrownBy(action: () => unknown): string {
  try {
    action()
  } catch (thrown) {
    assert(thrown instanceof UsageError, String(thrown))
    return thrown.message
  }
  return assert.fail('nothing was thrown')
}
