/** A command that has to succeed. */
import assert from 'node:assert/strict'
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const PATIENCE_MS = 300_000

/** What it wrote to standard output. Fails with all that it wrote when it does not end with 0. */
export function ran(command: string, words: readonly string[], options: SpawnSyncOptions = {}): string {
  const all = { timeout: PATIENCE_MS, ...options, encoding: 'utf8' } as const
  const { status, signal, error, stdout, stderr } = spawnSync(command, words, all)
  const how = error ?? `${status ?? signal}`
  assert.equal(status, 0, `${command} ${words.join(' ')}: ${how}\n${stdout}\n${stderr}`)
  return stdout
}

/** Runs the main command on the best engine of this system, and a report. @returns the rows, without their head, and the page */
export function measured(bench: (...words: readonly string[]) => string, folder: string): [string[], string] {
  const engine = process.platform === 'linux' ? 'native' : 'node'
  const what = ['--size', '64k', '--chunk', '1024', '--repeat', '2', '--engine', engine]
  bench('run', ...what, '--out', 'rows.csv')
  bench('report', 'rows.csv', '-o', 'report.html')
  const [, ...rows] = readFileSync(join(folder, 'rows.csv'), 'utf8').trim().split('\n')
  return [rows, readFileSync(join(folder, 'report.html'), 'utf8')]
}
