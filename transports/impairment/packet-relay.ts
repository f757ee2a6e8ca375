/**
 * A relay of IP packets between the TUN devices of both ends: what it does, it does to TCP’s packets as to UDP’s. The flows of a trial meet in its
 * queues; what became of the packets of each is counted apart.
 */
import type { TunDevice } from '../contract/sockets.ts'
import { Emulation } from './emulation.ts'
import { Passing } from './passing.ts'
import type { RelayReport } from './relay.ts'
import { type LinkCounts, noCounts, type Way } from './spec.ts'

/** As of Ethernet. */
const MTU_BYTES = 1500

/** What became of the packets of a flow, there and back. */
interface FlowCounts {
  readonly up: LinkCounts
  readonly down: LinkCounts
}

export class PacketRelay implements Disposable {
  readonly #sender: TunDevice
  readonly #receiver: TunDevice
  readonly #up: Passing
  readonly #down: Passing
  /** By the port of its receiver: packets of earlier trials have another one. */
  #flows: ReadonlyMap<number, FlowCounts> = new Map()
  #dropsBefore: number | undefined

  constructor(sender: TunDevice, receiver: TunDevice) {
    this.#sender = sender
    this.#receiver = receiver
    const counts = (direction: keyof FlowCounts) => (port: number) => this.#flows.get(port)?.[direction]
    this.#up = between(sender, receiver, counts('up'))
    this.#down = between(receiver, sender, counts('down'))
  }

  /** Resolves once both systems send by their devices. */
  async ready(): Promise<void> {
    for (const each of [this.#sender, this.#receiver]) await each.ready()
  }

  /** Forgets what is on its way, and begins anew. @param ports of the receivers of the trial's flows */
  begin(way: Way, seed: number, ports: readonly number[]): void {
    this.#sender.setMtu(way.up.mtuBytes ?? MTU_BYTES)
    this.#receiver.setMtu(way.down.mtuBytes ?? MTU_BYTES)
    this.#flows = new Map(ports.map(port => [port, { up: noCounts(), down: noCounts() }]))
    this.#up.begin(new Emulation(way.up, 4, seed))
    this.#down.begin(new Emulation(way.down, 4, ~seed))
    this.#dropsBefore = this.#drops()
  }

  /** Of each flow, in the order of its ports; whose packets found no room in the queues before it is not known, so that the first has all of them. */
  reports(): readonly RelayReport[] {
    const lateMs = Math.max(this.#up.lateMs, this.#down.lateMs)
    const [now, before] = [this.#drops(), this.#dropsBefore]
    const drops = now === undefined || before === undefined ? {} : { drops: now - before }
    return [...this.#flows.values()].map((counts, index) => ({
      ...counts,
      lateMs,
      ...(index === 0 ? drops : {}),
    }))
  }

  #drops(): number | undefined {
    const [up, down] = [this.#sender.drops(), this.#receiver.drops()]
    return up === undefined || down === undefined ? undefined : up + down
  }

  [Symbol.dispose](): void {
    for (const each of [this.#up, this.#down]) each.end()
    for (const each of [this.#sender, this.#receiver]) each[Symbol.dispose]()
  }
}

function between(
  from: TunDevice,
  to: TunDevice,
  countsOf: (port: number) => LinkCounts | undefined,
): Passing {
  const passing = new Passing(new Emulation({}, 4, 0), {
    handOn: bytes => to.write(bytes),
    pause: ms => to.pause(ms),
  })
  const flows = new PacketFlows(countsOf)
  from.read(packet => {
    const counts = flows.of(packet)
    if (counts)
      passing.take(packet, (emulation, bytes, now) => emulation.offerPacket(bytes, now, counts), counts)
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
/** As long as a header of UDP. */
const IPV6_FRAGMENT_BYTES = 8
const LEAST_BYTES = 24
/** Datagrams whose fragments are still under way. */
const MOST_CUT = 64

/** Which flow a packet of one direction is of. */
class PacketFlows {
  readonly #countsOf: (port: number) => LinkCounts | undefined
  /** By the number that the fragments of a datagram share: the first one alone has its ports. */
  readonly #cut = new Map<number, LinkCounts | undefined>()

  constructor(countsOf: (port: number) => LinkCounts | undefined) {
    this.#countsOf = countsOf
  }

  /** Undefined for one of no flow. */
  of(packet: Buffer): LinkCounts | undefined {
    const [first = 0] = packet
    if (packet.length < LEAST_BYTES) return undefined
    if (first >> 4 === 4) {
      const place = packet.readUInt16BE(6)
      const cut = (place & 0x3fff) > 0 ? packet.readUInt16BE(4) : undefined
      return this.#find(packet[9], packet, (first & 15) * 4, cut, (place & 0x1fff) > 0)
    }
    if (packet.length < IPV6_BYTES + IPV6_FRAGMENT_BYTES) return undefined
    if (packet[6] !== FRAGMENT) return this.#find(packet[6], packet, IPV6_BYTES, undefined, false)
    const isLater = packet.readUInt16BE(IPV6_BYTES + 2) >> 3 > 0
    return this.#find(
      packet[IPV6_BYTES],
      packet,
      IPV6_BYTES + IPV6_FRAGMENT_BYTES,
      packet.readUInt32BE(IPV6_BYTES + 4),
      isLater,
    )
  }

  /** @param at where its ports are @param cut number of the datagram that it is a fragment of @param isLater it is not the first of them */
  #find(
    protocol: number | undefined,
    packet: Buffer,
    at: number,
    cut: number | undefined,
    isLater: boolean,
  ): LinkCounts | undefined {
    if (protocol !== TCP && protocol !== UDP) return undefined
    if (cut !== undefined && isLater) return this.#cut.get(cut)
    if (packet.length < at + 4) return undefined
    const counts = this.#countsOf(packet.readUInt16BE(at)) ?? this.#countsOf(packet.readUInt16BE(at + 2))
    if (cut !== undefined) this.#remember(cut, counts)
    return counts
  }

  #remember(cut: number, counts: LinkCounts | undefined): void {
    this.#cut.delete(cut)
    this.#cut.set(cut, counts)
    const [oldest] = this.#cut.keys()
    if (this.#cut.size > MOST_CUT && oldest !== undefined) this.#cut.delete(oldest)
  }
}
