/** `--a` and `--b`: the options of a side, as a shell would read them, laid over those of both. */
import { UsageError } from '../../base/errors.ts'
import type { AskedProgram } from '../pairs/program.ts'
import { SIDES, type SideName } from '../pairs/side-names.ts'
import type { Given } from './command.ts'
import { isSwitch, readWords, unknownFlag, wantsValue } from './command-line.ts'
import { type FlagTable, readFlags, text, type Written } from './flags.ts'
import { SERVER_FLAGS } from './hosts-flags.ts'
import { RUN_FLAGS, type RunArguments, runArguments } from './run-flags.ts'
import { splitSideWords } from './side-words.ts'

/** What only a side can have. */
const PROGRAM_FLAGS = {
  node: text('the Node that its agents run on', nameOf('a Node')),
  cli: text(
    'another build of this tool that its agents are of: its folder, or its dist/bench/cli.js',
    nameOf('a build of this tool'),
  ),
}

/** Options of `bench run` that are for the whole run. */
const COMMON = [
  'plugin',
  'repeat',
  'warmup',
  'processes',
  'seed',
  'keep',
  'out',
  'force',
  'format',
  'quiet',
  'chart',
] as const satisfies readonly (keyof typeof RUN_FLAGS)[]

const SIDE_FLAGS: FlagTable = Object.fromEntries(
  Object.entries({ ...RUN_FLAGS, ...PROGRAM_FLAGS }).filter(([name]) => !COMMON.some(each => each === name)),
)

/** Those of which a case takes one; and where its ends are. A side that says one of them does not have the others of both sides. */
const INSTEAD: readonly (readonly string[])[] = [
  ['size', 'file'],
  ['max-datagram', 'os-profile'],
  ['host', 'from', 'to'],
  ['host', 'target'],
]
/** What only goes with another host. */
const FOR_HOSTS = ['reverse', 'bidir', ...Object.keys(SERVER_FLAGS)]

export interface SideArguments {
  readonly run: RunArguments
  readonly program: AskedProgram
  /** The options given to this side, as they were written. */
  readonly given: Written
  /** All that holds for it. */
  readonly flags: Written
}

/**
 * @param name `a` or `b`, for messages
 * @param written the value of `--a` or `--b`
 * @param common what is given for both sides
 * @param taken names of further options that are for the whole run
 * @throws UsageError that names the side
 */
export function sideArguments(
  name: SideName,
  written: string,
  common: Given,
  taken: readonly string[],
): SideArguments {
  try {
    const given = parseSide(written, taken)
    const flags = over(given, common.flags)
    const run = runArguments(common.operands, readFlags(RUN_FLAGS, flags))
    return { run, program: readFlags(PROGRAM_FLAGS, given), given, flags }
  } catch (error) {
    throw ofSide(name, error)
  }
}

/** The error of a side, with its name. */
export function ofSide(name: SideName, error: unknown): unknown {
  if (error instanceof UsageError) return new UsageError(`--${name}: ${error.message}`, { cause: error })
  return error
}

/**
 * `engine=node`, `--engine node`, `zerocopy` … -> the flags that were given.
 * @throws UsageError
 */
function parseSide(written: string, taken: readonly string[]): Written {
  const { flags, problem } = readWords(withDashes(splitSideWords(written), [...COMMON, ...taken]), SIDE_FLAGS)
  const wrong = problem ?? unknownFlag(flags, SIDE_FLAGS)
  if (wrong !== undefined) throw new UsageError(wrong)
  return flags
}

/** `engine=node` as `--engine=node`. */
function withDashes(words: readonly string[], common: readonly string[]): string[] {
  return words.map((word, at) => {
    if (wantsValue(words[at - 1], SIDE_FLAGS)) return word
    const [, dashes = '', no = '', name = '', value] = /^(-*)(no-)?([^=]*)(=.*)?$/s.exec(word) ?? []
    if (common.includes(name) || SIDES.some(side => side === name) || (dashes === '-' && name === 'q'))
      throw new UsageError(
        `${dashes}${no}${name} is for both sides; write it outside of the quotes of --a and --b`,
      )
    if (dashes !== '') return word
    if (value === undefined && !isSwitch(name, SIDE_FLAGS))
      throw new UsageError(
        `unknown word ${JSON.stringify(word)}; write options as name=value, as engine=node`,
      )
    return `--${word}`
  })
}

/** What a side says, over what is said for both. */
function over(given: Written, common: Written): Written {
  const replaced = INSTEAD.filter(names => names.some(name => given[name] !== undefined)).flat()
  const kept = Object.entries(common).filter(
    ([name]) => given[name] === undefined && !replaced.includes(name),
  )
  const flags: Record<string, unknown> = { ...Object.fromEntries(kept), ...given }
  if (['host', 'from', 'to'].some(name => flags[name] !== undefined)) return flags
  // What is said for both is for the side that has another host.
  for (const name of FOR_HOSTS) if (given[name] === undefined) delete flags[name]
  return flags
}

function nameOf(what: string): (value: string) => string {
  return value => {
    if (value === '') throw new UsageError(`the name is empty; name ${what}`)
    return value
  }
}
