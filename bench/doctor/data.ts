/** Sends a few small trials to another host and back, with the agents of a run. */

import { parseBytes, parseDuration, parseRate } from '../../base/units.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { Scenario } from '../../scenarios/schema.ts'
import type { SocketKind } from '../../transports/contract/sockets.ts'
import { Flow } from '../fleet/flow.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import { LocalHost } from '../fleet/local/local.ts'
import { directWay } from '../fleet/remote/direct.ts'
import { RemoteHost } from '../fleet/remote/host.ts'
import { blocksOf } from '../measure/blocks.ts'
import { measureRun, planFor } from '../measure/run.ts'
import type { Extended } from '../workloads/catalog.ts'
import { onceFree } from './door.ts'

export type Way = 'forward' | 'reverse'

/** The shortest, the longest that fits an Ethernet packet, and one that travels in fragments. */
const DATAGRAMS = { 4: ['64', '1472', '8000'], 6: ['64', '1452', '8000'] } as const

/** Needs no answer over UDP, so each direction is judged separately, and a rate that a slow path can take. */
function scenarioFor(ipFamily: 4 | 6, catalog: Extended): Scenario {
  const block = (kind: SocketKind, size: string, chunks: readonly string[]) => ({
    transports: [protocolOn(kind, catalog)],
    sizesBytes: [parseBytes(size)],
    chunksBytes: chunks.map(parseBytes),
  })
  return {
    ...{ name: 'doctor', repeat: 1, warmup: 0, timeoutMs: parseDuration('4s'), ipFamily },
    variants: [
      { label: 'stream', ...block('stream', '256k', ['8k']) },
      { label: 'datagrams', ...block('datagram', '64000', DATAGRAMS[ipFamily]), rateBps: parseRate('10M') },
    ],
  }
}

/** A protocol on this kind of socket that sends several datagrams and, if possible, needs no answer. */
export function protocolOn(kind: SocketKind, { transports }: Extended): string {
  const found = [...transports.values()].filter(({ traits }) => traits.socket === kind && !traits.limit)
  return (found.find(({ traits }) => !traits.acknowledged) ?? found[0])?.name ?? kind
}

/** @throws SetupError when the server cannot be reached @throws AgentError with code `ABORTED` */
export async function tryWay(
  way: Way,
  server: ServerAddress,
  engine: string,
  catalog: Extended,
  signal: AbortSignal,
): Promise<TrialRecord[]> {
  const plan = await planFor(scenarioFor(server.family, catalog), engine, catalog)
  const here = new LocalHost(engine)
  const there = await onceFree(
    () => RemoteHost.connect(directWay(server), 'auto', catalog.plugins, signal),
    signal,
  )
  await using flow = way === 'forward' ? new Flow(here, { host: there }) : new Flow(there, { host: here })
  const records: TrialRecord[] = []
  const blocks = blocksOf([[{ plan, flows: [flow] }]])
  for await (const { record } of measureRun(blocks, { catalog, signal })) records.push(record)
  return records
}
