/** The compliance suite, as every engine has to pass it: on Windows, the node engine. */
import assert from 'node:assert/strict'
import { test } from '../support/patient.ts'
import { BENCH, notInSmoke, OnWindows, windowsFolder } from './product.ts'

test('the compliance suite of the node engine', async context => {
  const program = `${BENCH}\\dist\\test\\compliance\\node.test.js`
  const words = notInSmoke ? ['--test-name-pattern=IPv4', program] : [program]
  await using suite = new OnWindows(words, windowsFolder(context))
  const { code, stdout } = await suite.over()
  const failed = [...stdout.matchAll(/^ +not ok (?:.|\n)*?\n +\.\.\.$/gm)].map(([text]) => text)
  assert.equal(code, 0, failed.join('\n'))
  assert(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > (notInSmoke ? 300 : 600), stdout.slice(-500))
  assert.match(stdout, /^# fail 0$/m)
})
