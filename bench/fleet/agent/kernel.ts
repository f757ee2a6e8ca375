/** The kernel's counters of dropped UDP datagrams, where available (Linux). */
import { readFileSync } from 'node:fs'

/** UDP datagrams dropped by the whole host; a key is absent if the kernel does not count it. */
export interface HostDrops {
  readonly hostSndbufErrors?: number
  readonly hostRcvbufErrors?: number
  readonly hostInErrors?: number
  /** Sent to ports without a listener. */
  readonly hostNoPorts?: number
}

const COUNTERS = {
  hostSndbufErrors: 'SndbufErrors',
  hostRcvbufErrors: 'RcvbufErrors',
  hostInErrors: 'InErrors',
  hostNoPorts: 'NoPorts',
} as const satisfies Record<keyof HostDrops, string>
const KEYS = ['hostSndbufErrors', 'hostRcvbufErrors', 'hostInErrors', 'hostNoPorts'] as const

/** Reads the counters of the whole host, or of its network namespace, since boot: /proc/net/snmp or snmp6. Empty on other systems. */
export function hostDrops(family: 4 | 6): HostDrops {
  const text = read(family === 6 ? '/proc/net/snmp6' : '/proc/net/snmp')
  if (text === undefined) return {}
  return counts(key =>
    family === 6 ? counter6(text, `Udp6${COUNTERS[key]}`) : counter4(text, COUNTERS[key]),
  )
}

/** Subtracts two readings; omits a counter that either one lacks. */
export function dropsSince(before: HostDrops, after: HostDrops): HostDrops {
  return counts(key => difference(before[key], after[key]))
}

/**
 * Starts counting what this host's queues drop of what it sends; the returned function gives the drops since. Without IP_RECVERR the
 * kernel hides these from the sender (udp_send_skb returns success and counts the drop here). A reply from an address other than the one
 * its socket is connected to matches no socket and counts as sent to a closed port. Undefined if the kernel does not count these.
 */
export function sendDrops(family: 4 | 6): () => SendDrops | undefined {
  const before = hostDrops(family)
  return () => {
    const { hostSndbufErrors, hostNoPorts } = dropsSince(before, hostDrops(family))
    return hostSndbufErrors === undefined ? undefined : { hostSndbufErrors, hostNoPorts }
  }
}

interface SendDrops {
  readonly hostSndbufErrors: number
  readonly hostNoPorts: number | undefined
}

function counts(of: (key: keyof HostDrops) => number | undefined): HostDrops {
  return Object.fromEntries(
    KEYS.flatMap(key => {
      const count = of(key)
      return count === undefined ? [] : [[key, count]]
    }),
  )
}

/** Datagrams dropped at the only open UDP socket bound to `port`: column `drops` of /proc/net/udp. Undefined on other systems. */
export function socketDrops(port: number, family: 4 | 6): number | undefined {
  const text = read(family === 6 ? '/proc/net/udp6' : '/proc/net/udp')
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = text
    ?.split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[1]?.endsWith(suffix))
  const drops = rows?.length === 1 ? Number(rows[0]?.at(-1)) : Number.NaN
  return Number.isSafeInteger(drops) ? drops : undefined
}

function read(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** Parses a line of names and a line of values, both beginning with `Udp:`. */
function counter4(text: string, name: string): number | undefined {
  const [names, values] = text
    .split('\n')
    .filter(line => line.startsWith('Udp:'))
    .map(line => line.split(' '))
  return integer(values?.[names?.indexOf(name) ?? -1])
}

function counter6(text: string, name: string): number | undefined {
  return integer(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1])
}

function integer(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : Math.max(0, after - before)
}
