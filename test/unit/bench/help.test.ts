/** The help of each command: examples first, common flags on a screen, and all of them with `--help-all`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CHECK_FLAGS } from '../../../bench/cli/check/arguments.ts'
import { RUN_FLAGS } from '../../../bench/cli/run-flags.ts'
import { SERIES_FLAGS } from '../../../bench/cli/series/flags.ts'
import { inProcess } from '../../support/in-process.ts'

/** At 100 columns. */
const SCREEN_LINES = 60
/** It has as many flags of its own again. */
const GATE_LINES = 90

async function help(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await inProcess(words)
  assert.deepEqual([code, stderr], [0, ''])
  return stdout
}
const flagsIn = (text: string) => [...text.matchAll(/^ {2}(?:-.,)? +--([\w-]+)/gm)].map(([, name]) => name)

describe('help', () => {
  for (const command of ['run', 'aa', 'ab', 'check', 'compare', 'show', 'report', 'trend', 'doctor', 'serve'])
    test(`of bench ${command} fits a screen, and begins with examples`, async () => {
      const text = await help(command, '--help')
      const lines = text.split('\n')
      assert.match(lines[0] ?? '', new RegExp(`^bench ${command}`))
      assert(lines.length <= (/check|ab/.test(command) ? GATE_LINES : SCREEN_LINES), `${lines.length} lines`)
      const examples = lines.indexOf('Examples:')
      if (command !== 'serve') assert(examples > 0 && examples < 8, text)
      for (const line of lines) assert(line.length <= 100, line)
    })

  for (const [command, table] of Object.entries({
    run: { ...RUN_FLAGS, ...SERIES_FLAGS },
    check: CHECK_FLAGS,
  }))
    test(`of bench ${command} says how many flags it leaves out, and --help-all has all`, async () => {
      const [some, all] = [flagsIn(await help(command, '-h')), flagsIn(await help(command, '--help-all'))]
      const own = Object.keys(table)
      for (const name of own) assert(all.includes(name), name)
      const left = own.filter(name => !some.includes(name))
      assert.match(
        await help(command, 'help'),
        new RegExp(`^bench ${command} --help-all shows ${left.length} more flags\\.$`, 'm'),
      )
    })
})
