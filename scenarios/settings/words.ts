/** Grammars of names, addresses, code points and other words. */
import { isIP } from 'node:net'
import { OS_PROFILES } from '../../base/datagram-limits.ts'
import { isMulticast, withZoneName } from '../../transports/contract/addresses.ts'
import { MADE_KINDS } from '../../transports/payload/made.ts'
import { type Grammar, integer, oneOf, orNumber, text } from './grammar.ts'

/** `gso` is UDP_SEGMENT at the sender, `gro` UDP_GRO at the receiver. */
const OFFLOADS = ['gso', 'gro'] as const
type Offload = (typeof OFFLOADS)[number]

/** How much a receiver checks: every byte, the index of each chunk, or nothing. */
export const VERIFY_MODES = ['full', 'index', 'none'] as const
export type Verify = (typeof VERIFY_MODES)[number]

/** The usual payload: each chunk begins with its index. Cases and rows leave it out. */
export const GENERATED = 'generated'
export const PAYLOADS = [GENERATED, ...MADE_KINDS] as const

/** A host and a port; `resolve.ts` finds the addresses that they stand for. */
export interface Target {
  readonly host: string
  /** Undefined: the usual one. */
  readonly port: number | undefined
}

/** One CPU for each end. */
export interface Pins {
  readonly sender: number
  readonly receiver: number
}

/** Names from RFC 2474, 2597, 3246, 5865 and 8622 by code point. */
const DSCP_NAMES: ReadonlyMap<string, number> = new Map([
  ...Array.from({ length: 8 }, (_, selector) => [`cs${selector}`, selector * 8] as const),
  ...[1, 2, 3, 4].flatMap(group =>
    [1, 2, 3].map(drop => [`af${group}${drop}`, group * 8 + drop * 2] as const),
  ),
  ['ef', 46],
  ['va', 44],
  ['le', 1],
])

export const FILE = text('a path', 'name a file', value => value || undefined, String, '.')
export const FOLDER = text('a path', 'name a folder', value => value || undefined, String, '^.+$')

/** What joins both ends where they are in network namespaces of their own. */
export const APART = ['tun', 'tc'] as const
/** What emulates a way: a relay of datagrams and connections, or one of those. */
export const EMULATORS = ['relay', ...APART] as const
/** The ends are in namespaces of their own, and their packets meet what is emulated. */
export function isApart(emulator: (typeof EMULATORS)[number] | undefined): boolean {
  return APART.some(each => each === emulator)
}

const SYSTEM = oneOf(OS_PROFILES)
/** A known system, or the file of a profile. */
export const PROFILE: Grammar<string> = {
  ...text(
    'a profile',
    `name ${OS_PROFILES.join(', ')}, or a .yaml of bench probe --save`,
    String,
    String,
    '^.+$',
  ),
  parse: value => (isFileName(value) ? value : SYSTEM.parse(value)),
}
/** A name of something that is built in has neither a slash nor this extension. */
export function isFileName(text: string): boolean {
  return /[/\\]|\.ya?ml$/i.test(text)
}

/** A name in the catalog, which checks that it exists. */
export const NAME = text('a name', 'write one, such as tcp', value => value)

/** The usual workload, which cases and rows leave out. */
export const TRANSFER = 'transfer'
/** What is done over a transport that carries no payload. */
export const EXCHANGE = 'exchange'
export const STREAM = 'stream'
/** Pictures in a row. */
export const FRAMES = 'frames'
/** Round trips per minute while connections are full; ends with time, as a stream does. */
export const RESPONSIVENESS = 'responsiveness'

/** What a case does with its transport, and what it asks of that. */
export interface Doing {
  readonly name: string
  readonly wishes: Readonly<Record<string, string>>
}

/** `idle,wait=100ms`: a name in the catalog, and its parameters, by name in the case of a plan. */
export const WORKLOAD = text(
  'a workload',
  'write its name, and parameters if it has any, as in "idle,wait=100ms" (in quotes within a list)',
  value => {
    const [name = '', ...wishes] = value.split(',').map(word => word.trim())
    const keys = wishes.map(wish => wish.split('=')[0])
    const valid = NAME_WORD.test(name) && wishes.every(wish => WISH.test(wish))
    return valid && new Set(keys).size === keys.length ? [name, ...wishes.sort()].join(',') : undefined
  },
)
const NAME_WORD = /^[a-z0-9][a-z0-9-]{0,31}$/
const WISH = /^[a-z0-9][a-z0-9-]{0,31}=[^\s\p{C}=,]{1,64}$/u

/** @param workload as `WORKLOAD` writes it */
export function doingOf(workload: string): Doing {
  const [name = '', ...wishes] = workload.split(',')
  return { name, wishes: Object.fromEntries(wishes.map(wish => wish.split('='))) }
}

/** Whether a workload sends for a time, and no payload. */
export function endsWithTime(workload: string): boolean {
  return [STREAM, RESPONSIVENESS].includes(doingOf(workload).name)
}

/** An IP address; binding shows whether this host has it. */
export const ADDRESS = text('an address', 'write an IP address of this host', value =>
  isIP(value) === 0 ? undefined : withZoneName(value),
)

/** The group of each IP version where nothing else is asked for: of one site (RFC 2365, RFC 4291). */
export const USUAL_GROUPS = { 4: '239.255.7.7', 6: 'ff15::7:7' } as const

export const GROUP = text('a multicast group', `write one such as ${USUAL_GROUPS[4]}`, value =>
  isIP(value) !== 0 && isMulticast(value) && !value.includes('%') ? value : undefined,
)

/** Of a sender, wherever it is. */
export const SOURCE = text('an address of a sender', 'write its IP address', value =>
  isIP(value) === 0 || isMulticast(value) || value.includes('%') ? undefined : value,
)

/** The engine checks that the interface exists. */
export const INTERFACE = orNumber(
  text('an interface', 'write its name, such as eth0', value =>
    /^[^\s/]{1,15}$/.test(value) ? value : undefined,
  ),
)

/** `46` or `ef` -> 46. */
export const DSCP = orNumber(
  text('a code point', 'write 0 to 63, or a name such as ef, cs1 or af41', value => {
    const found =
      DSCP_NAMES.get(value.toLowerCase()) ?? (/^\d{1,2}$/.test(value) ? Number(value) : Number.NaN)
    return found <= 63 ? found : undefined
  }),
)

/** `gso,gro` -> both; `none` -> none. */
export const OFFLOAD = text(
  'an offload',
  'write gso, gro, gso,gro or none',
  (value): readonly Offload[] | undefined => {
    if (value === 'none') return []
    const words = value.split(',').map(word => word.trim())
    const found = OFFLOADS.filter(each => words.includes(each))
    return found.length === words.length ? found : undefined
  },
  value => value.join(',') || 'none',
)

/** The engine checks that the system has it. */
export const CONGESTION = text('a congestion control', 'write its name, such as cubic', value =>
  /^[a-z0-9_-]{1,15}$/i.test(value) ? value : undefined,
)

/** The range that Linux accepts for TCP_MAXSEG. */
export const SEGMENT = integer(88, 32_767)

/** `HOST:PORT`, `[IPV6]:PORT`, or HOST alone; an IPv6 address may have a zone: `[fe80::1%eth0]:9999`. */
export const TARGET = text(
  'a target',
  'write HOST:PORT, such as 192.0.2.7:9999 or [2001:db8::7]:9999',
  (value): Target | undefined => {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(value)
    const host = match?.[1] ?? match?.[2] ?? (isIP(value) === 6 ? value : undefined)
    const port = match?.[3] === undefined ? undefined : Number(match[3])
    const possible = port === undefined || (port >= 1 && port <= 65_535)
    return host === undefined || !possible ? undefined : { host, port }
  },
  ({ host, port }) => {
    const name = host.includes(':') ? `[${host}]` : host
    return port === undefined ? name : `${name}:${port}`
  },
)

export const PINS = text(
  'two CPUs',
  "write the sender's and the receiver's, such as 0,1",
  (value): Pins | undefined => {
    const [, sender, receiver] = /^(\d{1,4}),(\d{1,4})$/.exec(value) ?? []
    return sender === undefined || receiver === undefined
      ? undefined
      : { sender: Number(sender), receiver: Number(receiver) }
  },
  ({ sender, receiver }) => `${sender},${receiver}`,
  '^[0-9]{1,4},[0-9]{1,4}$',
)
