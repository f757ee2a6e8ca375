/** Examines the path to another host, and that host. */

import { errorMessage } from '../../base/errors.ts'
import { formatMs } from '../../base/units.ts'
import { bad, type Finding, good, type Look, look, notice, plain, unknown } from '../fleet/calls/finding.ts'
import type { ClockReading } from '../fleet/calls/handle.ts'
import { bestEngine } from '../fleet/facts/engines.ts'
import { pathMtu } from '../fleet/facts/path-mtu.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import type { Extended } from '../workloads/catalog.ts'
import { tryWay } from './data.ts'
import { diagnose, type Ends } from './diagnosis.ts'
import { knock } from './door.ts'

export interface Examined {
  readonly path: readonly Finding[]
  /** Undefined if the host was not asked, or could not be. */
  readonly there: readonly Finding[] | undefined
}

/** @param quick only checks whether the server lets this host in */
export async function examinePath(
  server: ServerAddress,
  quick: boolean,
  catalog: Extended,
  signal: AbortSignal,
): Promise<Examined> {
  const { findings, agent } = await knock(server, signal)
  if (!agent) return { path: findings, there: undefined }
  const { ourHost: ours, itsHost: theirs, translated: seenAs } = agent.path
  const ends = { name: server.name, ours, theirs }
  let there: readonly Finding[] | undefined
  const path = [...findings]
  try {
    const read = async () => judged(await agent.readClock(signal))
    const again = 'read what bench serve logs there, and start it again'
    path.push({ subject: 'clocks', ...(await attempt(read, failure => bad(failure, again), signal)) })
    if (quick) return { path, there: undefined }
    path.push({ subject: 'addresses', ...addresses(ends, seenAs) })
    const itself = (failure: string) => ({
      subject: 'its report',
      ...bad(failure, 'run bench doctor on that host'),
    })
    there = await attempt(
      () => agent.examine(signal),
      failure => [itself(failure)],
      signal,
    )
  } finally {
    await agent[Symbol.asyncDispose]()
  }
  const sockets = await bestEngine(catalog.engines)
  path.push(await look('path MTU', () => pathMtu(sockets, server)))
  for (const way of seenAs === undefined ? (['forward', 'reverse'] as const) : (['forward'] as const)) {
    const failed = (failure: string) => ({
      subject: `data, ${way}`,
      ...bad(failure.slice(0, 300), 'read what bench serve logs there, on standard error'),
    })
    const found = await attempt(
      async () => diagnose(way, await tryWay(way, server, sockets.engine, catalog, signal), ends, catalog),
      failure => [failed(failure)],
      signal,
    )
    path.push(...found)
  }
  if (seenAs !== undefined) path.push({ subject: 'data to here', ...closedByNat(ends, seenAs) })
  return { path, there }
}

/** @param seenAs this host's address as the other host sees it, if that differs */
function addresses({ name, ours, theirs }: Ends, seenAs: string | undefined): Look {
  if (seenAs === undefined) return good(`${ours} here, ${theirs} there`)
  return notice(
    plain(`${ours} here, and ${name} sees ${seenAs}: a NAT is between`),
    'measure from here to there',
  )
}

function closedByNat({ name, ours }: Ends, seenAs: string): Look {
  return unknown(
    plain(
      `not tried: ${name} sees ${seenAs}, not ${ours}, and bench sends nothing to an address behind a NAT`,
    ),
    'measure without --reverse and --bidir, or over a path without NAT, such as a VPN',
  )
}

/** What the work found, or what its error means; an interruption is thrown. */
async function attempt<T>(
  work: () => Promise<T>,
  failed: (message: string) => T,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    return failed(plain(errorMessage(error)))
  }
}

/** One-way times compare readings of both clocks, so they can be wrong by the error. */
function judged({ offsetMs, errorMs, rttMs }: ClockReading): Look {
  const TOLERANCE_MS = 1
  const text = `known to ± ${formatMs(errorMs)} (round trip ${formatMs(rttMs ?? 0)}; that host is ${offsetMs < 0 ? 'behind' : 'ahead'} by ${formatMs(Math.abs(offsetMs))})`
  return errorMs <= TOLERANCE_MS
    ? good(text)
    : notice(
        text,
        'send payloads that take much longer than that (--size), or read total_ms, which needs one clock only',
      )
}
