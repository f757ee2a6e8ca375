/** `bench aa` on the command line. */
import { unlessCalledOff } from '../called-off.ts'
import type { Command } from '../command.ts'
import { readFlags } from '../flags.ts'
import { DIFFERENCE_FLAGS, PAIRED_FLAGS, pairedArguments } from '../paired-flags.ts'
import { RUN_FLAGS, runArguments, SCENARIOS } from '../run-flags.ts'

/** Equal sides have no charts. */
const { chart: _chart, ...WITHOUT_CHART } = PAIRED_FLAGS

export const aa: Command = {
  name: 'aa',
  summary: "A/A run: measure this machine's noise, and the differences it could detect",
  operands: [SCENARIOS],
  flags: { ...DIFFERENCE_FLAGS, ...WITHOUT_CHART },
  examples: [
    ['$0 aa --out aa.csv', 'how much two equal sides differ here'],
    ["$0 ab --noise aa.csv --a '' --b engine=node", 'find differences larger than that'],
  ],
  async run({ operands, flags }, terminal, signal, catalog) {
    const run = runArguments(operands, readFlags(RUN_FLAGS, flags))
    const side = { run: { ...run, spare: true }, program: {}, given: {}, flags }
    const args = pairedArguments(side, side, flags)
    const { aa } = await import('../actions/aa.ts')
    return unlessCalledOff(terminal, signal, () => aa(terminal, args, catalog, signal))
  },
}
