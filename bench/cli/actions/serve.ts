/** `bench serve`: runs agents for other hosts. */

import { monotonic } from '../../../base/clock.ts'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { describeSystemError } from '../../../base/system-errors.ts'
import { formatMs } from '../../../base/units.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { Engines } from '../../../transports/engines/engines.ts'
import { jsonLog } from '../../fleet/daemon/log.ts'
import type { Limits } from '../../fleet/daemon/policy.ts'
import { BenchServer, type ServeOptions } from '../../fleet/daemon/server.ts'
import { bestEngine } from '../../fleet/facts/engines.ts'
import { checkBinding } from '../../fleet/local-binding.ts'
import { familyOf, resolve } from '../../fleet/resolve.ts'
import { readPem, readToken } from '../secrets.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

export interface ServeArguments {
  readonly host: string
  /** Which of the name's addresses; undefined: IPv4 if it has one. */
  readonly ipFamily: 4 | 6 | undefined
  readonly port: number
  readonly tokenFile?: string | undefined
  /** Paths. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string | undefined } | undefined
  readonly limits: Limits
}

/** Serves until `signal` aborts, which is its normal end: exit code 0. */
export async function serve(
  terminal: Terminal,
  args: ServeArguments,
  catalog: Catalog,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { host, port, tls, limits } = args
  const [listen] = await resolve(host, args.ipFamily, 'listen')
  const token = readToken(args.tokenFile, process.env['BENCH_TOKEN'])
  const loopback = listen.host === '::1' || listen.host.startsWith('127.')
  if (!loopback && token === undefined && tls?.ca === undefined)
    throw new UsageError(
      `--listen ${host}: other hosts could reach it; give a token (BENCH_TOKEN or --token-file), or --tls-cert, --tls-key and --tls-ca`,
    )
  await checkData(limits, listen.family, catalog.engines)
  const log = jsonLog(
    line => terminal.err(line),
    () => new Date(),
  )
  const server = await open({
    catalog,
    listen: { ...listen, port },
    token,
    tls: tls && {
      cert: readPem('tls-cert', tls.cert),
      key: readPem('tls-key', tls.key),
      ca: tls.ca === undefined ? undefined : readPem('tls-ca', tls.ca),
    },
    limits,
    log,
  })
  terminal.out(
    `listening at ${formatEndpoint(server.endpoint)}; ${describeAccess(token, tls !== undefined, tls?.ca !== undefined)}\n`,
  )
  await new Promise<void>(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const endingAt = monotonic()
  await server[Symbol.asyncDispose]()
  log('info', 'closed', { after: formatMs(monotonic() - endingAt) })
  return EXIT.measured
}

/** @throws UsageError when sockets for data cannot be bound as asked */
async function checkData({ bind, device }: Limits, family: 4 | 6, engines: Engines): Promise<void> {
  if (bind === undefined && device === undefined) return
  const sockets = await bestEngine(engines)
  await checkBinding(sockets, bind === undefined ? family : (familyOf(bind, undefined) ?? family), {
    bind,
    device,
  })
}

function describeAccess(token: string | undefined, tls: boolean, certificates: boolean): string {
  const means = [...(token === undefined ? [] : ['a token']), ...(certificates ? ['a certificate'] : [])]
  const clients =
    means.length === 0 ? 'anyone on this host may use it' : `clients need ${means.join(' and ')}`
  return tls ? `TLS; ${clients}` : clients
}

async function open(options: ServeOptions): Promise<BenchServer> {
  try {
    return await BenchServer.open(options)
  } catch (error) {
    const { host, port } = options.listen
    const remedies = {
      EADDRINUSE: 'stop the other program, or choose another port with --listen',
      EACCES: 'choose a port over 1023 with --listen',
      otherwise: 'choose another with --listen',
    }
    throw new SetupError(describeSystemError(`cannot listen at ${host}, port ${port}`, error, remedies), {
      cause: error,
    })
  }
}
