/** A command that has to succeed. */
import assert from 'node:assert/strict'
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'

const PATIENCE_MS = 300_000

/** What it wrote to standard output. Fails with all that it wrote when it does not end with 0. */
export function ran(command: string, words: readonly string[], options: SpawnSyncOptions = {}): string {
  const all = { timeout: PATIENCE_MS, ...options, encoding: 'utf8' } as const
  const { status, signal, error, stdout, stderr } = spawnSync(command, words, all)
  const how = error ?? `${status ?? signal}`
  assert.equal(status, 0, `${command} ${words.join(' ')}: ${how}\n${stdout}\n${stderr}`)
  return stdout
}
