/** Grammars: how a value is written, in a flag and in a scenario file alike. */
import { UsageError } from '../../base/errors.ts'
import { nearest } from '../../base/nearest.ts'

/** JSON Schema (draft 7) of one value. */
interface ValueSchema {
  readonly type: 'string' | 'integer' | 'boolean' | readonly ['string', 'integer']
  readonly [keyword: string]: unknown
}

export interface Grammar<Value> {
  /** What a scenario file may hold; editors check more of it than `parse` needs. */
  readonly schema: ValueSchema
  /** `a size`, for messages. */
  readonly what: string
  /** What to write, if `what` does not say it. */
  readonly todo?: string | undefined
  /** The words that it can be, if they are few. */
  readonly choices?: readonly string[]
  /** @throws UsageError in one line that shows the text */
  parse(text: string): Value
  /** The shortest text that `parse` reads as this value. */
  format(value: Value): string
}

/** One line: what a value is not, the value, what to do. */
export function notA({ what, todo }: Pick<Grammar<unknown>, 'what' | 'todo'>, shown: string): string {
  return `not ${what}: ${shown}${todo === undefined ? '' : `; ${todo}`}`
}

/** One of a few words or numbers. */
export function oneOf<const Choice extends string | number>(
  choices: readonly [Choice, ...Choice[]] | readonly Choice[],
): Grammar<Choice> {
  const words = choices.map(String)
  const type = typeof choices[0] === 'number' ? 'integer' : 'string'
  return {
    schema: { type, enum: choices },
    ...{ what: 'a word', todo: `write one of ${words.join(', ')}`, choices: words },
    parse(text) {
      const choice = choices[words.indexOf(text)]
      if (choice !== undefined) return choice
      const near = nearest(text, words)
      const meant = near === undefined ? '' : `; did you mean ${near}?`
      throw new UsageError(`${JSON.stringify(text)} is not one of ${words.join(', ')}${meant}`)
    },
    format: String,
  }
}

export function integer(least: number, most: number): Grammar<number> {
  const parse = (text: string) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? value : undefined
  }
  const grammar = text(`a whole number from ${least} to ${most}`, undefined, parse)
  return { ...grammar, schema: { type: 'integer', minimum: least, maximum: most } }
}

export const SWITCH: Grammar<boolean> = {
  schema: { type: 'boolean' },
  ...{ what: 'true or false', todo: 'write true or false' },
  parse: text => text === 'true',
  format: String,
}

/** A text. @param parse gives undefined, or throws a UsageError of its own, if it is wrong */
export function text<Value>(
  what: string,
  todo: string | undefined,
  parse: (text: string) => Value | undefined,
  format: (value: Value) => string = String,
  pattern?: string,
): Grammar<Value> {
  return {
    schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
    ...{ what, todo, format },
    parse(text) {
      const value = parse(text)
      if (value !== undefined) return value
      throw new UsageError(notA({ what, todo }, JSON.stringify(text)))
    },
  }
}

/** The same, but a scenario file may write it as a number. */
export function orNumber<Value>(grammar: Grammar<Value>): Grammar<Value> {
  return { ...grammar, schema: { ...grammar.schema, type: ['string', 'integer'], minimum: 0 } }
}

/** A value, or a word instead of one. */
export function orWord<Word extends string, Value>(
  grammar: Grammar<Value>,
  word: Word,
): Grammar<Value | Word> {
  const { schema, what, todo } = grammar
  const pattern = String(schema['pattern']).slice(1, -1)
  return {
    schema: { ...schema, pattern: `^(${word}|${pattern})$` },
    ...{ what, todo: `${todo ?? what}, or ${word}` },
    parse(text) {
      if (text === word) return word
      try {
        return grammar.parse(text)
      } catch (thrown) {
        if (!(thrown instanceof UsageError)) throw thrown
        throw new UsageError(`${thrown.message}, or ${word}`, { cause: thrown })
      }
    },
    format: value => (value === word ? word : grammar.format(value as Value)),
  }
}
