/** Turns the content of a scenario file into a scenario, or lists everything wrong with it. Pure. */
import { UsageError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import { asKey, type Conflict } from './conflict.ts'
import { type Key, SCENARIO_KEYS, type Scenario, VARIANT_KEYS } from './schema.ts'
import { type Grammar, notA } from './settings/grammar.ts'
import { grammarOf } from './settings/rows.ts'
import type { Known } from './settings/setting.ts'

export type KeyPath = readonly PropertyKey[]

export interface Issue {
  readonly path: KeyPath
  /** One line. */
  readonly message: string
  /** About the key, rather than its value. */
  readonly atKey: boolean
  /** About several keys, which it names. */
  readonly ofSeveral?: true
}

export interface Rules {
  /** Any other transport or engine is an issue; undefined allows all names. */
  readonly known?: Known | undefined
  /** Throws a UsageError for an invalid threshold, which the results define; undefined allows any text. */
  readonly checkThreshold?: ((text: string) => void) | undefined
  /** Finds settings that cannot be combined. */
  readonly conflicts?: ((scenario: Scenario) => readonly Conflict[]) | undefined
  /** The text of the value at `path` as it is typed, if it has one. */
  readonly typed?: (path: KeyPath) => string | undefined
}

/** @param name the scenario's, if it does not give one @returns a scenario without the values that are wrong */
export function readScenario(
  content: unknown,
  name: string,
  rules: Rules,
): { readonly scenario: Scenario; readonly issues: readonly Issue[] } {
  const reader = new Reader(rules)
  // Each key gives its own type of value.
  const scenario = Object.assign<Scenario, Fields>({ name, variants: [] }, reader.scenario(content))
  const found = rules.conflicts?.(scenario) ?? []
  const issues = [...reader.issues, ...found.flatMap(each => reader.located(each))]
  // What is wrong with the whole scenario is wrong with each of its variants.
  const once = new Map(issues.map(each => [`${each.path.join()} ${each.message}`, each]))
  return { scenario, issues: [...once.values()] }
}

/** Any of them says what is sent. */
const SENT = ['size', 'file', 'duration'] as const

type Fields = Readonly<Record<string, unknown>>

class Reader {
  readonly issues: Issue[] = []
  readonly #written: KeyPath[] = []
  readonly #rules: Rules

  constructor(rules: Rules) {
    this.#rules = rules
  }

  scenario(content: unknown): Fields {
    const variants = (value: unknown) => this.#variants(value)
    const fields = this.#block(content, [], 'a scenario', SCENARIO_KEYS, { variants })
    const sends = (block: unknown) => isMapping(block) && SENT.some(key => key in block)
    // A key that is unknown is probably meant to be one of these.
    if (!isMapping(content) || this.issues.some(({ atKey }) => atKey) || sends(content)) return fields
    const { variants: blocks } = content
    const { known } = this.#rules
    // Without names nobody knows what needs a size.
    if (!known) return fields
    const { sized = [] } = known
    const isSized = (names: unknown) => Array.isArray(names) && names.every(each => sized.includes(each))
    const { variants: read, transports } = fields
    const ofVariant = (at: number) => (Array.isArray(read) ? read[at]?.transports : undefined)
    const all = Array.isArray(blocks)
      ? blocks.every((each, at) => sends(each) || isSized(ofVariant(at) ?? transports))
      : isSized(transports)
    if (!all) this.#report(['size'], 'nothing to send; give size, file or duration')
    return fields
  }

  /** An issue at the first of its settings that is written, unless one of them has an issue of its own. */
  located({ settings, variant, message }: Conflict): readonly Issue[] {
    const paths = settings.flatMap(each => [
      ...(variant === undefined ? [] : [['variants', variant, each]]),
      [each],
    ])
    const isIn = (path: KeyPath) => this.#written.some(each => each.join() === path.join())
    const path = paths.find(isIn) ?? []
    const isKnown = this.issues.some(each =>
      paths.some(path => path.join() === each.path.slice(0, path.length).join()),
    )
    return isKnown ? [] : [{ path, message: message(asKey), atKey: true, ofSeveral: true }]
  }

  #variants(value: unknown): readonly Fields[] {
    const path = ['variants']
    if (!Array.isArray(value)) {
      this.#refuse(path, { what: 'a list of variants', todo: 'write one `- label: …` for each' }, value)
      return []
    }
    if (value.length === 0) this.#report(path, EMPTY_LIST)
    const blocks = value.map((each, at) => this.#block(each, [...path, at], 'a variant', VARIANT_KEYS))
    const labels = blocks.map(each => each['label'])
    for (const [at, label] of labels.entries())
      if (label !== undefined && labels.indexOf(label) < at)
        this.#report([...path, at, 'label'], `given twice: ${shown(label)}; give each variant its own label`)
    return blocks
  }

  /** @param parts of it that have keys of their own */
  #block(
    value: unknown,
    path: KeyPath,
    what: string,
    keys: ReadonlyMap<string, Key>,
    parts: Readonly<Record<string, (value: unknown) => unknown>> = {},
  ): Fields {
    if (!isMapping(value)) {
      this.#refuse(path, { what, todo: 'write keys and values, such as size: 800k' }, value)
      return {}
    }
    for (const [name, { needed, grammar }] of keys)
      if (needed && !(name in value)) this.#one(null, grammar, [...path, name])
    const fields: Record<string, unknown> = {}
    const before: string[] = []
    for (const [name, written] of Object.entries(value)) {
      if (written === undefined) continue
      const at = [...path, name]
      const part = Object.hasOwn(parts, name) ? parts[name] : undefined
      if (part) {
        fields[name] = part(written)
        continue
      }
      const key = keys.get(name)
      if (!key) {
        const known = [...keys.keys(), ...Object.keys(parts)]
        this.#report(at, `${what} has no such key${suggestion(name, known)}`, true)
        continue
      }
      const excludes = (one: string, other: string) => keys.get(one)?.excludes?.includes(other)
      const other = before.find(each => excludes(each, name) || excludes(name, each))
      if (written !== false) {
        if (other !== undefined) this.#report(at, `cannot be combined with ${other}; leave one of them out`)
        before.push(name)
      }
      this.#written.push(at)
      const grammar = this.#grammarOf(key)
      fields[key.field] = key.many ? this.#list(written, grammar, at) : this.#one(written, grammar, at)
    }
    return fields
  }

  #grammarOf(key: Key): Grammar<unknown> {
    const { known, checkThreshold } = this.#rules
    if (known && key.known) return grammarOf(key, known)
    if (key.field !== 'thresholds' || !checkThreshold) return key.grammar
    const parse = (text: string) => {
      checkThreshold(text)
      return text
    }
    return { ...key.grammar, parse }
  }

  /** One value or a list of distinct values. */
  #list(written: unknown, grammar: Grammar<unknown>, path: KeyPath): readonly unknown[] {
    if (!Array.isArray(written)) return [this.#one(written, grammar, path)].flat()
    if (written.length === 0) this.#report(path, EMPTY_LIST)
    const values = written.map((each, at) => this.#one(each, grammar, [...path, at]))
    for (const [at, value] of values.entries())
      if (value !== undefined && values.indexOf(value) < at)
        this.#report([...path, at], `given twice: ${this.#shown(written[at], [...path, at])}; keep one`)
    // One may stand for several.
    return [...new Set(values.flat())]
  }

  #one(written: unknown, grammar: Grammar<unknown>, path: KeyPath): unknown {
    const type = typeof written === 'number' ? 'integer' : typeof written
    if (![grammar.schema.type].flat().some(each => each === type)) {
      this.#refuse(path, grammar, written)
      return undefined
    }
    const parse = (text: string): unknown => {
      try {
        return grammar.parse(text)
      } catch (thrown) {
        if (thrown instanceof UsageError) return thrown
        throw thrown
      }
    }
    const value = parse(String(written))
    if (!(value instanceof UsageError)) return value
    // A number may have been typed in another way.
    const asTyped = parse(typeof written === 'number' ? this.#shown(written, path) : String(written))
    this.#report(path, (asTyped instanceof UsageError ? asTyped : value).message)
    return undefined
  }

  /** A number as it is typed. */
  #shown(value: unknown, path: KeyPath): string {
    return (typeof value === 'number' ? this.#rules.typed?.(path) : undefined) ?? shown(value)
  }

  #refuse(path: KeyPath, expected: Pick<Grammar<unknown>, 'what' | 'todo'>, value: unknown): void {
    const { what, todo = `write ${what}` } = expected
    this.#report(path, value === null ? `no value; ${todo}` : notA(expected, this.#shown(value, path)))
  }

  #report(path: KeyPath, message: string, atKey = false): void {
    this.issues.push({ path, message, atKey })
  }
}

const EMPTY_LIST = 'an empty list; give one or more, or leave the key out'

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value in a message: short, on one line, and safe for circular values. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
