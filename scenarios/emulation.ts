/** What the cases of a block emulate: ways between both ends, and the datagram limit of a system. Pure. */
import { limitWith, OS_PROFILES, PROFILES, type Profile } from '../base/datagram-limits.ts'
import { UsageError } from '../base/errors.ts'
import type { Way } from '../transports/impairment/spec.ts'
import type { PathName } from './paths.ts'
import type { Settings } from './schema.ts'
import type { EMULATORS } from './settings/words.ts'

/** By the file that has it. */
export type Profiles = ReadonlyMap<string, Profile>

interface Emulated {
  readonly way?: Way
  readonly path?: PathName
  readonly queueBytes?: number
  readonly trace?: string
  readonly impairWith?: (typeof EMULATORS)[number]
}

/** What is emulated: each of the paths, or one way, or nothing. */
export function waysOf({
  paths,
  way,
  queueBytes,
  trace,
  impairWith = 'relay',
}: Settings): readonly Emulated[] {
  if (!paths && !way && trace === undefined) return [{}]
  const common = {
    impairWith,
    ...(queueBytes === undefined ? {} : { queueBytes }),
    ...(trace === undefined ? {} : { trace }),
  }
  if (paths) return paths.map(path => ({ path, ...common }))
  return [{ ...(way ? { way } : {}), ...common }]
}

/** The largest datagram that is let through, in bytes; undefined for any. @throws UsageError */
export function limitOf(
  { maxDatagramBytes, osProfile, sndbufBytes }: Settings,
  ipFamily: 4 | 6,
  profiles: Profiles,
): number | undefined {
  if (typeof maxDatagramBytes === 'number') return maxDatagramBytes
  if (osProfile === undefined || maxDatagramBytes === 'none') return undefined
  const profile =
    profiles.get(osProfile) ?? OS_PROFILES.flatMap(each => (each === osProfile ? [PROFILES[each]] : []))[0]
  if (!profile) throw new UsageError(`unknown profile: ${osProfile}`)
  return limitWith(profile[ipFamily], typeof sndbufBytes === 'number' ? sndbufBytes : undefined)
}
