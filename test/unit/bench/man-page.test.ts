/** The manual page: every command and flag is in it, and no text of theirs is taken for roff's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Command } from '../../../bench/cli/command.ts'
import { COMMANDS } from '../../../bench/cli/dispatch.ts'
import { text, yes } from '../../../bench/cli/flags.ts'
import { manPage } from '../../../bench/cli/man-page.ts'

test('every command is in it, with all of its flags or where they are', async () => {
  const commands = await Promise.all(COMMANDS.map(async entry => [entry, await entry.load()] as const))
  const parts = manPage(commands).replaceAll('\\-', '-').split('\n.SS ')
  const ofRun = parts.find(each => each.startsWith('bench run')) ?? ''
  for (const [{ name }, { flags }] of commands) {
    const part = parts.find(each => new RegExp(`^bench ${name}\\b`).test(each)) ?? assert.fail(name)
    const refers = part.includes('Takes the flags of bench run')
    for (const flag of Object.keys(flags))
      assert.match(
        refers ? part + ofRun : part,
        new RegExp(`^\\.B .*--${flag}( |$)`, 'm'),
        `${name} --${flag}`,
      )
  }
})

test('texts of flags are texts', () => {
  const command: Command = {
    flags: { x: yes('.SH hidden'), 'y-z': text('a\\b — it\'s "this"', String, "'x'") },
    run: () => assert.fail(),
  }
  const page = manPage([[{ name: 'try', summary: '.br', load: async () => command }, command]])
  assert.doesNotMatch(page, /^\.SH hidden/m)
  assert.match(page, /^\\&\.SH hidden\.$/m)
  assert.match(page, /^\.B \\-\\-y\\-z \\fIVALUE\\fR$/m)
  assert.match(page, /^A\\eb \\\[u2014\] it's \\\(dqthis\\\(dq\. Default: 'x'\.$/m)
  assert.match(page, /^[\x20-\x7e\n]*$/)
})
