/** Whether data get through to another host and back: a few small trials by the agents that a run has. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { TrialRecord } from '../../results/columns.ts'
import type { Scenario } from '../../scenarios/schema.ts'
import { monotonic } from '../clock.ts'
import { ChannelError } from '../control/channel.ts'
import type { ServerAddress } from '../control/connect.ts'
import { Direction } from '../direction.ts'
import { SetupError } from '../errors.ts'
import { RemotePlace, thisHost } from '../places.ts'
import { planFor, runPlan } from '../run.ts'
import { parseBytes, parseDuration, parseRate } from '../units.ts'

export type Way = 'forward' | 'reverse'

/** How long a session that has just ended may take to make room. */
const BUSY_MS = 3000
/** The shortest, the longest that crosses an Ethernet in one packet, and one that has to travel in fragments. */
export const DATAGRAMS = { 4: ['64', '1472', '8000'], 6: ['64', '1452', '8000'] } as const

/** Both marked by nothing that has to come back: each direction is judged by itself. */
function scenarios(ipFamily: 4 | 6): Scenario[] {
  const common = { name: 'doctor', variants: [], repeat: 1, warmup: 0, ipFamily }
  const timeoutMs = parseDuration('4s')
  return [
    {
      ...common,
      timeoutMs,
      transports: ['tcp'],
      sizesBytes: [parseBytes('256k')],
      chunksBytes: [parseBytes('8k')],
    },
    {
      ...common,
      timeoutMs,
      transports: ['udp-marker'],
      sizesBytes: [parseBytes('32000')],
      chunksBytes: DATAGRAMS[ipFamily].map(parseBytes),
      rateBps: parseRate('10M'),
    },
  ]
}

/** @throws SetupError when the server cannot be had @throws AgentError with code `ABORTED` */
export async function tryWay(
  way: Way,
  server: ServerAddress,
  engine: string,
  signal: AbortSignal,
): Promise<TrialRecord[]> {
  const records: TrialRecord[] = []
  for (const scenario of scenarios(server.family)) {
    const plan = await planFor(scenario, engine)
    const [here, there] = [thisHost(engine), await connected(server, signal)]
    const direction = way === 'forward' ? new Direction(way, here, there) : new Direction(way, there, here)
    try {
      for await (const record of runPlan(plan, { signal, directions: [direction] })) records.push(record)
    } finally {
      await there[Symbol.asyncDispose]()
    }
  }
  return records
}

async function connected(server: ServerAddress, signal: AbortSignal): Promise<RemotePlace> {
  const until = monotonic() + BUSY_MS
  for (;;) {
    try {
      return await RemotePlace.connect(server, 'auto', signal)
    } catch (error) {
      const busy =
        error instanceof SetupError && error.cause instanceof ChannelError && error.cause.code === 'BUSY'
      if (!busy || monotonic() > until) throw error
      await sleep(100, undefined, { signal })
    }
  }
}
