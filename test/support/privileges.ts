/** What this process may do. */
import { readFileSync } from 'node:fs'

/** CAP_NET_ADMIN. */
export function hasNetAdmin(): boolean {
  if (process.platform !== 'linux') return false
  const bits = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
  return (BigInt(`0x${bits}`) & (1n << 12n)) !== 0n
}
