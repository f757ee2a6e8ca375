/** What settings that cannot be combined say, in the words of flags or of a file. */
import type { Transport } from '../transports/contract/transport.ts'
import type { SettingName } from './settings/rows.ts'

/** Writes a setting, with its value if that matters, as a flag or as a key of a file. */
export type Name = (setting: SettingName, value?: string | boolean) => string

export const asFlag: Name = (setting, value = true) => {
  if (typeof value === 'boolean') return `--${value ? '' : 'no-'}${setting}`
  // -4 and -6, as the help has it.
  return setting === 'ip' ? `-${value}` : `--${setting} ${value}`
}

export const asKey: Name = (setting, value) => (value === undefined ? setting : `${setting}: ${value}`)

export interface Conflict {
  /** The settings that decide it, the one to look at first. */
  readonly settings: readonly SettingName[]
  /** Index of the block of cases that has them; undefined for settings of the whole scenario. */
  readonly variant?: number
  /** One line. */
  readonly message: (name: Name) => string
}

export type Transports = ReadonlyMap<string, Pick<Transport, 'name' | 'traits' | 'transfer' | 'exchange'>>
