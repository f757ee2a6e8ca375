/** A relay of IP packets between the TUN devices of both ends: what it does, it does to TCP’s packets as to UDP’s. */
import type { TunDevice } from '../contract/sockets.ts'
import { Emulation } from './emulation.ts'
import { Passing } from './passing.ts'
import type { RelayReport } from './relay.ts'
import type { Way } from './spec.ts'

/** As of Ethernet. */
const MTU_BYTES = 1500

export class PacketRelay implements Disposable {
  readonly #sender: TunDevice
  readonly #receiver: TunDevice
  readonly #up: Passing
  readonly #down: Passing
  #port = 0

  constructor(sender: TunDevice, receiver: TunDevice) {
    this.#sender = sender
    this.#receiver = receiver
    this.#up = between(sender, receiver, packet => isOf(this.#port, packet))
    this.#down = between(receiver, sender, packet => isOf(this.#port, packet))
  }

  /** Forgets what is on its way, and begins anew. @param port of the receiver: packets of earlier trials have another one */
  begin(way: Way, seed: number, port: number): void {
    this.#sender.setMtu(way.up.mtuBytes ?? MTU_BYTES)
    this.#receiver.setMtu(way.down.mtuBytes ?? MTU_BYTES)
    this.#port = port
    this.#up.begin(new Emulation(way.up, 4, seed))
    this.#down.begin(new Emulation(way.down, 4, ~seed))
  }

  report(): RelayReport {
    const [up, down] = [this.#up, this.#down]
    return { up: up.counts, down: down.counts, lateMs: Math.max(up.lateMs, down.lateMs), drops: 0 }
  }

  [Symbol.dispose](): void {
    for (const each of [this.#up, this.#down]) each.end()
    for (const each of [this.#sender, this.#receiver]) each[Symbol.dispose]()
  }
}

function between(from: TunDevice, to: TunDevice, isOfTrial: (packet: Buffer) => boolean): Passing {
  const passing = new Passing(new Emulation({}, 4, 0), {
    handOn: bytes => to.write(bytes),
    pause: ms => to.pause(ms),
  })
  from.read(packet => {
    if (isOfTrial(packet)) passing.take(packet, (emulation, bytes, now) => emulation.offerPacket(bytes, now))
    // The systems' own packets (neighbours, groups), and what is left of earlier trials, are neither delayed nor counted.
    else to.write(Buffer.from(packet))
  })
  return passing
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
