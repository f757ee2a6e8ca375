/** Examines the path to another host, and that host. */

import { errorMessage } from '../../base/errors.ts'
import { formatMs } from '../../base/units.ts'
import { bad, type Finding, good, type Look, look, notice, plain, unknown } from '../fleet/calls/finding.ts'
import type { ClockReading } from '../fleet/calls/handle.ts'
import { bestEngine } from '../fleet/facts/engines.ts'
import { pathMtu } from '../fleet/facts/stack.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import type { RemoteAgent } from '../fleet/remote/remote.ts'
import type { Extended } from '../workloads/catalog.ts'
import { tryWay, type Way } from './data.ts'
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
    path.push({ subject: 'clocks', ...(await clocks(agent, signal)) })
    if (quick) return { path, there: undefined }
    path.push({ subject: 'addresses', ...addresses(ends, seenAs) })
    there = await ofItself(agent, signal)
  } finally {
    await agent[Symbol.asyncDispose]()
  }
  const sockets = await bestEngine(catalog.engines)
  path.push(await look('path MTU', () => pathMtu(sockets, server)))
  path.push(...(await diagnosed('forward', server, sockets.engine, ends, catalog, signal)))
  if (seenAs === undefined)
    path.push(...(await diagnosed('reverse', server, sockets.engine, ends, catalog, signal)))
  else path.push({ subject: 'data to here', ...closedByNat(ends, seenAs) })
  return { path, there }
}

/** @param seenAs this host's address as the other host sees it, if that differs */
function addresses({ name, ours, theirs }: Ends, seenAs: string | undefined): Look {
  if (seenAs === undefined) return good(`${ours} here, ${theirs} there`)
  return notice(
    plain(`${ours} here, and ${name} sees ${seenAs}: a NAT is between`),
    'measure from here to there; the NAT blocks what is sent from there',
  )
}

function closedByNat({ name, ours }: Ends, seenAs: string): Look {
  return unknown(
    plain(`not tried: ${name} sees ${seenAs}, which the NAT does not forward to ${ours}`),
    'measure without --reverse and --bidir, or over a path without NAT, such as a VPN',
  )
}

async function ofItself(agent: RemoteAgent, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await agent.examine(signal)
  } catch (error) {
    signal.throwIfAborted()
    const finding = bad(plain(errorMessage(error)), 'run bench doctor on that host')
    return [{ subject: 'its report', ...finding }]
  }
}

async function clocks(agent: RemoteAgent, signal: AbortSignal): Promise<Look> {
  try {
    return judged(await agent.readClock(signal))
  } catch (error) {
    signal.throwIfAborted()
    return bad(plain(errorMessage(error)), 'read what bench serve logs there, and start it again')
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

async function diagnosed(
  way: Way,
  server: ServerAddress,
  engine: string,
  ends: Ends,
  catalog: Extended,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    return diagnose(way, await tryWay(way, server, engine, catalog, signal), ends, catalog)
  } catch (error) {
    signal.throwIfAborted()
    const finding = bad(
      errorMessage(error).slice(0, 300),
      'read what bench serve logs there, on standard error',
    )
    return [{ subject: `data, ${way}`, ...finding }]
  }
}
