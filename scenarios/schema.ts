/** A scenario: what to measure. Its type, and the keys of its file. */
import { harmless } from '../base/foreign-text.ts'
import { type Grammar, text } from './settings/grammar.ts'
import { ROWS, type SettingName, type ValueOf, type Values } from './settings/rows.ts'
import type { Known } from './settings/setting.ts'
import type { SETTINGS } from './settings/settings.ts'

/** The settings of a block of cases. */
export type Settings = Values<'case'>

/** A block of cases with its own label; its settings override the scenario's. */
interface Variant extends Settings {
  readonly label: string
}

export interface Scenario extends Values {
  readonly name: string
  readonly summary?: string | undefined
  /** Thresholds that `bench check` applies to the results, as written; `bench run` only measures. */
  readonly thresholds?: readonly string[] | undefined
  /** Empty if the scenario is a single block. */
  readonly variants: readonly Variant[]
}

/** A value as a scenario file writes it. */
type Written<Value> = Value extends boolean ? boolean : string | number
type WrittenValues = {
  readonly [Name in SettingName]?: ValueOf<Name> extends readonly (infer Value)[]
    ? (typeof SETTINGS)[Name]['value'] extends { many: string }
      ? Written<Value> | readonly Written<Value>[]
      : string
    : Written<ValueOf<Name>>
}
/** A scenario with the keys of its file: those of docs/scenario.schema.json. */
export interface ScenarioInput extends WrittenValues {
  readonly name?: string
  readonly summary?: string
  readonly thresholds?: string | readonly string[]
  readonly variants?: readonly (WrittenValues & { readonly label: string })[]
}

/** Valid scenario names; they become part of file names. */
export const SCENARIO_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const LABEL = /^\S(.{0,62}\S)?$/

export interface Key {
  readonly field: string
  readonly grammar: Grammar<unknown>
  readonly many?: 'list' | 'repeated'
  readonly about: string
  readonly known?: Exclude<keyof Known, 'sized'>
  readonly needed?: true
  /** Cannot be combined with these. */
  readonly excludes?: readonly string[]
}

/** `variants` is a key, too, with keys of its own. */
export const SCENARIO_KEYS: ReadonlyMap<string, Key> = new Map([
  [
    'name',
    {
      field: 'name',
      grammar: text(
        'a name',
        'write up to 64 letters, digits, dots, dashes and underscores',
        value => (SCENARIO_NAME.test(value) ? value : undefined),
        String,
        SCENARIO_NAME.source,
      ),
      about: "The scenario's name in results and file names; by default the file's name.",
    },
  ],
  [
    'summary',
    {
      field: 'summary',
      grammar: text('a text', 'write one line that says what is measured', value =>
        value.trim().replaceAll(/\s+/g, ' '),
      ),
      about: 'One line that says what is measured, for `bench list`.',
    },
  ],
  ...settingKeys(() => true),
  [
    'thresholds',
    {
      field: 'thresholds',
      grammar: text('a threshold', "write it in quotes, as 'tcp.goodput > 1Gbps'", value => value),
      many: 'list',
      about:
        'Limits that `bench check` applies to the results: one or a list, such as `tcp.goodput.p50 > 1Gbps` or `udp-*.loss < 0.1% @ chunk<=9216`.',
    },
  ],
])

export const VARIANT_KEYS: ReadonlyMap<string, Key> = new Map([
  [
    'label',
    {
      field: 'label',
      grammar: text(
        'a label',
        'write one line of up to 64 characters, in quotes if it is a number',
        value => (LABEL.test(value) && harmless(value) === value ? value : undefined),
        String,
        LABEL.source,
      ),
      about: 'Distinguishes this variant from the others in results.',
      needed: true,
    },
  ],
  ...settingKeys(scope => scope === 'case'),
])

/** The JSON Schema of a scenario file, for editors (draft 7, which they all support). */
export function scenarioJsonSchema(): object {
  const { properties, ...rest } = mappingSchema(SCENARIO_KEYS)
  const variants = {
    description: 'Blocks of cases that differ in the given keys; each of them replaces the key above.',
    type: 'array',
    minItems: 1,
    items: mappingSchema(VARIANT_KEYS),
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:tcp-udp-bench:scenario',
    title: 'A scenario of tcp-udp-bench',
    description: 'What to measure. The keys are flags of `bench run`, and a flag overrides its key.',
    ...rest,
    properties: { ...properties, variants },
  }
}

function settingKeys(has: (scope: string) => boolean): [string, Key][] {
  return ROWS.filter(([, { scope }]) => has(scope)).map(([name, setting]) => [
    name,
    { ...setting, about: setting.about ?? sentence(setting.help) },
  ])
}

/** Turns the help of a flag into words for a file. */
function sentence(help: string): string {
  return `${help.charAt(0).toUpperCase()}${help.slice(1).replaceAll('--', '')}.`
}

function mappingSchema(keys: ReadonlyMap<string, Key>) {
  const pairs = [...keys].flatMap(([name, { excludes = [] }]) =>
    excludes.map(other => ({ not: { required: [name, other] } })),
  )
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries([...keys].map(([name, key]) => [name, keySchema(key)])),
    required: [...keys].filter(([, { needed }]) => needed).map(([name]) => name),
    allOf: pairs,
  }
}

function keySchema({ about, grammar: { schema }, many }: Key): object {
  if (many === undefined) return { description: about, ...schema }
  return { description: about, anyOf: [schema, { type: 'array', minItems: 1, items: schema }] }
}
