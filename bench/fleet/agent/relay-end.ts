/** The end that stands between the others, and emulates the way. */
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { openDatagramRelay } from '../../../transports/impairment/datagram-relay.ts'
import { PacketRelay } from '../../../transports/impairment/packet-relay.ts'
import { openStreamRelay } from '../../../transports/impairment/stream-relay.ts'
import type { FromAgent, Prepare } from '../calls/agent-calls.ts'
import type { Apart } from '../calls/handle.ts'
import type { End } from './end.ts'
import { shapingEnd } from './shaping-end.ts'

/** @throws the system's error */
export async function openRelayEnd(
  { trial, local, relay: asked }: Prepare,
  { traits }: Transport,
  sockets: Sockets,
  signal: AbortSignal,
  post: (message: FromAgent) => void,
): Promise<End> {
  if (!asked) throw new Error('a relay has a receiver')
  const { apart, ...relayed } = asked
  if (apart?.joint === 'tun') return packetEnd(trial, apart, asked, sockets, post)
  if (apart) return shapingEnd(trial, apart, asked, post)
  const setting = { local, ...relayed, signal }
  const relay =
    traits.socket === 'stream' ? await openStreamRelay(setting) : await openDatagramRelay(sockets, setting)
  return {
    endpoint: relay.endpoint,
    async settle() {
      post({ type: 'relay-report', trial, reports: [relay.report()] })
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  }
}

/** Between the same processes as before. Their devices end with them. */
let packets: { readonly ends: string; readonly relay: PacketRelay } | undefined

async function packetEnd(
  trial: number,
  { device: name, sender, receiver }: Apart,
  { to, way, seed, ports = [to.port] }: NonNullable<Prepare['relay']>,
  sockets: Sockets,
  post: (message: FromAgent) => void,
): Promise<End> {
  const ends = `${sender} ${receiver}`
  if (packets?.ends !== ends) {
    packets?.relay[Symbol.dispose]()
    packets = undefined
    const open = (pid: number) => {
      const device = sockets.openTun?.(pid, name)
      if (!device) throw new Error(`the ${sockets.engine} engine has no TUN devices`)
      return device
    }
    const first = open(sender)
    try {
      packets = { ends, relay: new PacketRelay(first, open(receiver)) }
    } catch (error) {
      first[Symbol.dispose]()
      throw error
    }
  }
  const { relay } = packets
  await relay.ready()
  relay.begin(way, seed, ports)
  return {
    endpoint: to,
    async settle() {
      post({ type: 'relay-report', trial, reports: [...relay.reports()] })
    },
    async [Symbol.asyncDispose]() {},
  }
}
