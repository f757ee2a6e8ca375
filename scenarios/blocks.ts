/** Merges settings: a variant over its scenario, command line flags over both. Pure. */
import { UsageError } from '../base/errors.ts'
import type { Scenario, Settings } from './schema.ts'
import { ROWS, SETTINGS, type Setting, type SettingName, type Values } from './settings/settings.ts'

/** Settings that flags can override: everything in a scenario except its name, summary, thresholds and variants. */
export type Overrides = Values

/** Settings whose lists are combined into cases. */
export interface Block extends Settings {
  /** The variant's label; undefined for a scenario without variants. */
  readonly label: string | undefined
}

/** Splits a scenario into its blocks of cases: one per variant, or a single one. */
export function blocksOf(scenario: Scenario): readonly Block[] {
  const base = pick(scenario, 'case')
  if (scenario.variants.length === 0) return [{ label: undefined, ...base }]
  return scenario.variants.map(variant => ({ label: variant.label, ...overlay(base, variant) }))
}

/**
 * Applies overrides to a scenario and to each of its variants. Variants that become equal are both kept.
 * @throws UsageError if the overrides contain two mutually exclusive settings
 */
export function applyOverrides(scenario: Scenario, overrides: Overrides): Scenario {
  checkExclusions(overrides)
  const over = pick(overrides, 'case')
  return {
    ...overlay(scenario, overrides),
    variants: scenario.variants.map(variant => overlay(variant, over)),
  }
}

/** `base` overridden by `over`, whose settings take the place of those that they exclude. */
export function overlay<Base extends Overrides>(base: Base, over: Overrides): Base {
  const named = givenNames(over)
  const replaced = givenNames(base).filter(
    name => !named.includes(name) && named.some(each => exclude(name, each)),
  )
  const dropped = Object.fromEntries(replaced.map(name => [SETTINGS[name].field, undefined]))
  // Only optional fields are dropped.
  return { ...base, ...dropped, ...pick(over) } as Base
}

/** @throws UsageError if two settings exclude each other */
function checkExclusions(values: Overrides): void {
  const names = givenNames(values)
  for (const [at, name] of names.entries()) {
    const other = names.slice(at + 1).find(each => exclude(name, each))
    if (other !== undefined)
      throw new UsageError(`--${name} and --${other} exclude each other; give one of them`)
  }
}

/** What is set, in the order of the table; a switch that is off excludes nothing. */
function givenNames(values: Overrides): SettingName[] {
  return ROWS.filter(([, { field }]) => (values[field] ?? false) !== false).map(([name]) => name)
}

function exclude(one: SettingName, other: SettingName): boolean {
  const excludes = ({ excludes }: Setting, name: string) => excludes?.includes(name) ?? false
  return excludes(SETTINGS[one], other) || excludes(SETTINGS[other], one)
}

/** The settings that are given, of one scope or of all. */
function pick<Scope extends Setting['scope']>(values: Overrides, scope?: Scope): Values<Scope> {
  const rows = ROWS.filter(([, row]) => scope === undefined || row.scope === scope)
  const given = rows.map(([, { field }]) => [field, values[field]] as const)
  // Each field has its own type of value.
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Values<Scope>
}
