/** `--workload`: what is done over a transport, by a plug-in. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, type Ended, folder } from './cli.ts'
import { assertMeasured, run, startServer } from './two-hosts.ts'

const IDLE = fileURLToPath(new URL('../../../examples/plugin/idle.js', import.meta.url))

function assertRefused(ended: Ended, ...parts: readonly string[]): void {
  assert.equal(ended.code, 2, ended.stderr)
  assertOneLine(ended, ...parts)
}

describe('a plug-in', () => {
  test('brings a workload, whose parameters tell its cases apart, and which check measures again', async context => {
    const cwd = folder(context)
    const kinds = ['transfer', 'idle,wait=1ms', 'idle,wait=60ms'].flatMap(each => ['--workload', each])
    const words = ['--plugin', IDLE, ...kinds, '--transport', 'tcp', '--size', '2k', '--repeat', '2']
    const { code, rows, stderr } = await run([...words, '--warmup', '1', '--out', 'idle.csv'], { cwd })
    assert.equal(code, 0, stderr)
    const outcomes = new Map(rows.map(({ workload, outcome }) => [workload, outcome]))
    assert.deepEqual(
      [...outcomes].sort(),
      ['transfer', 'idle,wait=1ms', 'idle,wait=60ms'].map(name => [name, 'completed']).sort(),
    )
    // In order of time; of two trials one is not the last.
    const next =
      rows.findIndex(({ workload }, at) => workload === 'idle,wait=60ms' && at + 1 < rows.length) + 1
    const [from = '', to = ''] = [rows[next - 1]?.started_at, rows[next]?.started_at]
    assert.ok(Date.parse(to) - Date.parse(from) >= 60, `a pause is part of its trial: ${from} to ${to}`)
    const again = ['check', '--baseline', 'idle.csv', '--quiet', '--no-remeasure']
    const checked = await bench([...again, '--plugin', IDLE, '--json', 'checked.json'], { cwd })
    // In words there is only what has not passed.
    assert.match(readFileSync(join(cwd, 'checked.json'), 'utf8'), /idle,wait=60ms/, checked.stderr)
    const without = await bench(again, { cwd })
    assert.match(
      without.stdout + without.stderr,
      /workload\s+idle\s+is\s+not\s+available\s+here;\s+load\s+its\s+plug-in/,
    )
  })

  test('whose workload is not there, or cannot do what it is asked, is one line', async context => {
    const cwd = folder(context)
    const asked = (workload: string) => bench(['run', '--plugin', IDLE, '--workload', workload], { cwd })
    assertRefused(
      await asked('idol'),
      'unknown workload "idol"',
      'known are transfer, stream, frames, exchange, responsiveness, idle',
    )
    assertRefused(await asked('idle,wait=1h'), '--workload idle over tcp: it takes only wait, from 0ms')
    assertRefused(await asked('transfer,wait=1s'), '--workload transfer over tcp: it has no parameters')
    assertRefused(await asked('idle,wait'), 'not a workload: "idle,wait"')
    writeFileSync(join(cwd, 'mine.yaml'), 'size: 1k\nworkload: [transfer, idol]\n')
    assertRefused(await bench(['run', '--plugin', IDLE, 'mine.yaml'], { cwd }), 'mine.yaml:2', '"idol"')
  })

  test('whose workload fails in its warm-up ends the run with a line: its trials would be measured cold', async context => {
    const cwd = folder(context)
    const failing = `import idle from ${JSON.stringify(pathToFileURL(IDLE))}
      const [workload] = idle.workloads
      const ends = () => ({ ...workload.ends(), warmUp: async () => { throw new Error('cold feet') } })
      export default { name: 'cold', version: '1', workloads: [{ ...workload, name: 'cold', ends }] }`
    writeFileSync(join(cwd, 'cold.mjs'), failing)
    const words = ['run', '--plugin', './cold.mjs', '--workload', 'cold,wait=1ms', '--transport', 'tcp']
    const few = ['--size', '1k', '--repeat', '1', '--quiet']
    const ended = await bench([...words, ...few, '--out', 'a.csv'], { cwd })
    assert.equal(ended.code, 1, ended.stdout)
    assertOneLine(ended, 'the workload cold,wait=1ms fails in warmUp: cold feet; mend it, or leave it out')
    // A cold start that was asked for.
    const cold = await bench([...words, ...few, '--warmup', '0', '--out', 'b.csv'], { cwd })
    assert.equal(cold.code, 0, cold.stderr)
  })

  test('brings a workload for both hosts', async context => {
    const cwd = folder(context)
    await using waiting = await startServer({ cwd, listen: '127.0.0.1:0', words: ['--plugin', IDLE] })
    const idle = ['--plugin', IDLE, '--workload', 'idle,wait=20ms', '--host', `127.0.0.1:${waiting.port}`]
    assertMeasured(await run([...idle, '--transport', 'udp-header'], { cwd }))
  })
})
