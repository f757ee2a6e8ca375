/** The grammar of conditions: a text -> names, operators and values; what they mean is not looked at. */
import { UsageError } from '../../base/errors.ts'

const OPERATORS = ['=', '!=', '<', '<=', '>', '>='] as const
export type Operator = (typeof OPERATORS)[number]

export interface Operand {
  readonly text: string
  /** In quotes: neither `*` nor `none` is special in it. */
  readonly quoted: boolean
}

/** One condition. */
export interface Part {
  /** As it was written. */
  readonly text: string
  readonly name: string
  readonly operator: Operator
  /** It is a word, or several with commas, without a column: a transport. */
  readonly isBare: boolean
  /** At least one. */
  readonly operands: readonly Operand[]
}

/** @throws UsageError if it is not a list of conditions */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match?.[0]
  }
  const wrong = (from: number, what: string) =>
    new UsageError(
      `condition ${(text.slice(from).trim() || text).slice(0, 80)}: ${what}; write it as column=value, chunk<=9216 or transport=udp-*`,
    )
  for (take(BLANKS); at < text.length; take(BLANKS)) {
    const start = at
    const name = take(NAME)
    if (name === undefined) throw wrong(start, 'a column is missing')
    const afterName = at
    take(BLANKS)
    const written = take(OPERATOR)
    const isBare = written === undefined
    if (isBare) at = afterName
    if (isBare && name.toLowerCase() === 'and') continue
    if (isBare && name.toLowerCase() === 'or')
      throw wrong(start, 'conditions cannot be joined by or; give several values, as size=800k,1M')
    const operator = OPERATORS.find(each => each === (isBare || written === '==' ? '=' : written))
    if (!operator) throw wrong(start, `there is no operator ${written}`)
    const operands: Operand[] = isBare ? [operandOf(name)] : []
    while (operands.length === 0 || take(COMMA)) {
      take(BLANKS)
      const value = take(VALUE)
      if (value === undefined) throw wrong(start, `a value is missing after ${text.slice(start, at).trim()}`)
      operands.push(operandOf(value))
    }
    if (at < text.length && !/\s/.test(text[at] ?? ''))
      throw wrong(start, `unexpected ${text.slice(at, at + 10)}`)
    parts.push({
      text: text.slice(start, at).trim(),
      name: isBare ? 'transport' : name,
      operator,
      isBare,
      operands,
    })
  }
  return parts
}

const BLANKS = /\s*/y
/** A column, or the bare name of a transport. */
const NAME = /[\w.*-]+/y
const OPERATOR = /[=!<>~]+/y
/** In quotes, or up to a blank or a comma. */
const VALUE = /"[^"]*"|'[^']*'|[^\s,"'=<>!][^\s,"']*/y
const COMMA = /,/y

function operandOf(value: string): Operand {
  const quoted = /^["']/.test(value)
  return { text: quoted ? value.slice(1, -1) : value, quoted }
}
