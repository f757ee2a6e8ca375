/** `bench show`: what a run printed is printed again from its file, to the letter. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { assertRefused, bench, folder } from './cli.ts'

const SHORT = ['--warmup', '0', '--processes', '1', '--repeat', '2', '--out', 'rows.csv']

describe('bench show', { concurrency: 2 }, () => {
  for (const words of [
    ['--size', '64k', '--chunk', '1024,8192,65508', '--note', 'behind\nthe bridge'],
    ['--duration', '400ms', '--report-every', '100ms', '--streams', '2'],
    ['--duration', '300ms', '--with', 'echo-udp', '--interval', '5ms'],
    ['--fps', '50', '--frames', '5', '--size', '20k', '--transport', 'tcp,udp-multicast', '--no-chart'],
  ])
    test(`after bench run ${words.join(' ')}`, async context => {
      const cwd = folder(context)
      const ran = await bench(['run', ...words, ...SHORT], { cwd })
      assert.equal(ran.code, 0, ran.stderr)
      assert.notEqual(ran.stdout, '')
      assert.equal(/^ {2}note: behind the bridge$/m.test(ran.stdout), words.includes('--note'))
      const given = words.includes('--no-chart') ? ['--no-chart'] : []
      assert.deepEqual(await bench(['show', 'rows.csv', ...given], { cwd }), {
        ...{ code: 0, signal: ran.signal, stderr: '', stdout: ran.stdout },
      })
    })

  test('several files, some of their rows, and what is wrong with one', async context => {
    const cwd = folder(context)
    const small = ['run', '--size', '8k', '--transport', 'tcp,udp-header', ...SHORT]
    for (const out of ['cut.csv', 'rows.csv'])
      assert.equal((await bench([...small.slice(0, -1), out], { cwd })).code, 0)
    const csv = readFileSync(join(cwd, 'cut.csv'), 'utf8')
    writeFileSync(join(cwd, 'cut.csv'), csv.slice(0, -9))
    const both = await bench(['show', 'rows.csv', 'cut.csv', '--filter', 'transport=tcp'], { cwd })
    assert.equal(both.code, 0)
    assert.match(both.stderr, /^cut\.csv: .* it is cut off\n$/)
    assert.match(both.stdout, /^rows\.csv\n/)
    assert.match(both.stdout, /\n\ncut\.csv\n/)
    assert.match(both.stdout, /^tcp .* 2 completed$/m)
    assert.doesNotMatch(both.stdout, /^udp-header/m)
    assertRefused(await bench(['show', 'none.csv'], { cwd }), 'none.csv')
    writeFileSync(join(cwd, 'empty.csv'), csv.split('\r\n')[0] ?? '')
    assertRefused(await bench(['show', 'empty.csv'], { cwd }), 'empty.csv')
    assertRefused(await bench(['show'], { cwd }), 'bench show needs results; name files')
    assertRefused(await bench([...small, '--note', ' '], { cwd }), '--note: a note has 1 to 1000 characters')
  })
})
