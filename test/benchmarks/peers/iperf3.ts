/**
 * iperf3: one server and one client a round. The server's own bytes and seconds are the goodput. Its own loss is read off gaps in
 * sequence numbers, which a lost tail does not leave, so loss is what its client sent less what its server got.
 */
import * as z from 'zod'
import { UsageError } from '../../../base/errors.ts'
import { Child } from './child.ts'
import type { Figure, Peer, Setting } from './peer.ts'
import { freePort } from './ports.ts'

const VERSION_LIMIT_MS = 5000
const CLIENT_LIMIT_MS = 60_000
/** The server ends with its client's test (-1). */
const SERVER_LIMIT_MS = CLIENT_LIMIT_MS + 10_000

const METHOD =
  'bytes that its server counted / the server’s seconds; lost: what its client counted as sent and its server not as received'

const reportSchema = z.object({
  start: z.object({ rcvbuf_actual: z.number().optional() }),
  end: z.object({
    sum_sent: z.object({ bytes: z.number() }),
    sum_received: z.object({ bytes: z.number(), seconds: z.number() }),
  }),
})

/** @throws UsageError when `path` is no iperf3 */
export async function findIperf3(path: string, signal: AbortSignal): Promise<Peer> {
  await using probe = new Child(path, ['--version'], VERSION_LIMIT_MS, signal)
  const told = await probe.output().catch(() => '')
  const version = /^iperf (3\.\S+)/.exec(told)?.[1]
  if (version === undefined)
    throw new UsageError(
      `no iperf3 at ${JSON.stringify(path)}; install it (apt-get install iperf3 sockperf) or name one with --iperf3 PATH`,
    )
  return {
    name: 'iperf3',
    version,
    method: METHOD,
    protocols: ['tcp', 'udp'],
    measure: (setting, outer) => measure(path, setting, outer),
  }
}

async function measure(path: string, setting: Setting, signal: AbortSignal): Promise<Figure> {
  const { protocol, chunkBytes, sizeBytes, streams, bufferBytes, pins } = setting
  const port = await freePort('tcp')
  const common = ['-J', '-p', String(port)]
  await using server = new Child(
    path,
    ['-s', '-1', '-B', '127.0.0.1', ...common],
    SERVER_LIMIT_MS,
    signal,
    pins?.receiver,
  )
  await server.listening('tcp', port)
  const udp = protocol === 'udp' ? ['-u', '-b', '0'] : []
  const buffers = bufferBytes === undefined ? [] : ['-w', String(bufferBytes)]
  const extent = streams
    ? ['-P', String(streams.count), '-t', String(streams.seconds)]
    : ['-n', String(sizeBytes)]
  const transfer = ['-c', '127.0.0.1', '-l', String(chunkBytes), ...extent]
  await using client = new Child(
    path,
    [...transfer, ...udp, ...buffers, ...common],
    CLIENT_LIMIT_MS,
    signal,
    pins?.sender,
  )
  const sentBytes = reportSchema.parse(JSON.parse(await client.output())).end.sum_sent.bytes
  const { start, end } = reportSchema.parse(JSON.parse(await server.output()))
  const { bytes, seconds } = end.sum_received
  return {
    goodput_bps: (8 * bytes) / seconds,
    loss_ratio: protocol === 'udp' ? 1 - bytes / sentBytes : undefined,
    rcvbuf_bytes: start.rcvbuf_actual,
    details: { sent_bytes: sentBytes, received_bytes: bytes, seconds },
  }
}
