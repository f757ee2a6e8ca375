/** The program of a resident (resident.ts): the commands of this build, one after another, in the folder and environment of each. */
import { inProcess } from '../support/in-process.ts'
import type { Command } from './resident.ts'

const ENVIRONMENT = { ...process.env }

process.on('message', async (command: Command) => {
  process.chdir(command.cwd)
  process.env = { ...ENVIRONMENT, ...command.env }
  process.send?.(await inProcess(command.words))
})
process.on('disconnect', () => process.exit(0))
