/** Typed flags: a table of them says what the help shows, how the words are read, and the type of each value. */
import { UsageError } from '../../base/errors.ts'
import { oneOf } from '../../scenarios/settings/grammar.ts'

/** The flags of a command line as they are written: a text, several of them, or whether a switch is on. */
export type Written = Readonly<Record<string, unknown>>

/** What the help says of a flag, in the names that yargs has for it; and what its value is. */
export interface Flag<Value> {
  readonly describe: string
  /** A switch takes no value. */
  readonly type: 'string' | 'boolean'
  /** Of a switch. */
  readonly default?: boolean
  /** What holds without the flag, in words. */
  readonly defaultDescription?: string | undefined
  readonly alias?: string
  readonly choices?: readonly string[]
  /** It takes all words up to the next flag. */
  readonly array?: true
  /** The command needs it. */
  readonly demandOption?: true
  /** Its value may begin with a dash. */
  readonly dashed?: true
  /** @throws UsageError that names the flag */
  read(name: string, written: unknown): Value
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>

export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never
}

/** @throws UsageError for the first flag of the table whose value is wrong */
export function readFlags<Table extends FlagTable>(table: Table, written: Written): FlagValues<Table> {
  const values = Object.entries(table).map(([name, flag]) => [name, flag.read(name, written[name])])
  // Each flag reads its own type of value.
  return Object.fromEntries(values) as FlagValues<Table>
}

/** A flag with a value. */
export function text<T>(describe: string, parse: (text: string) => T, usual?: string): Flag<T | undefined> {
  return valued(describe, usual, (name, texts) => {
    if (texts.length > 1) throw new UsageError(`--${name} is given more than once; give it once`)
    return texts.map(each => parsed(name, each, parse))[0]
  })
}

/** A flag with one of a few values. */
export function choice<const Choice extends string>(
  describe: string,
  choices: readonly Choice[],
  usual: string,
): Flag<Choice | undefined> {
  return { ...text(describe, oneOf(choices).parse, usual), choices }
}

/** A flag with a list: `--size 800k,1M`, or the flag several times. */
export function list<T>(
  describe: string,
  parse: (text: string) => T,
  usual?: string,
): Flag<readonly T[] | undefined> {
  return valued(describe, usual, (name, texts) => {
    const items = texts.flatMap(each => each.split(','))
    return texts.length === 0 ? undefined : [...new Set(items.map(each => parsed(name, each.trim(), parse)))]
  })
}

/** A flag that the command needs. */
export function needed<T>(flag: Flag<T | undefined>): Flag<T> {
  return {
    ...flag,
    demandOption: true,
    read(name, written) {
      const value = flag.read(name, written)
      if (value === undefined) throw new UsageError(`--${name} is missing; ${flag.describe}`)
      return value
    },
  }
}

/** A flag that may be given several times. */
export function repeated<T>(describe: string, parse: (text: string) => T): Flag<readonly T[]> {
  return valued(describe, undefined, (name, texts) => texts.map(each => parsed(name, each, parse)))
}

/** A flag that turns something on. */
export const yes = (describe: string) => decided(toggle(describe, false))
/** A flag that is on unless `--no-` turns it off. */
export const noFlag = (describe: string) => decided(toggle(describe, true))

/** A switch; undefined unless it, or `--no-` and it, is given. */
export function toggle(describe: string, usual: boolean): Flag<boolean | undefined> {
  const read = (_: string, written: unknown) => (typeof written === 'boolean' ? written : undefined)
  return { describe, type: 'boolean', default: usual, read }
}

function decided({ read, default: usual = false, ...flag }: Flag<boolean | undefined>): Flag<boolean> {
  return { ...flag, default: usual, read: (name, written) => read(name, written) ?? usual }
}

function valued<Value>(
  describe: string,
  usual: string | undefined,
  read: (name: string, texts: readonly string[]) => Value,
): Flag<Value> {
  return {
    ...{ describe, type: 'string', defaultDescription: usual },
    read(name, written) {
      if (written === false) throw new UsageError(`--no-${name} is no flag; leave --${name} out`)
      return read(name, [written ?? []].flat().map(String))
    },
  }
}

function parsed<T>(name: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name}: ${error.message}`)
    throw error
  }
}
