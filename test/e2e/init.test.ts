/** `bench init`: what it writes is a scenario, which says what each key is. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SCENARIO_KEYS } from '../../scenarios/schema.ts'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'

const SHORT = ['--repeat', '1', '--warmup', '0', '--quiet']

test('measures as bench run does by default, and every key can be said', async context => {
  const cwd = folder(context)
  const { code, stdout, stderr } = await bench(['init', '-o', 'my.yaml'], { cwd })
  assert.deepEqual([code, stdout, stderr], [0, '', 'my.yaml: a scenario; bench run my.yaml measures it\n'])
  const text = readFileSync(join(cwd, 'my.yaml'), 'utf8')
  assert.equal((await bench(['init'], { cwd })).stdout, text)
  assert.equal((await bench(['list', '--schema'], { cwd })).stdout, `${text.split('\n', 1)[0]}\n`)
  const schema = /\$schema=(.*)/.exec(text)?.[1] ?? ''
  assert('properties' in JSON.parse(readFileSync(schema, 'utf8')))
  for (const name of SCENARIO_KEYS.keys()) assert.match(text, new RegExp(`^(# )?${name}:`, 'm'))

  for (const [words, out] of [
    [['my.yaml'], 'mine.csv'],
    [[], 'default.csv'],
  ] as const)
    assert.equal((await bench(['run', ...words, ...SHORT, '--out', out], { cwd })).code, 0)
  const cases = (file: string) =>
    readCsv(join(cwd, file)).map(row => [row.transport, row.size_bytes, row.chunk_bytes, row.engine])
  assert.deepEqual(cases('mine.csv'), cases('default.csv'))

  // The variants in the comment are meant to be used.
  const variants = text.replaceAll(/^# (variants:| {2}.*)$/gm, '$1')
  writeFileSync(join(cwd, 'variants.yaml'), variants)
  const both = ['run', 'variants.yaml', '--transport', 'udp-header', ...SHORT, '--out', 'variants.csv']
  assert.equal((await bench(both, { cwd })).code, 0)
  assert.deepEqual(
    readCsv(join(cwd, 'variants.csv'))
      .map(row => row.rcvbuf_asked_bytes)
      .sort(),
    [4_194_304, 65_536],
  )
  assertRefused(await bench(['init', '-o', 'my.yaml'], { cwd }), 'my.yaml', '--force')
  assert.equal(readFileSync(join(cwd, 'my.yaml'), 'utf8'), text)
})
