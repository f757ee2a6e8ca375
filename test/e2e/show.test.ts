/** `bench show`: what a run printed is printed again from its file, to the letter. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
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
    assert.match(both.stdout, /^tcp .*\n\nOutcomes: 2 completed\.$/m)
    assert.doesNotMatch(both.stdout, /^udp-header/m)
    assertRefused(await bench(['show', 'none.csv'], { cwd }), 'none.csv')
    writeFileSync(join(cwd, 'empty.csv'), csv.split('\r\n')[0] ?? '')
    assertRefused(await bench(['show', 'empty.csv'], { cwd }), 'empty.csv')
    assertRefused(await bench(['show'], { cwd }), 'bench show needs results; name files')
    assertRefused(await bench([...small, '--note', ' '], { cwd }), '--note: a note has 1 to 1000 characters')
  })

  test('rows of which only some columns were written, as far as these say enough', async context => {
    const cwd = folder(context)
    const quick = ['run', '--size', '8k', '--transport', 'tcp', '--repeat', '2', '--warmup', '0', '--quiet']
    const written = async (columns: string, out: string) => {
      const words = [...quick, '--columns', columns, '--format', 'csv', '--out', out]
      const { code, stdout, stderr } = await bench(words, { cwd })
      assert.deepEqual([code, stderr], [0, ''])
      assert.equal(readFileSync(join(cwd, out), 'utf8'), stdout)
      return stdout.split('\r\n')
    }
    const [head, first, second, ...rest] = await written('outcome,goodput,size', 'few.csv')
    assert.equal(head, 'outcome,goodput_bps,size_bytes')
    for (const row of [first, second]) assert.match(row ?? '', /^completed,[\d.]+,8192$/)
    assert.deepEqual(rest, [''])
    assertRefused(await bench(['show', 'few.csv'], { cwd }), 'no row can be used without the columns')
    const needed =
      'run_id,started_at,round,trial,outcome,transport,engine,direction,ip_family,size_bytes,chunk_bytes'
    for (const out of ['a.csv', 'b.csv']) await written(`${needed},goodput_bps`, out)
    const compared = await bench(['compare', 'a.csv', 'b.csv'], { cwd })
    assert.equal(compared.code, 0, compared.stderr)
    assert.match(compared.stdout, /^tcp /m)
    assertRefused(
      await bench([...quick, '--columns', 'trasport', '--format', 'csv'], { cwd }),
      'did you mean transport?',
    )
    const json = [...quick, '--columns', 'loss', '--format', 'json', '--out', 'rows.jsonl']
    assertRefused(await bench(json, { cwd }), '--columns chooses columns of a CSV')
  })
})
