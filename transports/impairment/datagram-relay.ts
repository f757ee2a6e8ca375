/** A relay of datagrams: between a sender and a receiver, both ways, as an emulated way carries them. */
import { monotonic } from '../../base/clock.ts'
import { wildcardOf } from '../contract/addresses.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import { type DatagramSocket, type Sockets, UDP_RCVBUF_BYTES } from '../contract/sockets.ts'
import { newTally } from '../engines/tally.ts'
import { DelayLine } from './delay-line.ts'
import { Emulation } from './emulation.ts'
import type { Relay, RelaySetting } from './relay.ts'

/** What comes later may be due earlier. */
const LONGEST_PAUSE_MS = 1

/** @throws the system's error */
export async function openDatagramRelay(sockets: Sockets, setting: RelaySetting): Promise<Relay> {
  const { local, to, way, seed, signal } = setting
  const options = { rcvbufBytes: UDP_RCVBUF_BYTES }
  const front = await sockets.bindDatagram({ local, options, signal })
  try {
    const any = { host: wildcardOf(to.family), port: 0, family: to.family }
    const back = await sockets.bindDatagram({ local: any, connect: to, options, signal })
    const up = new Direction(back, new Emulation(way.up, to.family, seed), signal)
    const down = new Direction(front, new Emulation(way.down, to.family, ~seed), signal)
    front.read((memory, start, end, from) => {
      down.to = from
      up.take(memory, start, end)
    })
    back.read((memory, start, end) => down.take(memory, start, end))
    return {
      endpoint: front.local,
      report: () => ({
        up: up.counts,
        down: down.counts,
        lateMs: Math.max(up.lateMs, down.lateMs),
        drops: sumOfKnown(front.info().drops, back.info().drops),
      }),
      async [Symbol.asyncDispose]() {
        await Promise.all([front, back].map(each => each[Symbol.asyncDispose]()))
      },
    }
  } catch (error) {
    await front[Symbol.asyncDispose]()
    throw error
  }
}

function sumOfKnown(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other
}

class Direction {
  /** Undefined where the socket is connected. */
  to: Endpoint | undefined
  /** The longest that one was handed on after it was due. */
  lateMs = 0
  readonly #socket: DatagramSocket
  readonly #emulation: Emulation
  readonly #signal: AbortSignal
  readonly #line = new DelayLine<Buffer>()
  #running = false

  constructor(socket: DatagramSocket, emulation: Emulation, signal: AbortSignal) {
    this.#socket = socket
    this.#emulation = emulation
    this.#signal = signal
  }

  get counts() {
    return this.#emulation.counts
  }

  /** The memory is valid only during the call. */
  take(memory: Buffer, start: number, end: number): void {
    for (const { at, flipBit } of this.#emulation.offer(end - start, monotonic())) {
      const bytes = Buffer.from(memory.subarray(start, end))
      if (flipBit !== undefined) bytes[flipBit >> 3] = (bytes[flipBit >> 3] ?? 0) ^ (1 << (flipBit & 7))
      this.#line.add(at, bytes)
    }
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let due = this.#line.dueAt; due !== undefined && !this.#signal.aborted; due = this.#line.dueAt) {
      const now = monotonic()
      const next = this.#line.take(now)
      if (!next) {
        await this.#socket.pause(Math.min(due - now, LONGEST_PAUSE_MS))
        continue
      }
      this.lateMs = Math.max(this.lateMs, now - next.at)
      const tally = newTally()
      const { item } = next
      await this.#socket.send(item, Math.max(1, item.length), 0, 1, tally, this.to)
      this.counts.passed += tally.accepted
      this.counts.refused += 1 - tally.accepted
    }
    this.#running = false
  }
}
