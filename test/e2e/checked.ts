/** Two measured files, a quick and a slow one, and a folder for each test, of what `bench check` is tried with. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import { inProcess } from '../support/in-process.ts'

/** So slow that nothing but its pace decides, against what no machine is as slow as, however busy. */
export const QUICK = [
  '--size',
  '16k',
  '--transport',
  'udp-header',
  '--rate',
  '200M',
  '--repeat',
  '8',
  '--warmup',
  '0',
]
export const SLOW = [
  '--size',
  '16k',
  '--transport',
  'udp-header',
  '--rate',
  '4M',
  '--repeat',
  '8',
  '--warmup',
  '0',
]
export const FELL =
  /udp-header: goodput fell by [5-9]\d\.\d % \(95 %: −\S+ to −\S+ %\), from \S+ Mbit\/s to [234]\.\d+ Mbit\/s; p <0\.001, 8 trials/

/** Columns of a terminal on which nothing wraps. */
export const WIDE = 2000

const shared = mkdtempSync(join(tmpdir(), 'bench-check-'))
process.once('exit', () => rmSync(shared, { recursive: true, force: true }))
export const quick = join(shared, 'quick.csv')
export const slow = join(shared, 'slow.csv')
/** The working directory of each test. */
export let cwd = ''
let measured: Promise<void> | undefined

/** Call it in a suite: both files are measured before its tests, once, and each test has a folder of its own as its working directory. */
export function useMeasured(): void {
  const home = process.cwd()
  before(() => {
    measured ??= measure()
    return measured
  })
  beforeEach(() => {
    cwd = mkdtempSync(join(shared, 'test-'))
    process.chdir(cwd)
  })
  after(() => process.chdir(home))
}

async function measure(): Promise<void> {
  await told(['run', ...QUICK, '--out', quick, '-q'], 0)
  // As quick as they were asked to be, which a busy machine is not: slower than a slow one it must not be.
  edited(quick, quick, 'goodput_bps', row => String(19e7 + row * 1e6))
  await told(['run', ...SLOW, '--out', slow, '-q'], 0)
}

/** Runs it, and looks at how it ended and at what it said. */
export async function told(
  words: readonly string[],
  exit: number,
  ...patterns: readonly RegExp[]
): Promise<string> {
  const { code, stdout, stderr } = await inProcess(words, WIDE)
  assert.equal(code, exit, stdout + stderr)
  for (const pattern of patterns) assert.match(exit === 2 ? stderr : stdout, pattern)
  return stdout
}

export function rowsOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\r\n')
}

/** A file with another value in a column of every row. */
export function edited(path: string, to: string, column: string, value: (row: number) => string): string {
  const [header = '', ...rows] = rowsOf(path)
  const at = header.split(',').indexOf(column)
  const changed = rows.map((row, index) => row.split(',').with(at, value(index)).join(','))
  writeFileSync(to, [header, ...changed, ''].join('\r\n'))
  return to
}
