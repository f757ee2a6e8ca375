/** What to say of a flag or word that there is not. Pure. */
import { nearest } from '../../base/nearest.ts'
import type { Entry } from './command.ts'
import type { FlagTable, Written } from './flags.ts'
import { habitual } from './habits.ts'

/**
 * A line about the first flag that is not in the table, with what was probably meant.
 * @param here the command that has the table, and the tables of all
 */
export function unknownFlag(
  flags: Written,
  table: FlagTable,
  here?: { readonly command: string; readonly tables: readonly FlagTable[] },
): string | undefined {
  const unknown = Object.keys(flags).find(name => !Object.hasOwn(table, name))
  if (unknown === undefined) return undefined
  const no = flags[unknown] === false ? 'no-' : ''
  const written = `${unknown.length === 1 && no === '' ? '-' : '--'}${no}${unknown}`
  const instead = no === '' ? habitual(unknown, table) : undefined
  if (instead !== undefined) return `unknown flag ${written}; here that is ${instead}`
  const known = [table, ...(here?.tables ?? [])].flatMap(each => Object.keys(each))
  if (here && known.includes(unknown))
    return `bench ${here.command} has no flag --${no}${unknown}; ${listOf(here.command)}`
  // Every letter is close to a short flag.
  const meant = unknown.length === 1 ? undefined : nearest(unknown, known)
  return `unknown flag ${written}; ${meant === undefined ? listOf(here?.command) : `did you mean --${no}${meant}?`}`
}

export function unknownWord(word: string, commands: readonly Entry[]): string {
  const meant = nearest(
    word,
    commands.map(each => each.name),
  )
  return `unknown word ${word}; ${meant === undefined ? SEE_ALL : `did you mean ${meant}?`}`
}

export function listOf(command: string | undefined): string {
  return command === undefined ? SEE_ALL : `bench ${command} --help lists its flags`
}

const SEE_ALL = 'bench --help lists what there is'
