/** Merges settings: a variant over its scenario, command line flags over both. Pure. */
import { UsageError } from '../base/errors.ts'
import { DEFAULT_ANSWERED, DEFAULT_STREAMS } from '../transports/catalog.ts'
import { DEFAULTS } from './defaults.ts'
import type { Scenario, Settings } from './schema.ts'
import { ROWS, type Row, type Values } from './settings/rows.ts'
import type { Pins } from './settings/words.ts'

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
  // What a file asks of our own receiver does not apply to another program.
  const ofReceiver = { keep: undefined, drainMs: undefined, verify: undefined, rcvbufBytes: undefined }
  const foreign = overrides.target && ofReceiver
  const over = pick(overrides, 'case')
  return {
    ...overlay({ ...scenario, ...foreign }, overrides),
    variants: scenario.variants.map(variant => overlay({ ...variant, ...foreign }, over)),
  }
}

/** The settings of a command; `none` switches off what a file asks for. */
export interface CommandSettings extends Omit<Values<'command'>, 'pins'> {
  readonly pins?: Pins | undefined
}

export function commandSettings(scenario: Scenario): CommandSettings {
  const { pins, keep, ...settings } = pick(scenario, 'command')
  return { ...settings, pins: pins === 'none' ? undefined : pins, keep: keep === 'none' ? undefined : keep }
}

/** `base` overridden by `over`, whose settings take the place of those that they exclude. */
export function overlay<Base extends Overrides>(base: Base, over: Overrides): Base {
  const named = givenRows(over)
  const replaced = givenRows(base).filter(
    row => !named.includes(row) && named.some(each => exclude(row, each)),
  )
  const dropped = Object.fromEntries(replaced.map(([, { field }]) => [field, undefined]))
  // Only optional fields are dropped.
  return { ...base, ...dropped, ...pick(over) } as Base
}

/** @throws UsageError if two settings exclude each other */
function checkExclusions(values: Overrides): void {
  const rows = givenRows(values)
  for (const [at, row] of rows.entries()) {
    const other = rows.slice(at + 1).find(each => exclude(row, each))
    if (other) throw new UsageError(`--${row[0]} and --${other[0]} exclude each other; give one of them`)
  }
}

type NamedRow = (typeof ROWS)[number]

/** What is set, in the order of the table; a switch that is off excludes nothing. */
function givenRows(values: Overrides): NamedRow[] {
  return ROWS.filter(([, { field }]) => (values[field] ?? false) !== false)
}

function exclude([one, { excludes }]: NamedRow, [other, { excludes: excluding }]: NamedRow): boolean {
  return (excludes?.includes(other) || excluding?.includes(one)) ?? false
}

/** The settings that are given, of one scope or of all. */
function pick<Scope extends Row['scope']>(values: Overrides, scope?: Scope): Values<Scope> {
  const rows = ROWS.filter(([, row]) => scope === undefined || row.scope === scope)
  const given = rows.map(([, { field }]) => [field, values[field]] as const)
  // Each field has its own type of value.
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Values<Scope>
}

/** The transports of a block: those asked for, or the usual ones that can do what is. */
export function transportsOf({ transports, durationMs, fps, frames }: Settings): readonly string[] {
  if (transports ?? fps) return transports ?? DEFAULTS.transports
  if (frames !== undefined) return DEFAULT_ANSWERED
  return durationMs === undefined ? DEFAULTS.transports : DEFAULT_STREAMS
}
