/** The way to another host, and what that one says of itself. */
import type { ClockReading } from '../agent/handle.ts'
import type { RemoteAgent } from '../agent/remote.ts'
import type { ServerAddress } from '../control/connect.ts'
import { errorMessage } from '../errors.ts'
import { formatMs } from '../units.ts'
import { tryWay, type Way } from './data.ts'
import { diagnose } from './diagnosis.ts'
import { knock } from './door.ts'
import { bestEngine } from './engines.ts'
import { bad, type Finding, good, type Look, look, notice, plain } from './finding.ts'
import { pathMtu } from './stack.ts'

export interface Examined {
  readonly path: readonly Finding[]
  /** Undefined: not asked, or it cannot be. */
  readonly there: readonly Finding[] | undefined
}

/** @param quick only whether it can be entered */
export async function examinePath(
  server: ServerAddress,
  quick: boolean,
  signal: AbortSignal,
): Promise<Examined> {
  const { findings, agent } = await knock(server, signal)
  if (!agent) return { path: findings, there: undefined }
  const ends = { name: server.name, ours: agent.connection.localHost, theirs: agent.connection.remoteHost }
  let there: readonly Finding[] | undefined
  const path = [...findings]
  try {
    path.push({ subject: 'clocks', ...(await clocks(agent, signal)) })
    if (quick) return { path, there: undefined }
    there = await ofItself(agent, signal)
  } finally {
    await agent[Symbol.asyncDispose]()
  }
  const sockets = await bestEngine()
  path.push(await look('path MTU', () => pathMtu(sockets, server)))
  for (const way of ['forward', 'reverse'] as const)
    path.push(...(await diagnosed(way, server, sockets.engine, ends, signal)))
  return { path, there }
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
  ends: Parameters<typeof diagnose>[2],
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    return diagnose(way, await tryWay(way, server, engine, signal), ends)
  } catch (error) {
    signal.throwIfAborted()
    const finding = bad(
      errorMessage(error).slice(0, 300),
      'see what bench serve says there, on its standard error',
    )
    return [{ subject: `data, ${way}`, ...finding }]
  }
}
