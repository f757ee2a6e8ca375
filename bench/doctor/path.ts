/** The way to another host, and what that one says of itself. */

import { errorMessage } from '../../base/errors.ts'
import { formatMs } from '../../base/units.ts'
import type { Catalog } from '../../transports/catalog.ts'
import { bad, type Finding, good, type Look, look, notice, plain, unknown } from '../fleet/calls/finding.ts'
import type { ClockReading } from '../fleet/calls/handle.ts'
import { bestEngine } from '../fleet/facts/engines.ts'
import { pathMtu } from '../fleet/facts/stack.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import type { RemoteAgent } from '../fleet/remote/remote.ts'
import { tryWay, type Way } from './data.ts'
import { diagnose, type Ends } from './diagnosis.ts'
import { knock } from './door.ts'

export interface Examined {
  readonly path: readonly Finding[]
  /** Undefined: not asked, or it cannot be. */
  readonly there: readonly Finding[] | undefined
}

/** @param quick only whether it can be entered */
export async function examinePath(
  server: ServerAddress,
  quick: boolean,
  catalog: Catalog,
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

/** @param seenAs ours as the other host sees it, where that differs */
function addresses({ name, ours, theirs }: Ends, seenAs: string | undefined): Look {
  if (seenAs === undefined) return good(`${ours} here, ${theirs} there`)
  return notice(
    plain(`${ours} here, and ${name} sees ${seenAs}: a NAT is between`),
    'measure from here to there; what is sent from there cannot come in',
  )
}

function closedByNat({ name, ours }: Ends, seenAs: string): Look {
  return unknown(
    plain(`not tried: ${name} knows ${seenAs}, which the NAT does not pass on to ${ours}`),
    'measure without --reverse and --bidir, or by a way without NAT, such as a VPN',
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
    return bad(plain(errorMessage(error)), 'see what bench serve says there, and start it again')
  }
}

/** Readings are compared where both clocks tell when something happened; the error is what one-way times can be wrong by. */
function judged({ offsetMs, errorMs, rttMs }: ClockReading): Look {
  const TOLERANCE_MS = 1
  const text = `known to ± ${formatMs(errorMs)} (round trip ${formatMs(rttMs ?? 0)}; the one there is ${offsetMs < 0 ? 'behind' : 'ahead'} by ${formatMs(Math.abs(offsetMs))})`
  return errorMs <= TOLERANCE_MS
    ? good(text)
    : notice(text, 'payloads that take long beside that (--size); total_ms needs one clock only')
}

async function diagnosed(
  way: Way,
  server: ServerAddress,
  engine: string,
  ends: Ends,
  catalog: Catalog,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    return diagnose(way, await tryWay(way, server, engine, catalog, signal), ends, catalog)
  } catch (error) {
    signal.throwIfAborted()
    const finding = bad(
      errorMessage(error).slice(0, 300),
      'see what bench serve says there, on its standard error',
    )
    return [{ subject: `data, ${way}`, ...finding }]
  }
}
