/** `--metrics-listen`: where Prometheus asks for figures while a command runs. */
import type { Registry } from 'prom-client'
import { isLoopback } from '../../base/addresses.ts'
import { UsageError } from '../../base/errors.ts'
import { resolve } from '../fleet/resolve.ts'
import { MetricsEndpoint } from '../watch/endpoint.ts'
import { text } from './flags.ts'
import { parseListen } from './hosts-flags.ts'
import type { Terminal } from './terminal.ts'

export const METRICS_LISTEN = text(
  'HOST:PORT where Prometheus reads the latest figures, at /metrics',
  listen => {
    const { host, port } = parseListen(listen)
    if (port === undefined) throw new UsageError(`${listen} has no port; write 127.0.0.1:9465`)
    return { host, port }
  },
)

/** Says where, and who can read it. @throws UsageError, SetupError */
export async function openMetricsEndpoint(
  { host, port }: { readonly host: string; readonly port: number },
  registry: Registry,
  { err }: Pick<Terminal, 'err'>,
): Promise<MetricsEndpoint> {
  const [address] = await resolve(host, undefined, 'listen')
  const endpoint = await MetricsEndpoint.open({ host: address.host, port }, registry)
  const readers = isLoopback(address.host) ? '' : '; whoever reaches this address can read them'
  err(`metrics at ${endpoint.url}${readers}\n`)
  return endpoint
}
