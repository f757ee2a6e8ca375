/** `--a` and `--b`: reads the options of a side as a shell would, and lays them over those for both sides. */
import { Mistakes, UsageError } from '../../../base/errors.ts'
import { overlay } from '../../../scenarios/blocks.ts'
import { ROWS } from '../../../scenarios/settings/rows.ts'
import type { AskedProgram } from '../../pairs/program.ts'
import { SIDES, type SideName } from '../../pairs/side-names.ts'
import type { Given } from '../command.ts'
import { isSwitch, readWords, takesValue } from '../command-line.ts'
import { type FlagTable, readFlags, text, type Written } from '../flags.ts'
import { SERVER_FLAGS } from '../hosts-flags.ts'
import { overridesOf, RUN_FLAGS, type RunArguments, runArguments } from '../run-flags.ts'
import { unknownFlag } from '../unknown-words.ts'
import { splitSideWords } from './side-words.ts'

/** Options that only a side can have. */
const PROGRAM_FLAGS = {
  node: text('Node to run its agents on', nameOf('a Node')),
  cli: text(
    'another build of this tool to run its agents from: its folder, or its dist/bench/cli.js',
    nameOf('a build of this tool'),
  ),
}

/** Options of `bench run` that apply to the whole run. */
const COMMON: readonly string[] = [
  ...ROWS.filter(([, { both }]) => both).map(([name]) => name),
  ...([
    'plugin',
    'setup',
    'cleanup',
    'start-at',
    'out',
    'note',
    'columns',
    'csv-dialect',
    'force',
    'format',
    'quiet',
    'chart',
  ] as const),
]

const SIDE_FLAGS: FlagTable = Object.fromEntries(
  Object.entries({ ...RUN_FLAGS, ...PROGRAM_FLAGS }).filter(([name]) => !COMMON.includes(name)),
)

export interface SideArguments {
  readonly run: RunArguments
  readonly program: AskedProgram
  /** The options given to this side alone, as typed. */
  readonly given: Written
  /** All of its options: its own, and those for both sides. */
  readonly flags: Written
}

/**
 * @param name `a` or `b`, for messages
 * @param written the value of `--a` or `--b`
 * @param common options for both sides
 * @param taken names of further options that apply to the whole run
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
    const overridesIn = (flags: Written) => overridesOf(readFlags(RUN_FLAGS, flags))
    const flags = { ...common.flags, ...given }
    const run = runArguments(
      common.operands,
      readFlags(RUN_FLAGS, flags),
      overlay(overridesIn(common.flags), overridesIn(given)),
    )
    // Options for both sides may be for the side that has another host.
    const spare = !FOR_HOSTS.some(flag => given[flag] !== undefined)
    return { run: { ...run, spare }, program: readFlags(PROGRAM_FLAGS, given), given, flags }
  } catch (error) {
    throw ofSide(name, error)
  }
}

/** Adds the name of the side to an error; the mistakes of a scenario file are of both. */
export function ofSide(name: SideName, error: unknown): unknown {
  if (error instanceof Mistakes) return error
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

/** Options that need another host. */
const FOR_HOSTS = ['reverse', 'bidir', ...Object.keys(SERVER_FLAGS)]

/** `engine=node` as `--engine=node`. */
function withDashes(words: readonly string[], common: readonly string[]): string[] {
  return words.map((word, at) => {
    if (takesValue(words[at - 1], SIDE_FLAGS)) return word
    const [, dashes = '', no = '', name = '', value] = /^(-*)(no-)?([^=]*)(=.*)?$/s.exec(word) ?? []
    if (common.includes(name) || SIDES.some(side => side === name) || (dashes === '-' && name === 'q'))
      throw new UsageError(
        `${dashes}${no}${name} is for both sides; write it outside the quotes of --a and --b`,
      )
    if (dashes !== '') return word
    if (value === undefined && !isSwitch(name, SIDE_FLAGS))
      throw new UsageError(
        `unknown word ${JSON.stringify(word)}; write options as name=value, such as engine=node`,
      )
    return `--${word}`
  })
}

function nameOf(what: string): (value: string) => string {
  return value => {
    if (value === '') throw new UsageError(`the value is empty; name ${what}`)
    return value
  }
}
