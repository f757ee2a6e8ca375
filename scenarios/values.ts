/** How a value may be written in a scenario file (one or a list, text or number), with one-line errors that show the value. */
import * as z from 'zod'
import { UsageError } from '../base/errors.ts'

/** Builds a one-line issue message: what the value is not, the value, what to do. */
export function wrong(what: string, todo: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    input === null || input === undefined ? `no value; ${todo}` : `not ${what}: ${shown(input)}; ${todo}`
}

/** Formats a value for a message: short, on one line, and safe for circular values. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

type Message = (issue: { readonly input?: unknown }) => string
type Written = z.ZodType<string | number, string | number>

/** The pattern only serves editors; the parser reports what is wrong with a text. */
export function textOrNumber(pattern: string, error: Message) {
  return z.union([z.string().meta({ pattern }), z.number().meta({ minimum: 1, multipleOf: 1 })], { error })
}

export function one<T>(written: Written, parse: (text: string) => T) {
  return written.transform((value, context) => attempt(parse, value, context, []))
}

/** One value or a list of distinct values. */
export function list<T>(written: Written, parse: (text: string) => T) {
  const several = z.array(written).min(1, { error: 'an empty list; give one or more, or leave the key out' })
  // A list reports its first wrong element, which is nested deeper; this error is for a value that is neither.
  const oneOrMore = z.union([written, several], { error: issue => elementError(written, issue.input) })
  return oneOrMore.transform((value, context): readonly T[] => {
    if (!Array.isArray(value)) return [attempt(parse, value, context, [])]
    const parsed = value.map((each, index) => attempt(parse, each, context, [index]))
    const again = parsed.findIndex((each, index) => parsed.indexOf(each) < index)
    if (again >= 0 && context.issues.length === 0)
      context.addIssue({
        code: 'custom',
        message: `given twice: ${shown(value[again])}; keep one`,
        path: [again],
      })
    return parsed
  })
}

function elementError(written: Written, input: unknown): string | undefined {
  return written.safeParse(input).error?.issues[0]?.message
}

function attempt<T>(
  parse: (text: string) => T,
  value: string | number,
  context: z.RefinementCtx,
  path: number[],
): T {
  try {
    return parse(String(value))
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    context.addIssue({ code: 'custom', message: thrown.message, path })
    return z.NEVER
  }
}

export function whole(least: number, most: number, what: string, todo: string) {
  const error = wrong(what, todo)
  return z.int({ error }).min(least, { error }).max(most, { error })
}
