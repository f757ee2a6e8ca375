/** Which flow a packet is of, and what is none of the relay's business. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TunDevice } from '../../../transports/contract/sockets.ts'
import { PacketRelay } from '../../../transports/impairment/packet-relay.ts'

/** A device whose packets the test makes. */
class Device implements TunDevice {
  readonly written: Buffer[] = []
  dropped = 3
  #take: (packet: Buffer) => void = () => {}

  read(take: (packet: Buffer) => void): void {
    this.#take = take
  }

  write(packet: Buffer): boolean {
    this.written.push(packet)
    return true
  }

  give(packet: Buffer): void {
    this.#take(packet)
  }

  pause(ms: number): Promise<void> {
    return sleep(ms)
  }

  async ready(): Promise<void> {}
  setMtu(): void {}

  drops(): number {
    return this.dropped
  }

  [Symbol.dispose](): void {}
}

/** An IPv4 packet of UDP. @param place flags and offset of a fragment */
function packet(to: number, { id = 0, place = 0, protocol = 17, from = 40_000 } = {}): Buffer {
  const bytes = Buffer.alloc(40)
  bytes[0] = 0x45
  bytes.writeUInt16BE(id, 4)
  bytes.writeUInt16BE(place, 6)
  bytes[9] = protocol
  // A later fragment has data where the ports would be.
  if ((place & 0x1fff) === 0) {
    bytes.writeUInt16BE(from, 20)
    bytes.writeUInt16BE(to, 22)
  } else bytes.writeUInt32BE(0xffff_ffff, 20)
  return bytes
}

/** Likewise of IPv6, with a fragment header. */
function fragment6(to: number, id: number, offset: number): Buffer {
  const bytes = Buffer.alloc(64)
  bytes[0] = 0x60
  bytes[6] = 44
  bytes[40] = 17
  bytes.writeUInt16BE((offset << 3) | 1, 42)
  bytes.writeUInt32BE(id, 44)
  if (offset === 0) bytes.writeUInt16BE(to, 50)
  return bytes
}

async function relayed(way: object, packets: readonly Buffer[], ports = [5000, 6000]) {
  const [sender, receiver] = [new Device(), new Device()]
  using relay = new PacketRelay(sender, receiver)
  relay.begin({ up: way, down: {} }, 1, ports)
  for (const each of packets) sender.give(each)
  sender.dropped += 2
  await sleep(5)
  return { reports: relay.reports(), passed: receiver.written.length }
}

describe('a relay of packets', () => {
  it('counts those of each flow apart, and fragments with the first of them', async () => {
    const { reports, passed } = await relayed({}, [
      packet(5000),
      packet(6000, { protocol: 6 }),
      packet(40_000, { from: 6000 }),
      packet(5000, { id: 7, place: 0x2000 }),
      packet(6000, { id: 8, place: 0x2000 }),
      packet(0, { id: 7, place: 3 }),
      fragment6(6000, 9, 0),
      fragment6(0, 9, 3),
      fragment6(0, 10, 3),
    ])
    assert.deepEqual(
      reports.map(({ up, down }) => [up.taken, up.passed, down.taken]),
      [
        [3, 3, 0],
        [5, 5, 0],
      ],
    )
    assert.equal(passed, 9)
    // Of earlier trials and of whichever flow.
    assert.deepEqual(
      reports.map(each => each.drops),
      [2, undefined],
    )
  })

  it('neither loses nor counts what is of no flow', async () => {
    const others = [
      packet(7000),
      packet(7000, { protocol: 1 }),
      packet(5000, { protocol: 58 }),
      Buffer.alloc(3),
    ]
    const { reports, passed } = await relayed({ loss: { share: 1 } }, [...others, packet(5000)])
    assert.equal(passed, others.length)
    assert.deepEqual(
      reports.map(({ up }) => [up.taken, up.lost]),
      [
        [1, 1],
        [0, 0],
      ],
    )
  })

  it('has one queue for all of them', async () => {
    const way = { rateBps: 1000, queueBytes: 100 }
    const { reports } = await relayed(
      way,
      [5000, 6000, 5000, 6000].map(to => packet(to)),
    )
    const [one, other] = reports.map(({ up }) => up)
    assert.deepEqual([one?.taken, other?.taken], [2, 2])
    // Two of 40 bytes wait, and there is no room for a third.
    assert.equal((one?.dropped ?? 0) + (other?.dropped ?? 0), 2)
  })
})
