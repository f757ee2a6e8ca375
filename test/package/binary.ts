/** The single executable of this system, as somebody has it who has neither Node nor the package. `npm run test:package` builds it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { measured, ran } from '../support/ran.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const NAME = join(ROOT, `dist/release/bench-${process.platform}-${process.arch}`)
const EXECUTABLE = process.platform === 'win32' ? `${NAME}.exe` : NAME
const WORK = mkdtempSync(join(tmpdir(), 'bench-binary-'))
after(() => rmSync(WORK, { recursive: true, force: true }))
const [cache, temporary, empty] = ['cache', 'temporary', 'empty'].map(name => {
  mkdirSync(join(WORK, name), { mode: 0o700 })
  return join(WORK, name)
}) as [string, string, string]
/** No Node in PATH, nothing of npm. */
const env = { PATH: '/nonexistent', HOME: WORK, XDG_CACHE_HOME: cache, TMPDIR: temporary, LC_ALL: 'C.UTF-8' }
const options = { cwd: empty, env }
const bench = (...words: readonly string[]) => ran(EXECUTABLE, words, options)
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** The one folder of the program in a folder for several, beside what Node keeps compiled. */
const unpacked = (place: string) => {
  const [name = '', ...more] = readdirSync(place).filter(each => each !== 'compiled')
  assert.deepEqual(more, [])
  return join(place, name)
}

describe('the single executable', () => {
  test('says its version, and unpacks itself where only its user may read', () => {
    assert.equal(bench('--version'), `${version}\n`)
    const place = join(cache, 'tcp-udp-bench')
    for (const folder of [place, unpacked(place)]) assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.equal(statSync(join(unpacked(place), 'dist/bench/cli.js')).mode & 0o077, 0)
  })

  test('measures by its own agents on the best engine, shows the rows and draws them', () => {
    const [rows, page] = measured(bench, empty)
    assert.equal(rows.length, 6)
    for (const row of rows) assert.match(row, /,(?:native|node),.*,26\.\d+\.\d+,/)
    assert.match(page, /udp-marker/)
    bench('report', 'rows.csv', '-o', 'report.png')
    assert.equal(readFileSync(join(empty, 'report.png')).toString('latin1', 1, 4), 'PNG')
    assert.match(bench('show', 'rows.csv'), /udp-header/)
  })

  test('loads a plug-in by its path, and compares itself with another Node', () => {
    const plugin = join(ROOT, 'examples/plugin/udp-sequence.js')
    const few = ['--size', '64k', '--repeat', '2']
    bench('run', '--plugin', plugin, '--transport', 'udp-sequence', ...few, '--out', 'plugin.csv')
    bench(
      'ab',
      '-a',
      `node=${process.execPath}`,
      '-b',
      'engine=node',
      '--transport',
      'tcp',
      ...few,
      '--out',
      'ab.csv',
    )
    assert.ok(readFileSync(join(empty, 'ab.csv'), 'utf8').includes(process.versions.node))
  })

  test('says in one line that it cannot load optional packages', () => {
    bench('store', 'add', 'store', 'rows.csv')
    const { status, stderr } = spawnSync(EXECUTABLE, ['query', 'select 1', 'store'], {
      ...options,
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    assert.match(
      stderr,
      /^bench: cannot load [^\n]*a single executable cannot load packages: npm install [^\n]*\n$/,
    )
  })

  test('mends a file that was changed since it was unpacked', () => {
    const file = join(unpacked(join(cache, 'tcp-udp-bench')), 'dist/bench/cli.js')
    const before = readFileSync(file)
    writeFileSync(file, 'process.exit(9)')
    assert.equal(bench('--version'), `${version}\n`)
    assert.deepEqual(readFileSync(file), before)
  })

  test('uses no folder that others can write to', () => {
    chmodSync(join(cache, 'tcp-udp-bench'), 0o777)
    assert.equal(bench('--version'), `${version}\n`)
    const [other = ''] = readdirSync(temporary)
    assert.match(other, /^tcp-udp-bench-\d+$/)
    chmodSync(join(temporary, other), 0o770)
    const { status, stderr } = spawnSync(EXECUTABLE, ['--version'], { ...options, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(
      stderr,
      /^bench: cannot unpack the program: [^\n]*only you[^\n]*; set XDG_CACHE_HOME or TMPDIR [^\n]*\n$/,
    )
  })

  test('leaves nothing half written where there is no room', {
    skip: process.getuid?.() !== 0 && 'only root mounts',
  }, () => {
    const small = join(WORK, 'small')
    mkdirSync(small)
    const script = `mount -t tmpfs -o size=3m,mode=700 small "$0"
export XDG_CACHE_HOME="$0" TMPDIR="$0"
for turn in 1 2; do "$1" --version; done
find "$0" -regex '.*\\.[0-9]+'`
    const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, small, EXECUTABLE], {
      encoding: 'utf8',
    })
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^(?:bench: cannot unpack the program: ENOSPC[^\n]*; set XDG_CACHE_HOME [^\n]*\n){2}$/,
    )
  })

  test('lists what is in it, with its licences', () => {
    const { components, bomFormat } = JSON.parse(readFileSync(`${NAME}.cdx.json`, 'utf8'))
    assert.equal(bomFormat, 'CycloneDX')
    const names: readonly string[] = components.map(({ name }: { name: string }) => name)
    const licenses = readFileSync(`${NAME}.LICENSES.txt`, 'utf8')
    for (const name of ['koffi', '@resvg/resvg-js', 'zod', 'echarts', '@fontsource/inter', 'node'])
      assert.ok(names.includes(name), name)
    for (const name of ['typescript', 'esbuild', 'playwright-core']) assert.ok(!names.includes(name), name)
    for (const text of [
      '--- Node.js',
      '--- zod',
      'Niels Martignène',
      'Mozilla Public License',
      'SIL OPEN FONT',
    ])
      assert.ok(licenses.includes(text), text)
  })
})
