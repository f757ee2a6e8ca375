/** `bench aa` from the outside: equal sides, the noise that they show, and its use in `bench ab --noise`. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder } from './cli.ts'
import { assertLaw, readCsv } from './rows.ts'

describe('bench aa', () => {
  test('finds no difference where there is none, and says what could be told', async context => {
    const cwd = folder(context)
    // Paced, so that what else runs here is no matter of it.
    const args = [
      'aa',
      '--transport',
      'udp-header',
      '--size',
      '64k',
      '--rate',
      '5M',
      '--repeat',
      '8',
      '--warmup',
      '0',
    ]
    const { code, stdout, stderr } = await bench([...args, '--out', 'aa.csv'], { cwd })
    assert.equal(code, 0, stderr + stdout)
    const rows = readCsv(join(cwd, 'aa.csv'))
    assertLaw(rows)
    assert.equal(rows.length, 16)
    for (const round of [1, 2, 3, 4, 5, 6, 7, 8])
      assert.deepEqual(
        rows
          .filter(row => row.round === round)
          .map(row => row.side)
          .sort(),
        ['a', 'b'],
      )
    assert.match(stdout, /^udp-header .* none proven/m)
    assert.match(stdout, /with 8 rounds this machine can detect (?:\d\S* %|×\S+) for udp-header/)

    const sides = [
      '--a',
      'rate=20M',
      '--b',
      'rate=2M',
      '--transport',
      'udp-header',
      '--size',
      '16k',
      '--warmup',
      '0',
    ]
    const words = ['--repeat', '6', '--noise', 'aa.csv', '--out', 'ab.csv']
    const noisy = await bench(['ab', ...sides, ...words], { cwd })
    assert.equal(noisy.code, 0, noisy.stderr)
    assert.match(noisy.stdout, /worse/)
    assertOneLine(
      await bench(['ab', ...sides, '--noise', 'ab.csv'], { cwd }),
      '--noise ab.csv: its sides are not equal',
      'bench aa --out',
    )
  })

  test('has no sides of its own', async context => {
    const cwd = folder(context)
    assertOneLine(await bench(['aa', '--a', 'engine=node'], { cwd }), 'bench aa has no flag --a')
  })
})
