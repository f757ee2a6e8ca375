import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { appendRuns, historyFiles } from '../../../results/history/folder.ts'
import { encode } from '../../../results/store/formats.ts'
import { test } from '../../support/patient.ts'
import { record, rounds, stream } from '../../support/results-samples.ts'

/** A process that keeps `count` runs of `rows` rows each, one after another, and says each one's name. */
const WRITER = `
import { basename } from 'node:path'
import { appendRuns } from ${JSON.stringify(new URL('../../../results/history/folder.js', import.meta.url).href)}
import { rounds, stream } from ${JSON.stringify(new URL('../../support/results-samples.js', import.meta.url).href)}
const [folder, letter, count, rows] = process.argv.slice(1)
for (let i = 0; i < Number(count); i++) {
  const letters = [...String(i).padStart(3, '0')].map(digit => 'abcdefghij'[Number(digit)]).join('')
  const run_id = '20261101T120000Z-' + letter + letters
  const [kept] = appendRuns(folder, rounds(Number(rows), () => stream(1e9, { run_id })))
  process.stdout.write(basename(kept.path) + '\\n')
}`

interface Writer {
  readonly pid: number
  readonly names: string[]
  readonly ended: Promise<string>
  kill(): void
}

function startWriter(folder: string, letter: string, count: number, rows: number): Writer {
  const words = ['--input-type=module', '-e', WRITER, folder, letter, String(count), String(rows)]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const names: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    names.push(...lines)
  })
  const ended = new Promise<string>(resolve => {
    child.once('close', (code, signal) => resolve(`${code ?? signal}`))
  })
  return { pid: child.pid ?? 0, names, ended, kill: () => child.kill('SIGKILL') }
}

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-history-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Rows of a file, the header not counted; whole ones only. */
function rowsOf(path: string): number {
  const text = readFileSync(path, 'utf8')
  assert.ok(text.endsWith('\r\n'), `${path} ends with a whole row`)
  return text.split('\r\n').length - 2
}

const names = (path: string) => (historyFiles(path) ?? []).map(each => each.slice(path.length + 1))

test('a run is kept under its own name, in a folder that is made, as the CSV that a run writes', context => {
  const path = join(folder(context), 'not', 'there', 'yet')
  const rows = rounds(3, () => stream(1e9))
  const kept = appendRuns(path, rows)
  assert.deepEqual(kept, [{ path: join(path, '20260301T120000Z-abcd.csv'), added: true }])
  assert.equal(readFileSync(kept[0]?.path ?? '', 'utf8'), encode('csv', rows))
  assert.deepEqual(readdirSync(path), ['20260301T120000Z-abcd.csv'])
})

test('rows of several runs become a file each', context => {
  const path = folder(context)
  appendRuns(path, [
    record({ run_id: '20260302T120000Z-bbbb' }),
    record({ run_id: '20260301T120000Z-aaaa' }),
    record({ run_id: '20260302T120000Z-bbbb', trial: 2 }),
  ])
  assert.deepEqual(names(path), ['20260301T120000Z-aaaa.csv', '20260302T120000Z-bbbb.csv'])
  assert.equal(rowsOf(join(path, '20260302T120000Z-bbbb.csv')), 2)
})

test('a run that is there already is not written again', context => {
  const path = folder(context)
  const [first] = appendRuns(path, [record()])
  const text = readFileSync(first?.path ?? '', 'utf8')
  assert.deepEqual(appendRuns(path, [record(), record({ trial: 2 })]), [{ path: first?.path, added: false }])
  assert.equal(readFileSync(first?.path ?? '', 'utf8'), text)
  assert.equal(readdirSync(path).length, 1)
})

test('what a file calls its run never leads out of the folder', context => {
  const path = join(folder(context), 'history')
  const hostile = [
    '../../outside',
    '/etc/x',
    'a\u0000b',
    '',
    'x'.repeat(5000),
    'CON',
    '20260301T120000Z-ABCD',
  ]
  for (const run_id of hostile) appendRuns(path, [record({ run_id })])
  appendRuns(path, [record({ run_id: 'undated', started_at: 'never' })])
  assert.equal(names(path).length, hostile.length + 1)
  for (const name of names(path)) assert.match(name, /^(?:\d{8}T\d{6}|undated)Z?-[0-9a-z]+\.csv$/)
  assert.deepEqual(readdirSync(join(path, '..')), ['history'])
})

test('two processes that write 50 runs each at once lose none and spoil none', async context => {
  const path = folder(context)
  const writers = [startWriter(path, 'x', 50, 40), startWriter(path, 'y', 50, 40)]
  for (const writer of writers) assert.equal(await writer.ended, '0')
  assert.equal(names(path).length, 100)
  assert.deepEqual(readdirSync(path).sort(), names(path), 'nothing else is left')
  for (const name of names(path)) assert.equal(rowsOf(join(path, name)), 40)
})

test('two processes that keep the same runs at once leave each once, and whole', async context => {
  const path = folder(context)
  const writers = [startWriter(path, 'x', 50, 40), startWriter(path, 'x', 50, 40)]
  for (const writer of writers) assert.equal(await writer.ended, '0')
  assert.equal(names(path).length, 50)
  for (const name of names(path)) assert.equal(rowsOf(join(path, name)), 40)
})

test('kill -9 in the middle leaves whole runs only, and all that were told', async context => {
  const path = folder(context)
  let told = 0
  for (const letter of ['p', 'q', 'r']) {
    const writer = startWriter(path, letter, 1000, 500)
    while (writer.names.length < 2) await new Promise(resolve => setTimeout(resolve, 5))
    // At whatever it is doing now: making rows, writing, syncing or linking.
    await new Promise(resolve => setTimeout(resolve, 7 * (letter.charCodeAt(0) % 5)))
    writer.kill()
    assert.equal(await writer.ended, 'SIGKILL')
    for (const name of writer.names) assert.ok(names(path).includes(name), name)
    told += writer.names.length
  }
  assert.ok(names(path).length - told <= 3, 'of each writer at most the run that it had no time to tell')
  for (const name of names(path)) assert.equal(rowsOf(join(path, name)), 500)
})

test('only files of results are files of the history', context => {
  const path = folder(context)
  assert.deepEqual(historyFiles(path), [])
  for (const name of ['b.csv', 'a.json', 'c.JSONL', 'README.md', '.gitkeep', '.x.csv.0f.tmp', '.hidden.csv'])
    writeFileSync(join(path, name), '')
  mkdirSync(join(path, 'folder.csv'))
  symlinkSync(join(path, 'b.csv'), join(path, 'link.csv'))
  if (process.platform !== 'win32') spawnSync('mkfifo', [join(path, 'pipe.csv')])
  assert.deepEqual(names(path), ['a.json', 'b.csv', 'c.JSONL', 'link.csv'])
  assert.equal(historyFiles(join(path, 'none')), undefined)
})

test('a folder that cannot be had is one line with what to do', context => {
  const path = folder(context)
  const file = join(path, 'file')
  writeFileSync(file, '')
  const oneLine = (run: () => unknown, pattern: RegExp) =>
    assert.throws(run, (error: unknown) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, pattern)
      assert.doesNotMatch(error.message, /\n/)
      return true
    })
  oneLine(
    () => appendRuns(file, [record()]),
    /cannot write to the history \S+\/file: it is not a folder; name a folder$/,
  )
  oneLine(() => historyFiles(file), /cannot read the history \S+\/file: it is not a folder; name a folder$/)
  oneLine(() => appendRuns(join(file, 'under'), [record()]), /it is not a folder/)
  oneLine(() => appendRuns('', [record()]), /the history "": the name is empty/)
  oneLine(() => historyFiles(''), /the history "": the name is empty/)
  oneLine(() => appendRuns(join(path, 'x'.repeat(300)), [record()]), /the name is too long/)
  if (existsSync('/proc/self'))
    oneLine(() => appendRuns('/proc/self/history', [record()]), /; name another folder$/)
})

test('a folder that may not be written to is one line', context => {
  if (process.getuid?.() === 0) return context.skip('root may write everywhere')
  const path = folder(context)
  chmodSync(path, 0o500)
  assert.throws(() => appendRuns(path, [record()]), /permission denied; name a folder that you may write to/)
})

test('on a full disk it is told, and no half run stays', context => {
  const path = mkdtempSync(join(tmpdir(), 'bench-history-small-'))
  context.after(() => {
    spawnSync('umount', [path])
    rmSync(path, { recursive: true, force: true })
  })
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]).status !== 0)
    return context.skip('only root may mount a small file system')
  appendRuns(
    path,
    rounds(10, () => stream(1e9)),
  )
  const large = rounds(1000, () => stream(1e9, { run_id: '20260302T120000Z-abcd' }))
  assert.throws(
    () => appendRuns(path, large),
    (error: unknown) =>
      error instanceof SetupError && /no space left there \(ENOSPC\); make room/.test(error.message),
  )
  assert.deepEqual(readdirSync(path), ['20260301T120000Z-abcd.csv'])
  assert.equal(rowsOf(join(path, '20260301T120000Z-abcd.csv')), 10)
})
