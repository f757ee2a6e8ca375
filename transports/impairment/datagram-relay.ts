/** A relay of datagrams: between a sender and a receiver, both ways, as an emulated way carries them. */
import { onAbort } from '../../base/waiting.ts'
import { wildcardOf } from '../contract/addresses.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import { type DatagramSocket, type Sockets, UDP_RCVBUF_BYTES } from '../contract/sockets.ts'
import { newTally } from '../engines/tally.ts'
import { Emulation } from './emulation.ts'
import { type Passage, Passing } from './passing.ts'
import type { Relay, RelaySetting } from './relay.ts'

/** @throws the system's error */
export async function openDatagramRelay(sockets: Sockets, setting: RelaySetting): Promise<Relay> {
  const { local, to, way, seed, signal } = setting
  const options = { rcvbufBytes: UDP_RCVBUF_BYTES }
  const front = await sockets.bindDatagram({ local, options, signal })
  try {
    const anywhere = { host: wildcardOf(to.family), port: 0, family: to.family }
    const back = await sockets.bindDatagram({ local: anywhere, connect: to, options, signal })
    let client: Endpoint | undefined
    const passage = (socket: DatagramSocket, to: () => Endpoint | undefined): Passage => ({
      async handOn(bytes) {
        const tally = newTally()
        await socket.send(bytes, Math.max(1, bytes.length), 0, 1, tally, to())
        return tally.accepted === 1
      },
      pause: ms => socket.pause(ms),
    })
    const up = new Passing(
      new Emulation(way.up, to.family, seed),
      passage(back, () => undefined),
    )
    const down = new Passing(
      new Emulation(way.down, to.family, ~seed),
      passage(front, () => client),
    )
    const offer = (emulation: Emulation, bytes: number, now: number) => emulation.offer(bytes, now)
    front.read((memory, start, end, from) => {
      client = from
      up.take(memory.subarray(start, end), offer)
    })
    back.read((memory, start, end) => down.take(memory.subarray(start, end), offer))
    const ended = onAbort(signal, () => {
      up.end()
      down.end()
    })
    return {
      endpoint: front.local,
      report: () => ({
        up: up.counts,
        down: down.counts,
        lateMs: Math.max(up.lateMs, down.lateMs),
        drops: sumOfKnown(front.info().drops, back.info().drops),
      }),
      async [Symbol.asyncDispose]() {
        up.end()
        down.end()
        ended[Symbol.dispose]()
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
