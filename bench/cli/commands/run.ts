/** `bench run` on the command line. */
import { unlessCalledOff } from '../called-off.ts'
import type { Command } from '../command.ts'
import { readFlags } from '../flags.ts'
import { RUN_FLAGS, runArguments, SCENARIOS } from '../run-flags.ts'

export const run: Command = {
  name: 'run',
  summary: 'measure scenarios, or what the flags describe',
  operands: [SCENARIOS],
  flags: RUN_FLAGS,
  examples: [
    ['$0 run --size 800k --chunk 1024', 'send 800 KiB by TCP and UDP on this machine'],
    ['$0 run macos-limit', 'run a built-in scenario'],
    ['$0 run --file photo.png --rate 400M', 'send a real file, paced'],
  ],
  async run({ operands, flags }, terminal, signal, catalog) {
    const args = runArguments(operands, readFlags(RUN_FLAGS, flags))
    const { run } = await import('../actions/run.ts')
    return unlessCalledOff(terminal, signal, () => run(terminal, args, catalog, signal))
  },
}
