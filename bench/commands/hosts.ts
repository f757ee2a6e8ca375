/** Other hosts of a run: connected, asked what they can, and made directions of. */
import { UsageError, SetupError } from '../errors.ts'
import { DEFAULT_PORT } from '../control/protocol.ts'
import type { ServerAddress } from '../control/connect.ts'
import { Direction } from '../direction.ts'
import { RemotePlace, thisHost } from '../places.ts'
import { readPem, readToken } from '../secrets.ts'
import type { Plan } from '../plan.ts'
import type { HostArguments, TlsFiles } from './hosts-flags.ts'
import { resolveTarget, type Target } from './target.ts'

/** @throws UsageError when it is unknown, or a token or certificate cannot be read */
export async function serverAddress(
  target: Target,
  family: 4 | 6 | undefined,
  tokenFile: string | undefined,
  tls: TlsFiles | undefined,
  environmentToken: string | undefined,
): Promise<ServerAddress> {
  const { host, port } = await resolveTarget(target, DEFAULT_PORT, family)
  return {
    name: target.host,
    host,
    port,
    token: readToken(tokenFile, environmentToken),
    tls: tls && {
      ca: tls.ca === undefined ? undefined : readPem('tls-ca', tls.ca),
      cert: tls.cert === undefined ? undefined : readPem('tls-cert', tls.cert),
      key: tls.key === undefined ? undefined : readPem('tls-key', tls.key),
    },
  }
}

/** Both ends of a run with another host, one direction or both. */
export async function directionsOf(
  { mode }: HostArguments,
  server: ServerAddress,
  engines: { readonly asked: string; readonly here: string },
  signal: AbortSignal,
): Promise<readonly Direction[]> {
  const here = thisHost(engines.here)
  const there = await RemotePlace.connect(server, engines.asked, signal)
  switch (mode) {
    case 'forward':
      return [new Direction('forward', here, there)]
    case 'reverse':
      return [new Direction('reverse', there, here)]
    case 'bidir':
      return [
        new Direction('bidir-forward', here, there),
        new Direction('bidir-reverse', await RemotePlace.connect(server, engines.asked, signal), here),
      ]
  }
}

/** What the plan asks of the sockets of other hosts, before anything runs. @throws UsageError when one cannot have it */
export async function checkPlans(
  plans: readonly Plan[],
  directions: readonly Direction[],
  signal: AbortSignal,
): Promise<void> {
  const cases = plans.flatMap(plan => plan.cases)
  if (directions.some(({ sender }) => sender.server) && cases.some(each => each.file !== undefined))
    throw new UsageError('--file is read on this host, and --reverse and --bidir send from the other one; use --size')
  for (const direction of directions) {
    for (const place of [direction.sender, direction.receiver]) {
      if (place instanceof RemotePlace) await checkPlace(place, cases, signal)
    }
  }
}

async function checkPlace(place: RemotePlace, cases: Plan['cases'], signal: AbortSignal): Promise<void> {
  for (const { kind, family, options } of place.questions(cases)) {
    const objection = await place.objection(kind, family, options, signal)
    if (objection) throw new SetupError(`${place.server.name} cannot have ${objection.option}: ${objection.reason}`)
  }
}
