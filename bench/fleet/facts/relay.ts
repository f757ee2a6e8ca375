/** What the relay of `--impair` can do here: what it adds by itself, and how much it carries. */
import { monotonic } from '../../../base/clock.ts'
import { formatCount, formatMs, formatRate } from '../../../base/units.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import { type DatagramSocket, type Sockets, UDP_RCVBUF_BYTES } from '../../../transports/contract/sockets.ts'
import { newTally } from '../../../transports/engines/tally.ts'
import { openDatagramRelay } from '../../../transports/impairment/datagram-relay.ts'
import { type Finding, good, look, notice } from '../calls/finding.ts'

const CHUNK_BYTES = 1024
/** One after the other, and then many at once. */
const SINGLES = 50
const DELAY_MS = 5
const MANY = 4000
const A_TURN = 64
/** A datagram over loopback takes far less. */
const ARRIVAL_MS = 100

export async function examineRelay(sockets: Sockets): Promise<Finding> {
  return look('relay of --impair', async () => {
    const direct = await timed(sockets, undefined)
    const relayed = await timed(sockets, DELAY_MS)
    if (direct === undefined || relayed === undefined)
      return notice('datagrams got lost within it', 'look at --impair with care here')
    const { perSecond, lost } = await flooded(sockets)
    const text = `hands on ${formatMs(Math.max(0, relayed - direct - DELAY_MS))} late, and carries at least ${formatCount(perSecond)} datagrams a second (${formatRate(perSecond * CHUNK_BYTES * 8)} in chunks of ${formatCount(CHUNK_BYTES)} B)`
    return lost === 0
      ? good(text)
      : notice(`${text}; it lost ${formatCount(lost)} of ${formatCount(MANY)}`, 'pace with --rate')
  })
}

/** The median time of a datagram on its way, in ms; undefined if one got lost. @param delayMs through a relay that keeps it for so long */
async function timed(sockets: Sockets, delayMs: number | undefined): Promise<number | undefined> {
  await using ends = await opened(sockets, delayMs)
  const times: number[] = []
  for (let index = 0; index < SINGLES; index++) {
    const sentAt = monotonic()
    const arrived = ends.arrived + 1
    await ends.send(1)
    while (ends.arrived < arrived && monotonic() - sentAt < ARRIVAL_MS) await ends.sender.pause(0.02)
    if (ends.arrived < arrived) return undefined
    times.push(ends.lastAt - sentAt)
  }
  return median(times)
}

async function flooded(sockets: Sockets) {
  await using ends = await opened(sockets, 0)
  const startedAt = monotonic()
  for (let sent = 0; sent < MANY; sent += A_TURN) {
    await ends.send(Math.min(A_TURN, MANY - sent))
    // All of them are in one thread here.
    while (sent - ends.arrived > 2 * A_TURN && monotonic() - ends.lastAt < ARRIVAL_MS)
      await ends.sender.pause(0)
  }
  while (ends.arrived < MANY && monotonic() - ends.lastAt < ARRIVAL_MS) await ends.sender.pause(0)
  return {
    perSecond: Math.round((ends.arrived * 1000) / (ends.lastAt - startedAt)),
    lost: MANY - ends.arrived,
  }
}

async function opened(sockets: Sockets, delayMs: number | undefined) {
  const { signal } = new AbortController()
  const local = loopback(4)
  const options = { rcvbufBytes: UDP_RCVBUF_BYTES }
  const receiver: DatagramSocket = await sockets.bindDatagram({ local, options, signal })
  const sender = await sockets.bindDatagram({ local, signal })
  const link = delayMs === undefined ? {} : { delay: { ms: delayMs } }
  const setting = { local, to: receiver.local, way: { up: link, down: {} }, seed: 1, signal }
  const relay = delayMs === undefined ? undefined : await openDatagramRelay(sockets, setting)
  const to: Endpoint = relay?.endpoint ?? receiver.local
  const bytes = Buffer.alloc(A_TURN * CHUNK_BYTES)
  const ends = {
    arrived: 0,
    lastAt: monotonic(),
    sender,
    send: (count: number) => sender.send(bytes, CHUNK_BYTES, 0, count, newTally(), to),
    async [Symbol.asyncDispose]() {
      for (const each of [relay, sender, receiver]) await each?.[Symbol.asyncDispose]()
    },
  }
  receiver.read(() => {
    ends.arrived++
    ends.lastAt = monotonic()
  })
  return ends
}
