/** What `bench probe` found, from its rows alone. Pure. */
import { type OsProfile, profileLimit } from '../../base/datagram-limits.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { type DatagramLimits, limitsOf } from './datagram-limits.ts'

/** The variants of a probe. */
export const PROBES = ['usual', 'raised', 'known-path', 'any-path', 'held', 'held-usual'] as const
export type Probe = (typeof PROBES)[number]

export const FAMILIES = [4, 6] as const
export type Family = (typeof FAMILIES)[number]

/** A limit of datagrams: by which trials it is found and, where the system alone sets it, what is known of each system. */
export interface Limit {
  readonly what: string
  readonly probe: Probe
  readonly of: 'taken' | 'arrived'
  /** Nothing was split on the way, so that it is that of packets. */
  readonly whole?: true
  readonly expected?: (profile: OsProfile, family: Family) => number
}

export const LIMITS: readonly Limit[] = [
  {
    ...{ what: 'taken', probe: 'usual', of: 'taken' },
    expected: (profile, family) => profileLimit(profile, family).maxDatagramBytes,
  },
  {
    ...{ what: 'taken, SO_SNDBUF raised', probe: 'raised', of: 'taken' },
    expected(profile, family) {
      const { maxDatagramBytes, raisedBytes = maxDatagramBytes } = profileLimit(profile, family)
      return raisedBytes
    },
  },
  { what: 'arrived', probe: 'usual', of: 'arrived' },
  { what: 'arrived, DF by the known path', probe: 'known-path', of: 'arrived', whole: true },
  { what: 'arrived, DF always', probe: 'any-path', of: 'arrived', whole: true },
]

/** In bytes of UDP payload, known to the byte. */
export interface Probed {
  readonly limit: Limit
  readonly family: Family
  readonly bytes: number
  /** Of one that the system takes: the error of the next byte. */
  readonly refusal: string | undefined
  /** Of one that arrives: the smallest that was taken, and did not. */
  readonly missing: number | undefined
  /** The largest that the system takes, whatever the path. */
  readonly most: number
}

/** @param records of one probe */
export function probedLimits(records: readonly TrialRecord[]): readonly Probed[] {
  return LIMITS.flatMap(limit =>
    FAMILIES.flatMap((family): Probed[] => {
      const limits = (probe: Probe): DatagramLimits =>
        limitsOf(records.filter(each => each.variant === probe && each.ip_family === family))
      const { decided, taken, arrived, refusal, missing } = limits(limit.probe)
      if (!decided) return []
      const found =
        limit.of === 'taken'
          ? { bytes: taken, refusal, missing: undefined }
          : { bytes: arrived, refusal: undefined, missing }
      return [{ limit, family, ...found, most: limits('usual').taken }]
    }),
  )
}
