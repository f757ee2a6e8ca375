import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from '../../results/store/formats.ts'
import { test } from '../support/patient.ts'
import { mainJob } from '../support/results-samples.ts'
import { benchProcess, folder } from './cli.ts'

const isAscii = (text: string) => [...Buffer.from(text)].every(byte => byte < 127)

test('in a locale that is not UTF-8, and with --ascii, what people read is ASCII; what programs read stays', async context => {
  const cwd = folder(context)
  const rows = mainJob().map(each => ({
    ...each,
    variant: each.transport === 'tcp' ? 'café' : 'tea',
  }))
  writeFileSync(join(cwd, 'rows.csv'), encode('csv', rows))
  writeFileSync(
    join(cwd, 'café.csv'),
    encode(
      'csv',
      rows.map(each => ({ ...each, run_id: 'again' })),
    ),
  )
  const inC = { cwd, env: { LC_ALL: 'C' } }
  const shown = await benchProcess(['show', 'rows.csv'], inC)
  assert.match(shown.stdout, /0\.985 \(0\.970 - 0\.995\)/)
  assert.match(shown.stdout, /caf\?/)
  const asked = await benchProcess(['show', 'rows.csv', '--ascii'], { cwd })
  assert.equal(asked.stdout, shown.stdout)
  const wrong = await benchProcess(['show', 'tée.csv'], inC)
  assert.match(wrong.stderr, /t\?e\.csv/)
  const help = await benchProcess(['run', '--help-all'], inC)
  for (const { stdout, stderr } of [shown, asked, wrong, help]) assert.ok(isAscii(stdout + stderr))
  const usual = await benchProcess(['show', 'rows.csv'], { cwd })
  assert.ok(!isAscii(usual.stdout))
  const csv = await benchProcess(['compare', 'rows.csv', 'café.csv', '--format', 'csv'], inC)
  assert.match(csv.stdout, /café/)
})
