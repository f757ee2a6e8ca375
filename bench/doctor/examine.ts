/** Everything that can be found out about the machine that this runs on, without another one. Takes a fraction of a second. */
import type { Limits } from '../serve/policy.ts'
import { formatMs, formatRate, formatSize } from '../units.ts'
import { examineBuffers } from './buffers.ts'
import { examineDatagrams } from './datagrams.ts'
import { bestEngine, examineEngines } from './engines.ts'
import { type Finding, good } from './finding.ts'
import { examineLoopback } from './loopback.ts'
import { examineMachine } from './machine.ts'
import { examineStack } from './stack.ts'

export async function examineHost(): Promise<Finding[]> {
  const sockets = await bestEngine()
  // One after the other: what one of them does, the next one would see.
  return [
    ...(await examineEngines()),
    await examineLoopback(),
    ...(await examineBuffers(sockets)),
    ...(await examineDatagrams(sockets)),
    ...(await examineStack(sockets)),
    ...(await examineMachine()),
  ]
}

/** The host of `bench serve`, and what it lets its clients do. */
export async function examineServer(limits: Limits): Promise<Finding[]> {
  return [{ subject: 'limits', ...good(describeLimits(limits)) }, ...(await examineHost())]
}

function describeLimits({ maxSizeBytes, maxRateBps, maxDurationMs, maxSessions, ports }: Limits): string {
  return [
    `payloads of ${formatSize(maxSizeBytes)}`,
    maxRateBps === undefined ? 'as fast as it can' : `sends ${formatRate(maxRateBps)} at most`,
    `trials of ${formatMs(maxDurationMs)}`,
    `${maxSessions} ${maxSessions === 1 ? 'session' : 'sessions'} at once`,
    ports ? `data at ports ${ports[0]} to ${ports[1]}` : 'data at ports that the system chooses',
  ].join(', ')
}
