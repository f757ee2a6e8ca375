/** `bench ab` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import type { AbArguments } from '../actions/ab.ts'
import { unlessCalledOff } from '../called-off.ts'
import type { Command, Given } from '../command.ts'
import { needed, readFlags, text, yes } from '../flags.ts'
import { GATE_FILES } from '../metric-flags.ts'
import { DIFFERENCE_FLAGS, PAIRED_FLAGS, pairedArguments } from '../paired-flags.ts'
import { SCENARIOS } from '../run-flags.ts'
import { sideArguments } from '../side.ts'

const FLAGS = {
  a: {
    ...needed(text('options of side A, as a string: engine=node, or --engine node --rate 400M', String)),
    dashed: true,
  },
  b: { ...needed(text('options of side B', String)), dashed: true },
  noise: text("rows of bench aa: count only differences of three times the case's noise or more", String),
  gate: yes('measure again where B is worse, and exit with 3 if it is worse again'),
  strict: yes('with --gate: exit with 3 if the result is inconclusive, too'),
  ...GATE_FILES,
  ...DIFFERENCE_FLAGS,
} as const

export const ab: Command = {
  name: 'ab',
  summary: 'compare two variants as pairs in one run',
  operands: [SCENARIOS],
  flags: { ...FLAGS, ...PAIRED_FLAGS },
  examples: [
    ["$0 ab --a 'engine=node' --b 'engine=native'", 'compare two engines'],
    ["$0 ab --a '' --b cli=../other-build --gate", 'gate another build of this tool against this one'],
    ["$0 ab --a '' --b node=/opt/node24/bin/node", 'compare with another Node'],
  ],
  epilogue:
    'A side takes options of bench run (size, transport, engine, rate, rcvbuf, host …), quoted as in a shell, and: node=PATH, the Node to run its agents on; cli=PATH, another build of this tool, as its folder or its dist/bench/cli.js. Agents send and receive, so the transports, the engines and their speed are those of that build; scheduling, accounting and statistics stay those of the bench that you call.',
  async run(given, terminal, signal, catalog) {
    const args = abArguments(given)
    const { ab } = await import('../actions/ab.ts')
    return unlessCalledOff(terminal, signal, () => ab(terminal, args, catalog, signal))
  },
}

function abArguments({ operands, flags: { a: _a, b: _b, ...common }, flags }: Given): AbArguments {
  const { a, b, noise, gate, strict, junit, json } = readFlags(FLAGS, flags)
  const taken = Object.keys(FLAGS)
  const side = (name: 'a' | 'b', written: string) =>
    sideArguments(name, written, { operands, flags: common }, taken)
  const paired = pairedArguments(side('a', a), side('b', b), common)
  const idle = Object.entries({ strict, junit, json }).find(([, value]) => (value ?? false) !== false)?.[0]
  if (idle && !gate) throw new UsageError(`--${idle} needs --gate; add it`)
  return { ...paired, noise, gate, strict, outputs: { junit, json, benchmarkJson: undefined } }
}
