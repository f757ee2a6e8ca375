/** The program of a resident (resident.ts): the commands of this build, one after another, in the folder and environment of each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { inProcess } from '../support/in-process.ts'
import type { Command } from './resident.ts'

/** What a process of its own would wait for at its end is waited for here, and is no longer. */
const PATIENCE_MS = 20_000
const ENVIRONMENT = { ...process.env }

process.on('message', async (command: Command) => {
  process.chdir(command.cwd)
  process.env = { ...ENVIRONMENT, ...command.env }
  // The channel to the parent.
  const own = open()
  const said = await inProcess(command.words)
  const until = monotonic() + PATIENCE_MS
  while (leftOpen(own) !== '' && monotonic() < until) await sleep(5)
  const left = leftOpen(own)
  process.send?.(left === '' ? said : { ...said, stderr: `${said.stderr}would not end: ${left}\n` })
})
process.on('disconnect', () => process.exit(0))

/** What keeps a process alive. */
function open(): readonly string[] {
  return process.getActiveResourcesInfo().filter(each => each !== 'Immediate')
}

/** What a command has left behind. */
function leftOpen(before: readonly string[]): string {
  const own = [...before]
  return open()
    .filter(each => {
      const at = own.indexOf(each)
      if (at >= 0) own.splice(at, 1)
      return at < 0
    })
    .join(', ')
}
