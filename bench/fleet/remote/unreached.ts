/** Why a server cannot be reached, and what to do: in the same words in a run and in `bench doctor`. */
import { isForbidden, reasonOfCode } from '../../../base/system-errors.ts'
import type { ServerAddress } from '../link/connect.ts'

/** By the system's code; undefined for one that says nothing about the way there. */
export function unreached(
  code: string,
  { family, port }: Pick<ServerAddress, 'family' | 'port'>,
): readonly [finding: string, remedy: string] | undefined {
  if (isForbidden(code))
    return [
      `this host blocks it (${code})`,
      `allow TCP to port ${port} in the firewall and routes of this host`,
    ]
  const remedy = REMEDIES[code]?.(port, family === 6 ? '[::]' : '0.0.0.0')
  return remedy === undefined ? undefined : [reasonOfCode(code), remedy]
}

const routes = () => 'check the address, and the routes of this host'

const REMEDIES: Readonly<Record<string, (port: number, any: string) => string>> = {
  ECONNREFUSED: (port, any) =>
    `start it there with BENCH_TOKEN=… bench serve --listen ${any}:${port}, or name its port as HOST:PORT`,
  EHOSTUNREACH: routes,
  ENETUNREACH: routes,
  ETIMEDOUT: port =>
    `open TCP port ${port} in the firewalls there and between; if it is open, check the address, and whether the host is up`,
}
