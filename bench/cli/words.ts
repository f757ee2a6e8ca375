/** The words of a command line, before and after yargs reads them: what it would let pass, and its complaints in our words. */
import type { Options } from 'yargs'
import { UsageError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'

/** How yargs is to read: names and numbers as they are written. */
export const PARSER_CONFIGURATION = {
  'camel-case-expansion': false,
  'dot-notation': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
}

/** The flags and commands that words may name. */
export class Vocabulary {
  readonly #flags: readonly string[]
  readonly #switches: ReadonlySet<string>
  readonly #commands: readonly string[]

  constructor(options: Readonly<Record<string, Options>>, commands: readonly string[]) {
    this.#flags = Object.keys(options)
    this.#switches = new Set(this.#flags.filter(name => options[name]?.type === 'boolean'))
    this.#commands = commands
  }

  /** What yargs would let pass: a switch with a value that is none, a number for a flag, and all that follows `--`. */
  check(words: readonly string[]): void {
    if (words.includes('--'))
      throw new UsageError('-- is not known; write a name that begins with a dash as ./-name')
    words.forEach((word, at) => {
      const [, name = '', value = ''] = /^--(?:no-)?([^=]+)=(.*)$/s.exec(word) ?? []
      if (this.isSwitch(name) && value !== 'true' && value !== 'false')
        throw new UsageError(`--${name} takes no value, got ${JSON.stringify(value)}; write --${name} alone`)
      if (/^-[0-35789]/.test(word) && !this.wantsValue(words[at - 1]))
        throw new UsageError(`unknown flag ${word}; bench --help lists what there is`)
    })
  }

  isSwitch(name: string): boolean {
    return this.#switches.has(name)
  }

  /** The next word is the value of this one. */
  wantsValue(word: string | undefined): boolean {
    return (
      word?.startsWith('--') === true && this.#flags.includes(word.slice(2)) && !this.isSwitch(word.slice(2))
    )
  }

  /** `-4` and `-6`, which yargs would take for numbers; what follows a flag that wants a value is left alone. */
  familyFlags(words: readonly string[]): string[] {
    return words.map((word, at) =>
      (word === '-4' || word === '-6') && !this.wantsValue(words[at - 1]) ? `--ip=${word.slice(1)}` : word,
    )
  }

  /** yargs' messages on one line, in our words, with what was probably meant. */
  plainer(message: string, words: readonly string[]): string {
    const unknown = /^Unknown (?:argument|command)s?: (.+)$/s.exec(message)?.[1]?.split(', ')[0]
    if (unknown !== undefined) {
      const written = words.find(word => word.replace(/^-+(no-)?/, '').split('=')[0] === unknown) ?? unknown
      const isFlag = written.startsWith('-')
      const dashes = /^-*(?:no-)?/.exec(written)?.[0] ?? ''
      // Every letter is near to a flag of one letter.
      const known = isFlag ? this.#flags.filter(name => name.length > 1) : this.#commands
      // Of another command.
      if (isFlag && this.#flags.includes(unknown))
        return `bench ${words[0]} has no flag ${written.split('=')[0]}; bench ${words[0]} --help lists its own`
      const meant = nearest(unknown, known)
      const hint = meant
        ? `did you mean ${isFlag ? dashes.replace(/^-+/, '--') : ''}${meant}?`
        : 'bench --help lists what there is'
      return `unknown ${isFlag ? 'flag' : 'word'} ${written.split('=')[0]}; ${hint}`
    }
    const hungry = /^Not enough arguments following: (.+)$/.exec(message)?.[1]
    if (hungry !== undefined) return `--${hungry} wants a value; write --${hungry} VALUE`
    const choice = /Argument: (\S+), Given: "?([^"]*)"?, Choices: (.+)$/s.exec(message)
    if (choice)
      return `--${choice[1]}: ${JSON.stringify(choice[2])} is none of ${choice[3]?.replaceAll('"', '').trim()}`
    const missing = /^Missing required arguments?: (.+)$/s.exec(message)?.[1]
    if (missing !== undefined) return `--${missing.split(', ')[0]} is missing; see bench ${words[0]} --help`
    if (message.startsWith('Not enough non-option arguments'))
      return `something is missing; see bench ${words[0]} --help`
    return message.replaceAll(/\s*\n\s*/g, ' ')
  }
}

/** Words in which `-`, standard input, survives: yargs loses it among several files. */
export function withInput(words: readonly string[]): string[] {
  return words.map(word => (word === '-' ? INPUT : word))
}

/** What yargs made of them, with `-` again. */
export function inputAgain(argv: Record<string, unknown>): void {
  const restored = (value: unknown) => (value === INPUT ? '-' : value)
  for (const [name, value] of Object.entries(argv))
    argv[name] = Array.isArray(value) ? value.map(restored) : restored(value)
}

/** No word of a command line has a NUL. */
const INPUT = 'standard input\0'

/**
 * `--a` (or `-a`) and its value as one word: yargs would take a value that begins with a dash for a flag.
 * @param names of such flags, of one letter each
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
