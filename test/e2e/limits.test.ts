/** What would be too much, or never end, is one line, and Ctrl-C ends what waits. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder } from './cli.ts'

const QUICK = ['--size', '4k', '--transport', 'tcp', '--repeat', '2', '--warmup', '0', '--quiet']
const withoutPipes = spawnSync('mkfifo', ['--version']).status === 0 ? false : 'there is no mkfifo here'

describe('limits', { concurrency: 2 }, () => {
  test('of cases: a scenario of 300,000 ends before it is planned', async context => {
    const cwd = folder(context)
    const chunks = Array.from({ length: 1000 }, (_, index) => index + 1)
    writeFileSync(join(cwd, 'many.yaml'), `size: [${chunks.slice(0, 100)}]\nchunk: [${chunks}]\n`)
    for (const words of [
      ['run', 'many.yaml'],
      ['ab', 'many.yaml', '--a', 'engine=node', '--b', 'engine=native'],
    ]) {
      const ended = await bench(words, { cwd })
      assert.equal(ended.code, 2, ended.stderr)
      assertOneLine(ended, 'bench: many.yaml:1:1: 300,000 cases', 'the limit of 10,000', 'fewer of size')
    }
    assert.deepEqual(readdirSync(cwd), ['many.yaml'])
  })

  test('of names: formats that are not written, and standard output', async context => {
    const cwd = folder(context)
    for (const [out, ...parts] of [
      ['-', '--format csv', './-'],
      ['rows.xlsx', '.xlsx is not written', '.csv'],
      ['rows.csv.gz', '.gz is not written'],
      ['ROWS.TSV', '.TSV is not written'],
    ] as const) {
      const ended = await bench(['run', ...QUICK, '--out', out], { cwd })
      assert.equal(ended.code, 2, ended.stderr)
      assertOneLine(ended, `--out ${out}:`, ...parts)
    }
    assert.deepEqual(readdirSync(cwd), [])
    for (const out of ['./-', 'rows', 'rows.2026-03-01', 'rows.txt']) {
      const ended = await bench(['run', ...QUICK, '--out', out], { cwd })
      assert.equal(ended.code, 0, ended.stderr)
      assert.match(readFileSync(join(cwd, out), 'utf8'), /^run_id,/)
    }
  })

  test('of tokens: blanks are none', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'token'), ' \n\t\n')
    for (const command of [
      ['serve', '--listen', '127.0.0.1:0'],
      ['run', ...QUICK, '--host', '127.0.0.1:1'],
      ['doctor', '127.0.0.1:1'],
    ]) {
      const fromFile = await bench([...command, '--token-file', 'token'], { cwd })
      assert.equal(fromFile.code, 2, fromFile.stderr)
      assertOneLine(fromFile, '--token-file token', 'is blank', 'openssl rand')
      const fromEnvironment = await bench(command, { cwd, env: { BENCH_TOKEN: '   ' } })
      assert.equal(fromEnvironment.code, 2, fromEnvironment.stderr)
      assertOneLine(fromEnvironment, 'BENCH_TOKEN', 'is blank')
    }
  })

  test('of pipes: one that nobody reads is not waited for; one with a reader gets all', {
    skip: withoutPipes,
  }, async context => {
    const cwd = folder(context)
    spawnSync('mkfifo', [join(cwd, 'pipe.csv')])
    const unread = await bench(['run', ...QUICK, '--out', 'pipe.csv'], { cwd })
    assert.equal(unread.code, 2, unread.stderr)
    assertOneLine(unread, 'pipe.csv', 'nothing reads this pipe', 'cat pipe.csv')

    const reader = spawn('sh', ['-c', 'cat pipe.csv >read.csv'], { cwd })
    context.after(() => reader.kill())
    const over = new Promise(resolve => reader.once('close', resolve))
    // The reader has opened it once its shell says so: a pipe that is not read yet is refused.
    const ran = await retried(() => bench(['run', ...QUICK, '--out', 'pipe.csv'], { cwd }))
    assert.equal(ran.code, 0, ran.stderr)
    await over
    assert.equal(readFileSync(join(cwd, 'read.csv'), 'utf8').trimEnd().split('\r\n').length, 3)
    assert(existsSync(join(cwd, 'pipe.csv')))
  })
})

async function retried<T extends { readonly code: number | null }>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left--) {
    const ended = await attempt()
    if (ended.code === 0 || left === 0) return ended
  }
}
