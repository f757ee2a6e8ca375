/**
 * The executable of Windows x64, under wine 10 in a Debian 13 of its own: Node 24 and later do not start under older ones. Takes minutes.
 * `npm run test:windows-binary` builds it.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { assertRounds, readCsv } from '../../e2e/rows.ts'
import { DebianRoot, withoutRoot } from '../../support/debian-root.ts'

const EXECUTABLE = fileURLToPath(new URL('../../../release/bench-win32-x64.exe', import.meta.url))
const FOLDER = 'root/wine/drive_c/a bench'
const PREPARE = 'wineboot --init && winecfg -v win10; wineserver --wait'
/** Programs of Windows cannot use a pipe of Linux. */
const RUN = `cd "/${FOLDER}" && wine bench.exe "$@" </dev/null >/root/said 2>/root/warned; code=$?; cat /root/said; cat /root/warned >&2; exit $code`

test('the executable of Windows measures and reports under wine', { skip: withoutRoot }, () => {
  using debian = new DebianRoot(['wine', 'wine64'])
  const wine = (script: string, ...words: readonly string[]) => {
    const settings = 'export WINEPREFIX=/root/wine WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="'
    return debian.run(`${settings}; ${script}`, ...words).replaceAll('\r', '')
  }
  const bench = (...words: readonly string[]) => wine(RUN, ...words)
  wine(PREPARE)
  mkdirSync(join(debian.path, FOLDER))
  cpSync(EXECUTABLE, join(debian.path, FOLDER, 'bench.exe'))
  assert.match(bench('--version'), /^\d+\.\d+\.\d+\n$/)
  for (const engine of ['native', 'node']) {
    const words = ['--size', '64k', '--chunk', '1024', '--repeat', '2', '--engine', engine, '--force']
    bench('run', ...words, '--out', 'rows.csv')
    const rows = readCsv(join(debian.path, FOLDER, 'rows.csv'))
    assertRounds(rows, 2, 3)
    for (const row of rows) {
      assert.deepEqual(
        [row.os, row.engine, row.sender_binding],
        ['win32', engine, engine === 'native' ? 'koffi' : undefined],
      )
      assert.match(row.node_version, /^26\./)
    }
  }
  bench('report', 'rows.csv', '-o', 'report.html', '-o', 'report.png')
  const png = readFileSync(join(debian.path, FOLDER, 'report.png'))
  assert.equal(png.toString('latin1', 1, 4), 'PNG')
})
