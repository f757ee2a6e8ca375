/** Typed flags: a table of them defines the help, the reading of words, and the type of each value. */
import { UsageError } from '../../base/errors.ts'
import { oneOf } from '../../scenarios/settings/grammar.ts'

/** The flags of a command line as typed: a text, several of them, or whether a switch is on. */
export type Written = Readonly<Record<string, unknown>>

/** The help of a flag, with yargs' names for its parts; and its value. */
export interface Flag<Value> {
  readonly describe: string
  /** A switch takes no value. */
  readonly type: 'string' | 'boolean'
  /** Only for a switch. */
  readonly default?: boolean
  /** The default, in words. */
  readonly defaultDescription?: string | undefined
  readonly alias?: string
  /** The part of the help that it is in. */
  readonly group?: string
  /** Only `--help-all` shows it. */
  readonly hidden?: boolean
  readonly choices?: readonly string[]
  /** Takes all words up to the next flag. */
  readonly array?: true
  /** The command needs it. */
  readonly demandOption?: true
  /** Its value may begin with a dash. */
  readonly dashed?: true
  /** @throws UsageError that names the flag */
  read(name: string, written: unknown): Value
}

export type FlagTable = Readonly<Record<string, Flag<unknown>>>

/** The same flags, in a part of the help of their own. @param common those that help shows, too; the others need `--help-all` */
export function grouped<Table extends FlagTable>(
  group: string,
  table: Table,
  common: readonly (keyof Table)[] = [],
): Table {
  const flags = Object.entries(table).map(([name, flag]) => [
    name,
    { ...flag, group, hidden: !common.includes(name) },
  ])
  // Each stays as it is, but for where help shows it.
  return Object.fromEntries(flags) as Table
}

/** Some flags of a table. */
export function only<Table extends FlagTable, Name extends keyof Table>(
  table: Table,
  names: readonly Name[],
): Pick<Table, Name> {
  const kept = Object.entries(table).filter(([name]) => names.some(each => each === name))
  return Object.fromEntries(kept) as Pick<Table, Name>
}

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

/** A flag with a value, and a default that is written like one. */
export function usually<T>(describe: string, parse: (text: string) => T, usual: string): Flag<T> {
  const flag = text(describe, parse, usual)
  return { ...flag, read: (name, written) => flag.read(name, written) ?? parse(usual) }
}

/** A flag with one of a few values. */
export function choice<const Choice extends string>(
  describe: string,
  choices: readonly Choice[],
  usual: NoInfer<Choice>,
): Flag<Choice> {
  return { ...usually(describe, oneOf(choices).parse, usual), choices }
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

/** A flag that the command requires. */
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

/** A switch; undefined unless given, with or without `--no-`. */
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
      if (written === false) throw new UsageError(`--no-${name} is not a flag; leave --${name} out`)
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
