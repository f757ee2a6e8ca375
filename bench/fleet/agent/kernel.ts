/** The kernel's counters of dropped UDP datagrams, where available (Linux). */
import { growth, numberIn, textOf } from '../../../base/system-files.ts'
import type { SocketInfo } from '../../../transports/contract/socket-facts.ts'

const COUNTERS = {
  hostSndbufErrors: 'SndbufErrors',
  hostRcvbufErrors: 'RcvbufErrors',
  hostInErrors: 'InErrors',
  /** Sent to ports without a listener. */
  hostNoPorts: 'NoPorts',
} as const
type Name = keyof typeof COUNTERS

/** UDP datagrams dropped by the whole host, or in its network namespace; undefined if the kernel does not count them. */
export type HostDrops = Readonly<Record<Name, number | undefined>>

/** Starts counting; the returned function gives the drops since. */
export function watchHostDrops(family: 4 | 6): () => HostDrops {
  const before = countersOf(family)
  return () => {
    const after = countersOf(family)
    const since = (name: Name) => growth(before(name), after(name))
    return {
      hostSndbufErrors: since('hostSndbufErrors'),
      hostRcvbufErrors: since('hostRcvbufErrors'),
      hostInErrors: since('hostInErrors'),
      hostNoPorts: since('hostNoPorts'),
    }
  }
}

/**
 * Does the same for what this host's queues drop of what it sends; the returned function is told what the sending socket did meanwhile. Without IP_RECVERR the kernel hides these from the sender
 * (udp_send_skb returns success and counts the drop here). A reply from an address other than the one its socket is connected to matches no
 * socket and counts as sent to a closed port. Undefined if the kernel does not count these.
 */
export function sendDrops(family: 4 | 6) {
  const drops = watchHostDrops(family)
  return ({ fullSends = 0 }: SocketInfo) => {
    const { hostSndbufErrors: errors, hostNoPorts } = drops()
    return errors === undefined
      ? undefined
      : { hostSndbufErrors: Math.max(0, errors - fullSends), hostNoPorts }
  }
}

/** Datagrams dropped at the only open UDP socket bound to `port`: column `drops` of /proc/net/udp. Undefined on other systems. */
export function socketDrops(port: number, family: 4 | 6): number | undefined {
  const text = textOf(family === 6 ? '/proc/net/udp6' : '/proc/net/udp')
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = text
    ?.split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[1]?.endsWith(suffix))
  const drops = rows?.length === 1 ? Number(rows[0]?.at(-1)) : Number.NaN
  return Number.isSafeInteger(drops) ? drops : undefined
}

/** Reads the counters since boot now, and parses those that are asked for: before a trial there is no time for that. */
function countersOf(family: 4 | 6): (name: Name) => number | undefined {
  const text = textOf(family === 6 ? '/proc/net/snmp6' : '/proc/net/snmp') ?? ''
  return family === 6
    ? name => counter6(text, `Udp6${COUNTERS[name]}`)
    : name => counter4(text, COUNTERS[name])
}

/** Parses a line of names and a line of values, both beginning with `Udp:`. */
function counter4(text: string, name: string): number | undefined {
  const [names, values] = text
    .split('\n')
    .filter(line => line.startsWith('Udp:'))
    .map(line => line.split(' '))
  return numberIn(values?.[names?.indexOf(name) ?? -1])
}

function counter6(text: string, name: string): number | undefined {
  return numberIn(text, new RegExp(`^${name}\\s+(\\d+)`, 'm'))
}
