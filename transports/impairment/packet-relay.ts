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

  /** Forgets what is on its way, and begins anew. @param port of the receiver: packets of earlier trials have another one */
  begin(way: Way, seed: number, port: number): void {
    const [sender, receiver] = this.#devices
    sender?.setMtu(way.up.mtuBytes ?? MTU_BYTES)
    receiver?.setMtu(way.down.mtuBytes ?? MTU_BYTES)
    this.#up.begin(new Emulation(way.up, 4, seed), port)
    this.#down.begin(new Emulation(way.down, 4, ~seed), port)
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
  #port = 0
  readonly #to: TunDevice

  constructor(to: TunDevice) {
    this.#to = to
  }

  get counts() {
    return this.#emulation.counts
  }

  begin(emulation: Emulation, port: number): void {
    this.#emulation = emulation
    this.#port = port
    this.#line = new DelayLine()
    this.lateMs = 0
  }

  end(): void {
    this.#ended = true
  }

  take(packet: Buffer): void {
    // The systems' own packets (neighbours, groups), and what is left of earlier trials, are neither delayed nor counted.
    if (!isOf(this.#port, packet)) {
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

/** Of IPv6 alone, and as short as a packet with ports can be. */
const IPV6_BYTES = 40
const LEAST_BYTES = 24

/** A packet of TCP or UDP from or to this port; of later fragments nobody knows it. */
function isOf(port: number, packet: Buffer): boolean {
  const [first = 0] = packet
  if (packet.length < LEAST_BYTES) return false
  if (first >> 4 === 4) {
    const isLater = (packet.readUInt16BE(6) & 0x1fff) > 0
    return isOfPort(packet[9], packet, (first & 15) * 4, isLater, port)
  }
  if (packet.length < IPV6_BYTES + 12) return false
  if (packet[6] !== FRAGMENT) return isOfPort(packet[6], packet, IPV6_BYTES, false, port)
  const isLater = packet.readUInt16BE(IPV6_BYTES + 2) >> 3 > 0
  return isOfPort(packet[IPV6_BYTES], packet, IPV6_BYTES + 8, isLater, port)
}

function isOfPort(
  protocol: number | undefined,
  packet: Buffer,
  at: number,
  isLater: boolean,
  port: number,
): boolean {
  if (protocol !== TCP && protocol !== UDP) return false
  if (isLater) return true
  return packet.length >= at + 4 && (packet.readUInt16BE(at) === port || packet.readUInt16BE(at + 2) === port)
}
