/**
 * A relay of connections: delay, rate and queue, both ways. It loses nothing, since a stream that was acknowledged to the sender cannot be
 * lost any more; congestion control sees a short path to the relay, and not the emulated one.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { monotonic } from '../../base/clock.ts'
import { DelayLine } from './delay-line.ts'
import { Emulation } from './emulation.ts'
import type { Relay, RelaySetting } from './relay.ts'
import { type Link, noCounts, queueOf } from './spec.ts'
import { meanBps, readTrace } from './trace.ts'

/** A segment, and the headers of IP and TCP (with its time stamp) around it. */
const MTU_BYTES = 1500
const HEADER_BYTES = { 4: 52, 6: 72 } as const
/** The most that is on its way, where no rate bounds it. */
const MOST_HELD_BYTES = 64 * 1024 * 1024

/** @throws the system's error */
export async function openStreamRelay({ local, to, way, seed }: RelaySetting): Promise<Relay> {
  const [up, down] = [noCounts(), noCounts()]
  const sockets = new Set<Socket>()
  let lateMs = 0
  // All connections meet in one queue a direction.
  const emulationOf = (link: Link, seed: number) =>
    // What waits for the rate is bounded by not reading more of it.
    new Emulation({ ...link, queueBytes: Number.POSITIVE_INFINITY }, to.family, seed)
  const [upEmulation, downEmulation] = [emulationOf(way.up, seed), emulationOf(way.down, ~seed)]
  const roundTripMs = (way.up.delay?.ms ?? 0) + (way.down.delay?.ms ?? 0)
  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const peer = connect({ host: to.host, port: to.port, allowHalfOpen: true, noDelay: true })
    const late = (ms: number) => {
      lateMs = Math.max(lateMs, ms)
    }
    // The client's system was answered at once, where it would have waited for the handshake.
    const openAt = monotonic() + roundTripMs
    const setting = { family: to.family, late }
    pass(client, peer, { ...setting, link: way.up, counts: up, openAt, emulation: upEmulation })
    pass(peer, client, { ...setting, link: way.down, counts: down, openAt: 0, emulation: downEmulation })
    for (const [socket, other] of [
      [client, peer],
      [peer, client],
    ] as const) {
      sockets.add(socket)
      // What broke on one side breaks on the other.
      socket.on('error', () => other.destroy())
      socket.on('close', hadError => {
        sockets.delete(socket)
        if (hadError) other.destroy()
      })
    }
  })
  server.listen({ host: local.host, port: local.port })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a relay listens at a port')
  return {
    endpoint: { ...local, port: address.port },
    report: () => ({ up, down, lateMs, drops: 0 }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

interface Passing {
  readonly link: Link
  readonly family: 4 | 6
  readonly counts: ReturnType<typeof noCounts>
  /** Nothing is taken to have been sent before, in ms. */
  readonly openAt: number
  readonly emulation: Emulation
  readonly late: (ms: number) => void
}

/** Hands on what arrives, when it is due, and the end of it. */
function pass(from: Socket, to: Socket, { link, family, counts, openAt, emulation, late }: Passing): void {
  const line = new DelayLine<Buffer | undefined>()
  const mtuBytes = link.mtuBytes ?? MTU_BYTES
  const segmentBytes = Math.max(1, mtuBytes - HEADER_BYTES[family])
  const mostBytes = heldBytes(link)
  let held = 0
  let lastAt = 0
  let isScheduled = false
  const add = (bytes: Buffer | undefined, at: number) => {
    lastAt = Math.max(lastAt, at)
    line.add(lastAt, bytes)
    schedule()
  }
  const schedule = () => {
    const { dueAt } = line
    if (isScheduled || dueAt === undefined) return
    isScheduled = true
    const leftMs = dueAt - monotonic()
    // Timers have a step of a millisecond.
    if (leftMs < 1) setImmediate(run)
    else setTimeout(run, Math.floor(leftMs))
  }
  const run = () => {
    isScheduled = false
    if (to.destroyed) return
    const now = monotonic()
    for (let next = line.take(now); next; next = line.take(now)) {
      late(now - next.at)
      const { item } = next
      if (item === undefined) to.end()
      else {
        held -= item.length
        counts.passed += item.length
        to.write(item)
      }
    }
    if (held < mostBytes && to.writableLength < mostBytes) from.resume()
    schedule()
  }
  to.on('drain', () => {
    if (held < mostBytes) from.resume()
  })
  from.on('data', (bytes: Buffer) => {
    const now = Math.max(monotonic(), openAt)
    for (let start = 0; start < bytes.length; start += segmentBytes) {
      const segment = bytes.subarray(start, start + segmentBytes)
      const leavesAt = emulation.transmit(segment.length + HEADER_BYTES[family], now) ?? now
      held += segment.length
      counts.taken += segment.length
      add(segment, leavesAt + Math.max(0, emulation.delayMs()))
    }
    if (held >= mostBytes || to.writableLength >= mostBytes) from.pause()
  })
  from.on('end', () => add(undefined, Math.max(monotonic(), openAt, lastAt)))
}

/** Its queue, and what is on the wire meanwhile. */
function heldBytes(link: Link): number {
  const { trace, rateBps = trace === undefined ? undefined : meanBps(readTrace(trace)), delay } = link
  if (rateBps === undefined) return MOST_HELD_BYTES
  return queueOf({ ...link, rateBps }) + (rateBps * (delay?.ms ?? 0)) / 8000
}
