/** How the systems that rows were measured on are called. Pure. */
import { PROFILE_OF_SYSTEM } from '../../base/datagram-limits.ts'
import { shorten } from './cells.ts'
import type { ColumnName } from './columns.ts'

/** Of rows that do not say it, whose columns were left out. */
export const UNKNOWN_SYSTEM = 'an unknown system'
/** Behind the release of Windows where wine stood in for it. */
export const WINE_MARK = '(wine)'

const NAMES: ReadonlyMap<string, string> = new Map([
  ['linux', 'Linux'],
  ['macos', 'macOS'],
  ['freebsd', 'FreeBSD'],
  ['windows', 'Windows'],
])

/** What stands in a column, each value once. */
type ValuesOf = (column: ColumnName) => readonly string[]

export interface System {
  /** `Linux`, `Windows under wine`, `Linux to macOS`, `macOS profile on Linux`: what stands in for a system never has its name alone. */
  readonly name: string
  /** Of the sending end, as Node has them; rows of versions without columns for each end are of one host. */
  readonly sending: readonly string[]
  readonly standIn?: 'profile' | 'wine' | undefined
  /** Whether nothing stands in for the sending end, whose limits are those of datagrams. */
  readonly isSenderItself: boolean
}

export function systemOf(valuesOf: ValuesOf): System {
  const ownOr = (column: 'os' | 'os_release') => {
    const own = valuesOf(`sender_${column}`)
    return own.length > 0 ? own : valuesOf(column)
  }
  const sending = ownOr('os')
  const from = namesOf(sending, ownOr('os_release'))
  const to = namesOf(valuesOf('receiver_os'), valuesOf('receiver_os_release'))
  const ends = (to === '' || to === from ? from : `${from} to ${to}`) || UNKNOWN_SYSTEM
  const profiles = valuesOf('os_profile').map(profileName)
  if (profiles.length > 0)
    return {
      name: `${profiles.join(' and ')} profile on ${ends}`,
      ...{ sending, standIn: 'profile', isSenderItself: false },
    }
  const standIn = ends.includes(UNDER_WINE) ? 'wine' : undefined
  return { name: ends, sending, standIn, isSenderItself: !from.includes(UNDER_WINE) }
}

/** `macOS`; the name of a file, or of another system, as it may be shown. */
export function profileName(profile: string): string {
  return NAMES.get(profile) ?? shorten(profile)
}

export function isOfWine(release: string | undefined): boolean {
  return release?.endsWith(WINE_MARK) ?? false
}

/** Calls that an engine made of the system's own library, by a binding, have been run on Linux only. */
export function isUntested(binding: string | undefined, system: string | undefined): boolean {
  return binding !== undefined && system !== undefined && system !== 'linux'
}

const UNDER_WINE = ' under wine'

function namesOf(systems: readonly string[], releases: readonly string[]): string {
  const wine = releases.some(isOfWine) ? UNDER_WINE : ''
  return systems
    .map(each => profileName(PROFILE_OF_SYSTEM.get(each) ?? each) + (each === 'win32' ? wine : ''))
    .sort()
    .join(' and ')
}
