/** The compliance suite, as every engine has to pass it. */
import assert from 'node:assert/strict'
import { test } from '../support/patient.ts'
import { BENCH, notInSmoke, OnWindows, windowsFolder } from './product.ts'

const TESTS = `${BENCH}\\dist\\test`

for (const { engine, words, least } of [
  {
    engine: 'node',
    words: [...(notInSmoke ? ['--test-name-pattern=IPv4'] : []), `${TESTS}\\compliance\\node.test.js`],
    least: notInSmoke ? 300 : 600,
  },
  {
    engine: 'native',
    words: [`${TESTS}\\windows\\native-suite.js`, ...(notInSmoke ? ['IPv4'] : [])],
    least: notInSmoke ? 250 : 550,
  },
])
  test(`the compliance suite of the engine ${engine}`, async context => {
    await using suite = new OnWindows(words, windowsFolder(context))
    const { code, stdout } = await suite.over()
    const failed = [...stdout.matchAll(/^ +not ok (?:.|\n)*?\n +\.\.\.$/gm)].map(([text]) => text)
    assert.equal(code, 0, failed.join('\n'))
    assert(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > least, stdout.slice(-500))
    assert.match(stdout, /^# fail 0$/m)
  })
