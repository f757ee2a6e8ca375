/** Reads the words of a command line with yargs and its parser. No other file knows of these. */
import type { Argv } from 'yargs'
import { Parser } from 'yargs/helpers'
import { UsageError } from '../../base/errors.ts'
import { given } from '../../base/given.ts'
import { oneOf } from '../../scenarios/settings/grammar.ts'
import { BENCH_VERSION } from '../fleet/facts/environment.ts'
import type { Command, Entry, Given, Operand } from './command.ts'
import { type FlagTable, yes } from './flags.ts'
import { listOf, unknownFlag, unknownWord } from './unknown-words.ts'

/** Makes yargs keep names and numbers as typed. */
const CONFIGURATION = {
  'camel-case-expansion': false,
  'dot-notation': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
}
/** Flags of all commands: those that ask for help instead of the command, of which yargs has its own, and what cli.ts reads. */
const ASKING = {
  ...{ help: { ...yes(''), alias: 'h' }, 'help-all': yes(''), version: yes('') },
  ascii: yes('Print nothing but ASCII (also where the locale is not UTF-8)'),
}

/**
 * Finds the command that the words name, and its arguments; undefined when they ask for help or the version.
 * @throws UsageError
 */
export async function readCommandLine(
  words: readonly string[],
  commands: readonly Entry[],
): Promise<{ readonly command: Command; readonly given: Given } | undefined> {
  if (words[0] === COMPLETION || words[0] === COMPLETE) return undefined
  if (words.includes('--'))
    throw new UsageError('-- is not supported; write a name that begins with a dash as ./-name')
  const first = parse(words, ASKING)
  const name = first.operands.find(each => !each.startsWith('-'))
  const entry = commands.find(each => each.name === name)
  if (!entry) {
    if (asksForHelp(first)) return undefined
    throw new UsageError(
      name === undefined
        ? 'which command? try: bench run --size 800k --chunk 1024, or bench --help'
        : unknownWord(name, commands),
    )
  }
  const command = await entry.load()
  const parsed = readWords(words, { ...command.flags, ...ASKING }, entry.name)
  if (asksForHelp(parsed)) return undefined
  const given = { flags: parsed.flags, operands: parsed.operands.slice(1) }
  const problem = parsed.problem ?? (await problemOf(given, entry, command.flags, commands))
  if (problem !== undefined) throw new UsageError(problem)
  return { command, given }
}

interface Parsed extends Given {
  /** The first flag without its value. */
  readonly problem: string | undefined
}

/**
 * Reads words by a table of flags, unknown flags included. Joins a value that begins with a dash to its flag, and reads `-4` and `-6`,
 * which the parser would take for numbers, as `--ip`.
 * @param command that has the table, for the message
 * @throws UsageError for what the parser would let pass: a switch with a value, and a number as a flag
 */
export function readWords(words: readonly string[], table: FlagTable, command?: string): Parsed {
  const joined = joinValues(
    words,
    Object.keys(table).filter(name => table[name]?.dashed),
  )
  const versions = joined.filter((word, at) => /^-[46]$/.test(word) && !takesValue(joined[at - 1], table))
  if ('ip' in table && versions.length > 1)
    throw new UsageError(
      `only one IP version can be asked for, got ${versions.join(' ')}; give one of -4 and -6`,
    )
  const plain = joined.map((word, at) => {
    const [, dashes = '', name = '', value = ''] = /^(--?)(?:no-)?([^=]+)=(.*)$/s.exec(word) ?? []
    if (isSwitch(name, table) && value !== 'true' && value !== 'false')
      throw new UsageError(
        `${dashes}${name} takes no value, got ${JSON.stringify(value)}; write ${dashes}${name} alone`,
      )
    if (!/^-\d/.test(word) || takesValue(joined[at - 1], table)) return word
    if ('ip' in table && (word === '-4' || word === '-6')) return `--ip=${word.slice(1)}`
    throw new UsageError(`unknown flag ${word}; ${listOf(command)}`)
  })
  return parse(plain, table)
}

function parse(words: readonly string[], table: FlagTable): Parsed {
  const names = Object.keys(table)
  const string = names.filter(name => !isSwitch(name, table))
  const options = {
    string,
    // One value or more.
    narg: Object.fromEntries(string.map(name => [name, Number.NaN])),
    array: names.filter(name => table[name]?.array),
    boolean: names.filter(name => isSwitch(name, table)),
    alias: Object.fromEntries(names.map(name => [name, table[name]?.alias ?? []])),
    configuration: { ...CONFIGURATION, 'strip-aliased': true },
    // The parser's only complaint is a flag without a value.
    __: (_: string, name: string) => `--${name} needs a value; write --${name} VALUE`,
  }
  const { argv, error } = Parser.detailed([...words], options)
  const { _: operands, ...flags } = argv
  return { operands: operands.map(String), flags, problem: error?.message }
}

/** As with yargs itself, `help` as the last word asks, too. */
function asksForHelp({ operands, flags }: Given): boolean {
  return (
    flags['help'] === true ||
    flags['help-all'] === true ||
    flags['version'] === true ||
    operands.at(-1) === 'help'
  )
}

export function isSwitch(name: string, table: FlagTable): boolean {
  return flagOf(name, table)?.type === 'boolean'
}

export function takesValue(word: string | undefined, table: FlagTable): boolean {
  return flagOf(/^(?:--|-(?=.$))(.+)$/.exec(word ?? '')?.[1] ?? '', table)?.type === 'string'
}

function flagOf(name: string, table: FlagTable): FlagTable[string] | undefined {
  return Object.hasOwn(table, name) ? table[name] : Object.values(table).find(each => each.alias === name)
}

/**
 * Joins `--a` (or `-a`) and its value into one word: the parser would take a value that begins with a dash for a flag.
 * @param names of such flags, one letter each
 */
export function joinValues(words: readonly string[], names: readonly string[]): string[] {
  const nameOf = (word: string | undefined) => names.find(name => word === `--${name}` || word === `-${name}`)
  return words.flatMap((word, at) => {
    const name = nameOf(word)
    const value = words[at + 1]
    if (name !== undefined && value !== undefined && nameOf(value) === undefined)
      return [`--${name}=${value}`]
    return nameOf(words[at - 1]) !== undefined && name === undefined ? [] : [word]
  })
}

export const SUMMARY = 'measures what TCP and UDP really do with a file on this machine'
export const EXIT_CODES =
  '0 measured (even with loss and refusals), 1 a trial failed, 2 usage, 3 a threshold is broken, or a regression (ab, check) or a difference (aa) is proven, 130 interrupted.'

/** As the script of `bench completion` calls it, with the words so far: the names are those of yargs. */
const COMPLETE = '--get-yargs-completions'
const COMPLETION = 'completion'

/** Renders what words ask for that are no command: help of one or of all, the version, a completion script, or words that may come next. */
export async function renderAsked(
  words: readonly string[],
  commands: readonly Entry[],
  width: number,
): Promise<string> {
  if (words[0] === COMPLETE) return (await next(words.slice(2), commands)).map(each => `${each}\n`).join('')
  if (words[0] === COMPLETION && words[1] !== undefined) chooseShell(words[1])
  const { default: yargs } = await import('yargs')
  const asked = parse(words, ASKING)
  const named = commands.find(each => asked.operands.includes(each.name))
  const command = await named?.load()
  const all = asked.flags['help-all'] === true
  const parser = commands.reduce<Argv>(
    (described, entry) =>
      described.command(usageOf(entry), entry.summary, each =>
        command && entry === named ? describe(each, entry, command, all) : each,
      ),
    yargs()
      .scriptName('bench')
      .usage(`$0 <command>\n\nM${SUMMARY.slice(1)}.`),
  )
  parser.completion(
    COMPLETION,
    'print a script that completes words in bash, zsh or fish: source <(bench completion)',
  )
  let text = ''
  await parser
    .version(BENCH_VERSION)
    .alias('help', 'h')
    .option('ascii', { ...ASKING.ascii, hidden: named !== undefined && !all })
    .locale('en')
    .wrap(Math.min(100, width))
    .parserConfiguration(CONFIGURATION)
    .exitProcess(false)
    .epilogue(`Exit codes: ${EXIT_CODES}`)
    .parse(
      asked.flags['help-all'] ? ['--help', ...asked.operands] : [...words],
      {},
      (_error, _argv, output) => {
        text = `${output}\n`
      },
    )
  return text
    .replace(/^(.*?\n\n.*?\n)(\n.*?)(\nExamples:\n.*?\n)(?=\n|$)/s, '$1$3$2')
    .replace(YARGS_FISH, "-c bench -a '(bench $1 (commandline -opc) (commandline -ct))'")
}

/** Leaves out `bench` and the empty word that is about to be typed, and would offer no files. */
const YARGS_FISH = /-f -c bench -a '\(bench (\S+) \(commandline -o\)\[2\.\.-1\]\)'/

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** yargs looks at the environment. @throws UsageError */
function chooseShell(word: string): void {
  if (word.startsWith('-')) return
  const shell = oneOf(SHELLS).parse(word)
  Object.assign(process.env, { SHELL: shell, ZSH_NAME: shell === 'zsh' ? shell : '' })
}

/** What may come next in the words after `bench`, the last of which is being typed; none where that is the name of a file. */
async function next(words: readonly string[], commands: readonly Entry[]): Promise<readonly string[]> {
  const last = words.at(-1) ?? ''
  const entry = commands.find(each => words.slice(0, -1).includes(each.name))
  const table = { ...(await entry?.load())?.flags, ...ASKING }
  const before = words.at(-2)
  const values = takesValue(before, table)
    ? flagOf((before ?? '').replace(/^--?/, ''), table)?.choices
    : undefined
  const all = last.startsWith('-')
    ? Object.keys(table).map(name => `${name.length > 1 ? '--' : '-'}${name}`)
    : (values ?? (entry ? [] : [...commands.map(each => each.name), COMPLETION]))
  return all.filter(each => each.startsWith(last))
}

function describe(
  builder: Argv,
  { name, operands = [] }: Entry,
  { flags, examples = [], epilogue }: Command,
  all: boolean,
): Argv {
  for (const { name: operand, describe, needed, several } of operands)
    builder.positional(operand, {
      ...{ describe, type: 'string' },
      ...(several ? { array: true, default: [] } : {}),
      ...(needed ? { demandOption: true } : {}),
    })
  const shown = Object.entries(flags).map(([name, flag]) => [name, all ? { ...flag, hidden: false } : flag])
  builder.options(Object.fromEntries(shown))
  for (const [words, what] of examples) builder.example(words, what)
  const hidden = all ? 0 : Object.values(flags).filter(each => each.hidden).length
  const more = hidden > 0 && `bench ${name} --help-all shows ${hidden} more flags.`
  const last = given(more, epilogue).join('\n\n')
  return last === '' ? builder : builder.epilogue(last)
}

/** `send <file> <target>` */
export function usageOf({ name, operands = [] }: Entry): string {
  const shown = ({ name, needed, several }: Operand) => {
    const inside = `${name}${several ? '..' : ''}`
    return needed ? `<${inside}>` : `[${inside}]`
  }
  return [name, ...operands.map(shown)].join(' ')
}

/** Says what is wrong with the words of a command, apart from the values of its flags. */
async function problemOf(
  { operands, flags }: Given,
  { name, operands: places = [] }: Entry,
  table: FlagTable,
  commands: readonly Entry[],
): Promise<string | undefined> {
  const see = `see bench ${name} --help`
  const known = { ...table, ...ASKING }
  if (unknownFlag(flags, known) !== undefined) {
    const loaded = await Promise.all(commands.map(each => each.load()))
    return unknownFlag(flags, known, { command: name, tables: loaded.map(each => each.flags) })
  }
  if (operands.length < places.filter(each => each.needed).length) return `an argument is missing; ${see}`
  const missing = Object.keys(table).find(each => table[each]?.demandOption && flags[each] === undefined)
  if (missing !== undefined) return `--${missing} is missing; ${see}`
  const extra = places.at(-1)?.several ? undefined : operands[places.length]
  return extra === undefined ? undefined : unknownWord(extra, commands)
}
