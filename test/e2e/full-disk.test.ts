/** A disk that is full, under whatever is written: the command stops with a line, and what is there is whole. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { parseRecord } from '../../results/schema/record.ts'
import { test } from '../support/patient.ts'
import { mountSmall } from '../support/small-file-system.ts'
import { assertOneLine, BENCH_WORDS, bench, folder, startBench } from './cli.ts'
import { assertLaw, parseCsv, readCsv } from './rows.ts'

const withoutFull = existsSync('/dev/full') ? false : 'this system has no /dev/full'

describe('a full disk', { concurrency: 2 }, () => {
  test('under --out: the run stops before it began', { skip: withoutFull }, async context => {
    const cwd = folder(context)
    const ended = await bench(['run', '--size', '4k', '--out', '/dev/full'], { cwd })
    assert.equal(ended.code, 1)
    assertOneLine(ended, '/dev/full', 'ENOSPC', '--out')
    assert.equal(ended.stdout, '')
  })

  for (const words of [
    ['list'],
    ['run', '--size', '4k', '--transport', 'tcp', '--format', 'jsonl', '--out', 'x.csv'],
  ])
    test(`under standard output of ${words[0]}: it is told, once`, { skip: withoutFull }, async context => {
      const cwd = folder(context)
      const shell = ['-c', '"$0" "$@" >/dev/full', ...BENCH_WORDS, ...words]
      const { status, stderr } = spawnSync('sh', shell, { cwd, encoding: 'utf8' })
      assert.equal(status, 1)
      const told = stderr.split('\n').filter(line => line.startsWith('bench: '))
      assert.deepEqual(told, [
        'bench: cannot write to standard output: no space left there (ENOSPC); make room, or redirect it to another place',
      ])
    })

  for (const name of ['rows.csv', 'rows.json']) {
    test(`in the middle of ${name}: the run stops, and the rows so far are whole`, async context => {
      const cwd = folder(context)
      const small = mountSmall(context, 16)
      if (!small) return
      const path = join(small, name)
      const words = ['--size', '4k', '--repeat', '1000', '--warmup', '0', '--format', 'json', '--out', path]
      const ended = await bench(['run', ...words], { cwd })
      assert.equal(ended.code, 1)
      const kept = Number(/the (\d+) rows before it are kept/.exec(ended.stderr)?.[1])
      assert.match(ended.stderr, /\nbench: cannot write to [^\n]+no space left[^\n]+--out\n$/)
      assert.doesNotMatch(ended.stderr, /\s{4}at /)
      const text = readFileSync(path, 'utf8')
      const rows = name.endsWith('.csv') ? parseCsv(text) : JSON.parse(text).records.map(parseRecord)
      assert.equal(rows.length, kept)
      assert(kept > 5)
      assertLaw(rows)
      // The document on standard output is whole too.
      assert.equal(JSON.parse(ended.stdout).records.length >= kept, true)
    })
  }

  test('under --keep: the run stops, the rows so far stay, and no half file', async context => {
    const cwd = folder(context)
    const small = mountSmall(context, 16)
    if (!small) return
    const words = [
      '--size',
      '7000',
      '--transport',
      'tcp',
      '--warmup',
      '0',
      '--keep',
      small,
      '--out',
      'rows.csv',
    ]
    const ended = await bench(['run', ...words], { cwd })
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /\nbench: cannot save [^\n]+ENOSPC[^\n]+--keep\n$/)
    const rows = readCsv(join(cwd, 'rows.csv'))
    assert(rows.length > 0)
    const kept = readdirSync(small).map(name => statSync(join(small, name)).size)
    assert.deepEqual(
      kept,
      rows.map(row => row.size_bytes),
    )
  })

  test('under bench receive: it is told, and no half file stays', async context => {
    const cwd = folder(context)
    const small = mountSmall(context, 16)
    if (!small) return
    const receive = ['receive', '--transport', 'tcp', '--port', '0', '--dir', small]
    await using receiver = startBench(receive, { cwd })
    const port = await receiver.until('port', ({ stderr }) => /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1])
    const large = join(cwd, 'large')
    spawnSync('dd', ['if=/dev/zero', `of=${large}`, 'bs=1024', 'count=64'])
    await bench(['send', large, `127.0.0.1:${port}`, '--transport', 'tcp'], { cwd })
    const { code, stderr } = await receiver.over()
    assert.equal(code, 1)
    assert.match(stderr, /\nbench: cannot save to [^\n]+no space left[^\n]+--dir\n$/)
    assert.equal(spawnSync('ls', ['-A', small], { encoding: 'utf8' }).stdout, '')
  })
})
