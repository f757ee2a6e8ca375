/** How socket options are written, both in flags and in scenario files. */
import { isIP } from 'node:net'
import { UsageError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import { DF_MODES, type DfMode } from '../transports/contract/df.ts'

/** `gso` is UDP_SEGMENT at the sender, `gro` UDP_GRO at the receiver. */
const OFFLOADS = ['gso', 'gro'] as const
export type Offload = (typeof OFFLOADS)[number]

/** How much a receiver checks: every byte, the index of each chunk, or nothing. */
export const VERIFY_MODES = ['full', 'index', 'none'] as const
export type Verify = (typeof VERIFY_MODES)[number]

/** The most datagrams or writes that an engine passes to one system call. */
export const MOST_BATCH = 64

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

/** An IP address; binding shows whether this host has it. @throws UsageError */
export function parseBind(text: string): string {
  if (isIP(text) !== 0) return text
  throw new UsageError(`not an address: ${JSON.stringify(text)}; write an IP address of this host`)
}

/** @throws UsageError if it cannot be an interface name; the engine checks that the interface exists */
export function parseInterface(text: string): string {
  if (/^[^\s/]{1,15}$/.test(text)) return text
  throw new UsageError(`not an interface: ${JSON.stringify(text)}; write its name, such as eth0`)
}

/** `46` or `ef` -> 46. @throws UsageError */
export function parseDscp(text: string): number {
  const value = DSCP_NAMES.get(text.toLowerCase()) ?? (/^\d{1,2}$/.test(text) ? Number(text) : Number.NaN)
  if (value >= 0 && value <= 63) return value
  throw new UsageError(
    `not a code point: ${JSON.stringify(text)}; write 0 to 63, or a name such as ef, cs1 or af41`,
  )
}

/** @throws UsageError */
export function parseDf(text: string): DfMode {
  const mode = DF_MODES.find(each => each === text)
  if (mode) return mode
  throw new UsageError(`not a mode: ${JSON.stringify(text)}${suggestion(text, DF_MODES)}`)
}

/** @throws UsageError */
export function parseVerify(text: string): Verify {
  const mode = VERIFY_MODES.find(each => each === text)
  if (mode) return mode
  throw new UsageError(`not a mode: ${JSON.stringify(text)}${suggestion(text, VERIFY_MODES)}`)
}

/** `gso,gro` -> both; `none` -> none. @throws UsageError */
export function parseOffload(text: string): readonly Offload[] {
  if (text === 'none') return []
  const words = text.split(',').map(word => word.trim())
  const found = OFFLOADS.filter(each => words.includes(each))
  if (found.length === words.length) return found
  throw new UsageError(`not an offload: ${JSON.stringify(text)}; write gso, gro, gso,gro or none`)
}

/** @throws UsageError if it cannot be an algorithm name; the engine checks that the system has it */
export function parseCongestion(text: string): string {
  if (/^[a-z0-9_-]{1,15}$/i.test(text)) return text
  throw new UsageError(`not a congestion control: ${JSON.stringify(text)}; write its name, such as cubic`)
}

/** The range that Linux accepts for TCP_MAXSEG. @throws UsageError */
export function parseMss(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (value >= 88 && value <= 32_767) return value
  throw new UsageError(`not a segment size: ${JSON.stringify(text)}; write 88 to 32767 bytes`)
}
