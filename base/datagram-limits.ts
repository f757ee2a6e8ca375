/** The documented datagram limit of each operating system: an expectation, which a probe confirms or contradicts. */
import { parseBytes } from './units.ts'

export const OS_PROFILES = ['macos', 'freebsd', 'windows', 'linux'] as const
export type OsProfile = (typeof OS_PROFILES)[number]

/** By the name that Node has for each system (`process.platform`). */
export const PROFILE_OF_SYSTEM: ReadonlyMap<string, OsProfile> = new Map([
  ['darwin', 'macos'],
  ['freebsd', 'freebsd'],
  ['win32', 'windows'],
  ['linux', 'linux'],
])

export interface ProfileLimit {
  /** The largest UDP payload that a socket with default settings sends; one more byte causes EMSGSIZE. */
  readonly maxDatagramBytes: number
  /** The largest that it sends with a raised SO_SNDBUF, if that lifts the limit. */
  readonly raisedBytes?: number
  /** What sets the limit, and how to lift it. */
  readonly note: string
}

/** Returns the datagram limit that `--os-profile` emulates. */
export function profileLimit(profile: OsProfile, ipFamily: 4 | 6): ProfileLimit {
  return PROFILES[profile][ipFamily]
}

/** Those of all systems, once each. */
export function profileLimits(ipFamily: 4 | 6): readonly number[] {
  return [...new Set(OS_PROFILES.map(each => profileLimit(each, ipFamily).maxDatagramBytes))]
}

/** The largest datagram that a socket sends that asked for this SO_SNDBUF: where raising it lifts the limit, it is the limit itself, and no queue. */
export function limitWith({ maxDatagramBytes, raisedBytes }: ProfileLimit, sndbufBytes?: number): number {
  return sndbufBytes !== undefined && raisedBytes !== undefined && raisedBytes > maxDatagramBytes
    ? Math.min(sndbufBytes, raisedBytes)
    : maxDatagramBytes
}

const BSD: ProfileLimit = {
  maxDatagramBytes: parseBytes('9216'),
  raisedBytes: parseBytes('65507'),
  note: 'net.inet.udp.maxdgram, also the default SO_SNDBUF; lift it with sudo sysctl -w net.inet.udp.maxdgram=65535, or for one socket with --sndbuf 65535',
}

// RFC 768 with RFC 791: 65,535 less 20 bytes of IPv4 header and 8 of UDP header.
const IPV4: ProfileLimit = {
  maxDatagramBytes: parseBytes('65507'),
  note: 'the most that IPv4 and UDP can carry; nothing lifts it',
}

// RFC 8200 section 3: the payload length of 65,535 excludes the IPv6 header, so only UDP's 8 bytes are subtracted.
const IPV6: ProfileLimit = {
  maxDatagramBytes: parseBytes('65527'),
  note: 'the most that IPv6 and UDP can carry without a jumbogram; nothing lifts it',
}

/** Of each version of IP. */
export type Profile = Readonly<Record<4 | 6, ProfileLimit>>

export const PROFILES: Readonly<Record<OsProfile, Profile>> = {
  macos: { 4: BSD, 6: { ...BSD, raisedBytes: IPV6.maxDatagramBytes } },
  freebsd: { 4: BSD, 6: { ...BSD, raisedBytes: IPV6.maxDatagramBytes } },
  windows: {
    4: IPV4,
    6: {
      ...IPV6,
      note: 'assumed from the protocol, since no measurement or document of Windows over IPv6 is known; probe it',
    },
  },
  linux: { 4: IPV4, 6: IPV6 },
}
