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
  noise: text('rows of bench aa: a difference counts from three times the noise of its case on', String),
  gate: yes('measure again where B is worse, and end with 3 when it is again'),
  strict: yes('with --gate: end with 3 too when it cannot be told'),
  ...GATE_FILES,
  ...DIFFERENCE_FLAGS,
} as const

export const ab: Command = {
  name: 'ab',
  summary: 'two variants as pairs in one run, and what B is against A',
  operands: [SCENARIOS],
  flags: { ...FLAGS, ...PAIRED_FLAGS },
  examples: [
    ["$0 ab --a 'engine=node' --b 'engine=native'", 'two engines, in turn'],
    ["$0 ab --a '' --b cli=../other-build --gate", 'another build of this tool against this one'],
    ["$0 ab --a '' --b node=/opt/node24/bin/node", 'another Node'],
  ],
  epilogue:
    'A side holds options of bench run (size, transport, engine, rate, rcvbuf, host …), quoted as in a shell, and: node=PATH, the Node that its agents run on; cli=PATH, another build of this tool, by its folder or its dist/bench/cli.js. Agents send and receive, so transports, engines and all that is quick or slow are theirs; schedule, accounting and statistics stay those of the bench that you call.',
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
  if (idle && !gate) throw new UsageError(`--${idle} goes with --gate; add that`)
  return { ...paired, noise, gate, strict, outputs: { junit, json, benchmarkJson: undefined } }
}
