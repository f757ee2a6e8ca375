/** What becomes of rows on Windows: patterns, backslashes, spaces, letters beyond ASCII, CRLF, UTF-16; and what a command line names. */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { bench, PICTURE } from '../e2e/cli.ts'
import { parseRows, readCsv } from '../e2e/rows.ts'
import { test } from '../support/patient.ts'
import {
  BENCH,
  benchOnWindows,
  linuxPath,
  nodeExe,
  notInSmoke,
  OTHER_NODE,
  QUICK,
  ROWS,
  windowsFolder,
  windowsPath,
} from './product.ts'

describe('results on Windows', () => {
  const done: (() => void)[] = []
  const cwd = windowsFolder({ after: each => void done.push(each as () => void) })
  /** Of a name that is a pattern to who does not look: as in `Program Files (x86)`. */
  const results = join(cwd, 'Läufe (x86)')
  const pattern = `${windowsPath(results)}\\*.csv`

  before(async () => {
    mkdirSync(results)
    copyFileSync(PICTURE, join(cwd, 'Bild ü.png'))
    // As an editor of Windows writes it: a byte order mark, and CRLF.
    writeFileSync(join(cwd, 'bild ü.yaml'), '\ufefffile: Bild ü.png\r\nrepeat: 6\r\nkeep: Behalten ü\r\n')
    const out = ['--out', 'Läufe (x86)\\windows 1.csv', '--out', `prometheus:${windowsPath(cwd)}\\werte.prom`]
    const onWindows = await benchOnWindows(['run', 'BILD*.yaml', '--quiet', ...out], cwd)
    assert.equal(onWindows.code, 0, onWindows.stderr)
    const onLinux = ['run', 'bild ü.yaml', '--quiet', '--engine', 'node', '--out', join(results, 'linux.csv')]
    assert.equal((await bench(onLinux, { cwd })).code, 0)
  })
  after(() => {
    for (const each of done) each()
  })

  test('a run by a scenario file: rows, kept pictures and metrics', () => {
    const rows = readCsv(join(results, 'windows 1.csv'))
    assert.deepEqual(new Set(rows.map(row => `${row.os} ${row.scenario}`)), new Set(['win32 bild-']))
    const kept = readdirSync(join(cwd, 'Behalten ü'))
    assert(kept.length > 0)
    const whole = readFileSync(PICTURE)
    for (const name of kept.filter(each => each.includes('-tcp')))
      assert(readFileSync(join(cwd, 'Behalten ü', name)).equals(whole), name)
    assert.match(readFileSync(join(cwd, 'werte.prom'), 'utf8'), /^bench_goodput_bytes_per_second\{/m)
    // CRLF everywhere, as RFC 4180 has it, and not twice.
    assert.doesNotMatch(readFileSync(join(results, 'windows 1.csv'), 'utf8'), /\r\r\n|[^\r]\n/)
  })

  test('compare: Windows and Linux side by side, by a pattern', async () => {
    const { code, stdout, stderr } = await benchOnWindows(['compare', pattern], cwd)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^goodput: windows 1\.csv against linux\.csv$/m)
    assert.match(stdout, /^os +linux +win32$/m)
  })

  test('report: a page and a picture', async () => {
    const words = [
      'report',
      pattern,
      '--kept',
      'Behalten ü',
      '-o',
      'Bericht ü.html',
      '-o',
      `${windowsPath(cwd)}\\bild.png`,
    ]
    const { code, stderr } = await benchOnWindows(words, cwd)
    assert.equal(code, 0, stderr)
    const page = readFileSync(join(cwd, 'Bericht ü.html'), 'utf8')
    assert.match(page, /win32/)
    assert.match(page, /linux/)
    assert.equal(readFileSync(join(cwd, 'bild.png')).toString('latin1', 1, 4), 'PNG')
  })

  test('check: 0 where a threshold holds, 3 where it is broken', { skip: notInSmoke }, async () => {
    const words = [
      'check',
      'Läufe (x86)\\windows*.csv',
      '--no-remeasure',
      '--junit',
      'Prüfung ü.xml',
      '--force',
      '--threshold',
    ]
    const passed = await benchOnWindows([...words, 'tcp.completed >= 6'], cwd)
    assert.equal(passed.code, 0, passed.stderr)
    assert.match(readFileSync(join(cwd, 'Prüfung ü.xml'), 'utf8'), /<testsuites/)
    const broken = await benchOnWindows([...words, 'tcp.goodput > 900Gbps'], cwd)
    assert.equal(broken.code, 3, broken.stderr)
  })

  test('a store takes files once; show and trend read it', { skip: notInSmoke }, async () => {
    const store = 'Speicher ü'
    const added = await benchOnWindows(['store', 'add', store, pattern], cwd)
    assert.equal(added.code, 0, added.stderr)
    assert.equal(readdirSync(join(cwd, store)).filter(name => name.endsWith('.tmp')).length, 0)
    const again = await benchOnWindows(['store', 'add', `.\\${store}`, pattern], cwd)
    assert.match(again.stdout, /there already|already/, again.stdout + again.stderr)
    for (const words of [
      ['show', store],
      ['trend', store],
    ]) {
      const { code, stdout } = await benchOnWindows(words, cwd)
      assert.equal(code, 0)
      assert.match(stdout, /tcp/)
    }
  })

  test('what PowerShell 5.1 writes with > is read: UTF-16', { skip: notInSmoke }, async () => {
    const text = readFileSync(join(results, 'windows 1.csv'), 'utf8')
    writeFileSync(join(cwd, 'utf16.csv'), Buffer.from(`\ufeff${text}`, 'utf16le'))
    const { code, stdout, stderr } = await benchOnWindows(['show', 'utf16.csv'], cwd)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^tcp /m)
  })

  test('a pattern that matches nothing, and a folder that is none, are refused in one line', {
    skip: notInSmoke,
  }, async () => {
    const nothing = await benchOnWindows(['compare', 'nichts ü\\*.csv'], cwd)
    assert.deepEqual(
      [nothing.code, nothing.stderr],
      [2, 'bench: no file matches nichts ü\\*.csv; check the path\n'],
    )
    const words = ['run', '--out', 'Q:\\nirgends\\a.csv', ...QUICK]
    const { code, stderr } = await benchOnWindows(words, cwd)
    assert.equal(code, 2, stderr)
    assert.match(stderr, /^bench: cannot write to Q:\\nirgends\\a\.csv: [^\n]+\n$/)
  })

  test('a plug-in by its path with backslashes', { skip: notInSmoke }, async () => {
    const plugin = `${BENCH}\\examples\\plugin\\udp-sequence.js`
    const words = ['run', '--plugin', plugin, '--transport', 'udp-sequence', '--size', '50000', ...ROWS]
    const { code, stdout, stderr } = await benchOnWindows(words, cwd)
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(
      parseRows(stdout).map(row => row.outcome),
      ['completed'],
    )
  })
})

describe('ab on Windows', () => {
  test('another Node by a path with backslashes, spaces and umlauts', async context => {
    const cwd = windowsFolder(context)
    const folder = join(cwd, 'anderes Node ü')
    assert(OTHER_NODE !== undefined)
    mkdirSync(folder)
    const exe = join(folder, 'node.exe')
    copyFileSync(linuxPath(nodeExe(OTHER_NODE)), exe)
    const sides = ['--a', `node=${nodeExe()}`, '--b', `node="${windowsPath(exe)}"`]
    const words = [
      '--size',
      '50000',
      '--transport',
      'tcp,udp-header',
      '--repeat',
      '2',
      '--warmup',
      '0',
      '--timeout',
      '120s',
    ]
    const { code, stdout, stderr } = await benchOnWindows(['ab', ...sides, ...words, '--out', 'ab.csv'], cwd)
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      new RegExp(`B: Node ${OTHER_NODE}\\.[\\d.]+ \\(C:\\\\Meine Daten ü\\\\.*\\\\node\\.exe\\)`),
    )
    const rows = readCsv(join(cwd, 'ab.csv'))
    assert.equal(rows.length, 8)
    assert.deepEqual(new Set(rows.map(row => row.outcome)), new Set(['completed']))
  })

  test('another build of this tool by its folder', { skip: notInSmoke }, async context => {
    const cwd = windowsFolder(context)
    const words = [
      'ab',
      '--a',
      '',
      '--b',
      `cli='${BENCH}'`,
      '--size',
      '50000',
      '--transport',
      'tcp',
      ...QUICK,
    ]
    const { code, stdout, stderr } = await benchOnWindows(words, cwd)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^A: bench [\d.]+; B: bench [\d.]+ \(C:\\Prüf stand\\bench\)$/m)
    assert(existsSync(join(cwd, 'bench-results')))
  })
})
