/** Makes flags from the table of settings. */
import { UsageError } from '../../base/errors.ts'
import { overlay } from '../../scenarios/blocks.ts'
import { namesIn } from '../../scenarios/settings/known.ts'
import { ROWS, type Row, type SettingName, type ValueOf, type Values } from '../../scenarios/settings/rows.ts'
import { BUILT_IN } from '../workloads/catalog.ts'
import { type Flag, type FlagValues, list, repeated, text, toggle } from './flags.ts'

type SettingFlags = { readonly [Name in SettingName]: Flag<ValueOf<Name> | undefined> }

/** The parts of the help, in its order. */
export const GROUPS = {
  what: 'What to send:',
  rounds: 'Rounds and times:',
  sockets: 'Sockets and pacing:',
  ends: 'Where:',
} as const

function groupOf({ group, option, kind, scope }: Row): keyof typeof GROUPS {
  if (group !== undefined) return group
  if (option !== undefined || kind !== undefined) return 'sockets'
  return scope === 'command' ? 'ends' : scope === 'scenario' ? 'rounds' : 'what'
}

/** The flags of all settings, in order. Each row gives a flag of its own type. */
export const SETTING_FLAGS = Object.fromEntries(
  ROWS.map(([name, row]) => [
    name,
    {
      ...flagOfRow(row),
      ...(row.alias ? { alias: row.alias } : {}),
      ...{ group: GROUPS[groupOf(row)], hidden: !row.common },
    },
  ]),
) as SettingFlags

/** One of them, for another command that has it. @param usual its default there */
export function settingFlag<Name extends SettingName>(
  name: Name,
  usual?: string,
): Flag<ValueOf<Name> | undefined> {
  const { group: _, hidden: _hidden, ...flag }: Flag<ValueOf<Name> | undefined> = SETTING_FLAGS[name]
  return usual === undefined ? flag : { ...flag, defaultDescription: usual }
}

/** The values of flags, by the fields of settings. */
export function settingValues(flags: FlagValues<SettingFlags>): Values {
  return overlay({}, Object.fromEntries(ROWS.map(([name, { field }]) => [field, flags[name]])))
}

/** Help lists the built-in names; the catalog that a command runs with may have more, and checks them. */
function flagOfRow({ help, initial, usual = initial, many, known, grammar }: Row): Flag<unknown> {
  const { parse, schema } = grammar
  const names = namesIn(BUILT_IN)
  const choices = known === 'engines' ? ['auto', ...names.engines] : grammar.choices
  if (schema.type === 'boolean') return toggle(help, initial === 'true')
  if (many === 'repeated') {
    const flag = repeated(help, parse)
    return {
      ...flag,
      read: (name, written) => (written === undefined ? undefined : flag.read(name, written)),
    }
  }
  const said = known === 'transports' ? `${help} ${names.transports.join(', ')}` : help
  if (many === 'list') return list(said, parse, usual)
  return { ...text(help, oneOnly(parse), usual), ...(choices ? { choices } : {}) }
}

/** Of several quantities it says where they go: whoever sweeps sizes with a list expects that of rates, too. */
function oneOnly<T>(parse: (text: string) => T): (text: string) => T {
  return text => {
    if (SEVERAL.test(text))
      throw new UsageError(
        `one value, not ${text}; several are variants of a scenario file, which bench init writes`,
      )
    return parse(text)
  }
}

/** `100M,1G` */
const SEVERAL = /^\d[\d.]*[a-z]+(?:,\d[\d.]*[a-z]+)+$/i
