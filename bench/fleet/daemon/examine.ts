/** What a server reports about itself when a client asks. */
import { counted, formatMs, formatRate, formatSize } from '../../../base/units.ts'
import type { Engines } from '../../../transports/engines/engines.ts'
import { type Finding, good } from '../calls/finding.ts'
import { examineHost } from '../facts/examine.ts'
import type { Limits } from './policy.ts'

/** The host of `bench serve`, and what it permits clients to do. */
export async function examineServer(limits: Limits, engines: Engines): Promise<Finding[]> {
  return [{ subject: 'limits', ...good(describeLimits(limits)) }, ...(await examineHost(engines))]
}

function describeLimits({ maxSizeBytes, maxRateBps, maxDurationMs, maxSessions, ports }: Limits): string {
  return [
    `payloads of ${formatSize(maxSizeBytes)}`,
    maxRateBps === undefined ? 'sends as fast as it can' : `sends ${formatRate(maxRateBps)} at most`,
    `trials of ${formatMs(maxDurationMs)}`,
    `${counted(maxSessions, 'session')} at once`,
    ports ? `data at ports ${ports[0]} to ${ports[1]}` : 'data at ports chosen by the system',
  ].join(', ')
}
