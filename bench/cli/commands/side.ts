/** `--a` and `--b`: the options of a side, as a shell would read them, laid over those of both. */
import yargs, { type Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import type { AskedProgram } from '../../pairs/program.ts'
import { SIDES, type SideName } from '../../pairs/side-names.ts'
import { type Flags, flag, text } from '../options.ts'
import type { RunArguments } from '../run-arguments.ts'
import { PARSER_CONFIGURATION, Vocabulary } from '../words.ts'
import { RUN_OPTIONS, runArguments } from './run-flags.ts'
import { splitSideWords } from './side-words.ts'

/** What only a side can have. */
const PROGRAM_OPTIONS = {
  node: text('the Node that its agents run on'),
  cli: text('another build of this tool that its agents are of: its folder, or its dist/bench/cli.js'),
} as const satisfies Record<string, Options>

/** Options of `bench run` that are for the whole run. */
const COMMON = [
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
] as const satisfies readonly (keyof typeof RUN_OPTIONS)[]

const SIDE_OPTIONS: Readonly<Record<string, Options>> = Object.fromEntries(
  Object.entries({ ...RUN_OPTIONS, ...PROGRAM_OPTIONS }).filter(
    ([name]) => !COMMON.some(each => each === name),
  ),
)

/** Those of which a case takes one; and where its ends are. A side that says one of them does not have the others of both sides. */
const INSTEAD: readonly (readonly string[])[] = [
  ['size', 'file'],
  ['max-datagram', 'os-profile'],
  ['host', 'from', 'to'],
  ['host', 'target'],
]
/** What only goes with another host. */
const FOR_HOSTS = ['reverse', 'bidir', 'token-file', 'tls', 'tls-ca', 'tls-cert', 'tls-key']

export interface SideArguments {
  readonly run: RunArguments
  readonly program: AskedProgram
  /** The options given to this side, as they were written. */
  readonly given: Flags
  /** All that holds for it. */
  readonly flags: Flags
}

/**
 * @param name `a` or `b`, for messages
 * @param written the value of `--a` or `--b`
 * @param common what yargs made of the other words
 * @param taken names of further options that are for the whole run
 * @throws UsageError that names the side
 */
export function sideArguments(
  name: SideName,
  written: string,
  common: Flags,
  taken: readonly string[],
): SideArguments {
  return inSide(name, () => {
    const given = parseSide(written, taken)
    const flags = over(given, common)
    return {
      run: runArguments(flags),
      program: {
        node: flag('node', given['node'], nameOf('a Node')),
        cli: flag('cli', given['cli'], nameOf('a build of this tool')),
      },
      given,
      flags,
    }
  })
}

/** Does something for a side; what is wrong with it is told with its name. */
function inSide<T>(name: SideName, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw ofSide(name, error)
  }
}

/** The error of a side. */
export function ofSide(name: SideName, error: unknown): unknown {
  if (error instanceof UsageError) return new UsageError(`--${name}: ${error.message}`, { cause: error })
  return error
}

/**
 * `engine=node`, `--engine node`, `zerocopy` … -> what yargs makes of it, only what was given.
 * @throws UsageError
 */
function parseSide(written: string, taken: readonly string[]): Flags {
  const vocabulary = new Vocabulary(SIDE_OPTIONS, [])
  const words = vocabulary.familyFlags(withDashes(splitSideWords(written), vocabulary, [...COMMON, ...taken]))
  vocabulary.check(words)
  const parser = yargs()
    .options(SIDE_OPTIONS)
    .strict()
    .help(false)
    .version(false)
    .locale('en')
    .parserConfiguration(PARSER_CONFIGURATION)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail(message => {
      throw new UsageError(vocabulary.plainer(message, words))
    })
  const argv: Flags = parser.parseSync(words)
  const names = words
    .filter((_, at) => !vocabulary.wantsValue(words[at - 1]))
    .map(word => /^--(?:no-)?([^=]+)/.exec(word)?.[1])
  return Object.fromEntries(
    Object.keys(SIDE_OPTIONS)
      .filter(option => names.includes(option))
      .map(option => [option, argv[option]]),
  )
}

/** `engine=node` as `--engine=node`. */
function withDashes(words: readonly string[], vocabulary: Vocabulary, common: readonly string[]): string[] {
  return words.map((word, at) => {
    if (vocabulary.wantsValue(words[at - 1])) return word
    const [, dashes = '', no = '', name = '', value] = /^(-*)(no-)?([^=]*)(=.*)?$/s.exec(word) ?? []
    if (common.includes(name) || SIDES.some(side => side === name) || (dashes === '-' && name === 'q'))
      throw new UsageError(
        `${dashes}${no}${name} is for both sides; write it outside of the quotes of --a and --b`,
      )
    if (dashes !== '') return word
    if (value === undefined && !vocabulary.isSwitch(name))
      throw new UsageError(
        `unknown word ${JSON.stringify(word)}; write options as name=value, as engine=node`,
      )
    return `--${word}`
  })
}

/** What a side says, over what is said for both. */
function over(given: Flags, common: Flags): Flags {
  const replaced = INSTEAD.filter(names => names.some(name => given[name] !== undefined)).flat()
  const kept = Object.entries(common).filter(
    ([name]) => given[name] === undefined && !replaced.includes(name),
  )
  const flags: Flags = { ...Object.fromEntries(kept), ...given }
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
