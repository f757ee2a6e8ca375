/** A relay of IP packets between the TUN devices of both ends: what it does, it does to TCP’s packets as to UDP’s. */
import { monotonic } from '../../base/clock.ts'
import type { TunDevice } from '../contract/sockets.ts'
import { DelayLine } from './delay-line.ts'
import { Emulation } from './emulation.ts'
import type { RelayReport } from './relay.ts'
import type { Way } from './spec.ts'

/** What comes later may be due earlier. */
const LONGEST_PAUSE_MS = 1
/** As of Ethernet. */
const MTU_BYTES = 1500

export class PacketRelay implements Disposable {
  readonly #up: Direction
  readonly #down: Direction
  readonly #devices: readonly TunDevice[]

  constructor(sender: TunDevice, receiver: TunDevice) {
    this.#devices = [sender, receiver]
    this.#up = new Direction(receiver)
    this.#down = new Direction(sender)
    sender.read(packet => this.#up.take(packet))
    receiver.read(packet => this.#down.take(packet))
  }

  /** Forgets what is on its way, and begins anew. */
  begin(way: Way, seed: number): void {
    const [sender, receiver] = this.#devices
    sender?.setMtu(way.up.mtuBytes ?? MTU_BYTES)
    receiver?.setMtu(way.down.mtuBytes ?? MTU_BYTES)
    this.#up.begin(new Emulation(way.up, 4, seed))
    this.#down.begin(new Emulation(way.down, 4, ~seed))
  }

  report(): RelayReport {
    const [up, down] = [this.#up, this.#down]
    return { up: up.counts, down: down.counts, lateMs: Math.max(up.lateMs, down.lateMs), drops: 0 }
  }

  [Symbol.dispose](): void {
    this.#up.end()
    this.#down.end()
    for (const each of this.#devices) each[Symbol.dispose]()
  }
}

class Direction {
  lateMs = 0
  #emulation = new Emulation({}, 4, 0)
  #line = new DelayLine<Buffer>()
  #running = false
  #ended = false
  readonly #to: TunDevice

  constructor(to: TunDevice) {
    this.#to = to
  }

  get counts() {
    return this.#emulation.counts
  }

  begin(emulation: Emulation): void {
    this.#emulation = emulation
    this.#line = new DelayLine()
    this.lateMs = 0
  }

  end(): void {
    this.#ended = true
  }

  take(packet: Buffer): void {
    // The systems' own packets (neighbours, groups) are neither delayed nor counted.
    if (!isOfTransport(packet)) {
      this.#to.write(Buffer.from(packet))
      return
    }
    for (const { at, flipBit } of this.#emulation.offerPacket(packet.length, monotonic())) {
      const bytes = Buffer.from(packet)
      if (flipBit !== undefined) bytes[flipBit >> 3] = (bytes[flipBit >> 3] ?? 0) ^ (1 << (flipBit & 7))
      this.#line.add(at, bytes)
    }
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let due = this.#line.dueAt; due !== undefined && !this.#ended; due = this.#line.dueAt) {
      const now = monotonic()
      const next = this.#line.take(now)
      if (!next) {
        await this.#to.pause(Math.min(due - now, LONGEST_PAUSE_MS))
        continue
      }
      this.lateMs = Math.max(this.lateMs, now - next.at)
      if (this.#to.write(next.item)) this.counts.passed++
      else this.counts.refused++
    }
    this.#running = false
  }
}

const TCP = 6
const UDP = 17
const FRAGMENT = 44

/** A packet of TCP or UDP, or a fragment of one. */
function isOfTransport(packet: Buffer): boolean {
  const version = (packet[0] ?? 0) >> 4
  const protocol = version === 4 ? packet[9] : version === 6 ? packet[6] : undefined
  return protocol === TCP || protocol === UDP || (version === 6 && protocol === FRAGMENT)
}
